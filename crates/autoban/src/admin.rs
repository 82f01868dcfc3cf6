//! What people do: ban, and lift bans.

use std::net::IpAddr;

use palisade_core::{IpKey, Ipv6Prefix, Presented};

use crate::{AutoBan, Ban, BanError, BanOrder, BanTarget, PlannedChange, log, plan::Lift};

// === impl AutoBan ===

impl AutoBan {
    /// Bans an address or an IPv6 network, in place of a ban that it may have.
    ///
    /// # Errors
    ///
    /// If it is neither, is protected, or there is no room.
    pub fn ban_ip(&self, ip: &str, order: BanOrder) -> Result<(), BanError> {
        self.ban(&BanTarget::ip(ip).map_err(BanError::Value)?, order)
    }

    /// Bans a user by the subject of the identity, whoever vouches for it, in place of a ban that he may have.
    ///
    /// # Errors
    ///
    /// If the id is empty or longer than 256 bytes, or there is no room.
    pub fn ban_user(&self, subject: &str, order: BanOrder) -> Result<(), BanError> {
        self.ban(&BanTarget::user(subject).map_err(BanError::Value)?, order)
    }

    /// Bans a user by issuer and subject: one of the same name at another issuer is somebody else. An empty issuer stands
    /// for identities without one, such as those of API keys.
    ///
    /// # Errors
    ///
    /// If the id is empty, one of the two is longer than 256 bytes, or there is no room.
    pub fn ban_user_of(
        &self,
        issuer: &str,
        subject: &str,
        order: BanOrder,
    ) -> Result<(), BanError> {
        self.ban(&BanTarget::user_of(issuer, subject).map_err(BanError::Value)?, order)
    }

    /// Bans a token, given in clear or as `sha256:<hex>`. Its digest alone is kept.
    ///
    /// # Errors
    ///
    /// If no request can present such a token, or there is no room.
    pub fn ban_token(&self, token: &str, order: BanOrder) -> Result<(), BanError> {
        self.ban(&BanTarget::token(token).map_err(BanError::Value)?, order)
    }

    /// Lifts every ban that applies to an address, or the ban of a network, and forgets the violations of those. Returns
    /// the bans that were lifted. `by` is who lifts them, for the security log.
    ///
    /// # Errors
    ///
    /// If it is neither an address nor an IPv6 network.
    pub fn unban_ip(&self, ip: &str, by: &str) -> Result<Vec<Ban>, BanError> {
        Ok(self.unban(&BanTarget::ip(ip).map_err(BanError::Value)?, by))
    }

    /// Lifts the bans of a user, whoever vouches for him, and forgets his violations. Returns the bans that were lifted.
    pub fn unban_user(&self, subject: &str, by: &str) -> Vec<Ban> {
        // Nobody has such a name, so nobody of that name is banned.
        BanTarget::user(subject).map_or_else(|_| Vec::new(), |target| self.unban(&target, by))
    }

    /// Lifts the ban of the user of one issuer. One for his subject at every issuer stays.
    pub fn unban_user_of(&self, issuer: &str, subject: &str, by: &str) -> Vec<Ban> {
        let target = BanTarget::user_of(issuer, subject);
        target.map_or_else(|_| Vec::new(), |target| self.unban(&target, by))
    }

    /// Lifts the ban of a token, given in clear or as `sha256:<hex>`. Returns the bans that were lifted: in clear, a token
    /// that is signed by ECDSA stands for its twin too.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn unban_token(&self, token: &str, by: &str) -> Result<Vec<Ban>, BanError> {
        let named = BanTarget::token(token).map_err(BanError::Value)?;
        let lift = Lift { targets: digests(token, &named), named, by: by.into() };
        Ok(PlannedChange::lift(self, lift).put_in_force_unchecked().settle())
    }

    /// Prepares a ban, so that it can be recorded before it is in force. Nothing happens yet.
    ///
    /// # Errors
    ///
    /// If the address is protected.
    pub fn plan_ban(&self, target: &BanTarget, order: BanOrder) -> Result<PlannedChange, BanError> {
        if self.is_protected(target) {
            log::refused(Some(target), "protected", &order.by, 0);
            return Err(BanError::Protected);
        }
        Ok(PlannedChange::ban(self, target, order))
    }

    /// Prepares to lift the bans that `target` names, as the functions that lift do: every ban that applies to an address,
    /// and those of a subject at every issuer. Nothing happens yet. `by` is who lifts them.
    pub fn plan_lift(&self, target: &BanTarget, by: &str) -> PlannedChange {
        let targets = self.named_by(target);
        PlannedChange::lift(self, Lift { named: target.clone(), targets, by: by.into() })
    }

    /// Forgets what is held against whom a person let off.
    pub(crate) fn forgive_named(&self, named: &BanTarget) {
        self.forgive(named);
        match named {
            BanTarget::Ip(key) => self.forgive_ip(*key),
            BanTarget::User(user) if user.issuer.is_none() => {
                self.kept().violations.forget_subject(&user.subject);
            }
            BanTarget::User(_) | BanTarget::Token(_) => {}
        }
    }

    fn ban(&self, target: &BanTarget, order: BanOrder) -> Result<(), BanError> {
        self.plan_ban(target, order)?.put_in_force()?.settle();
        Ok(())
    }

    fn unban(&self, target: &BanTarget, by: &str) -> Vec<Ban> {
        self.plan_lift(target, by).put_in_force_unchecked().settle()
    }

    /// The keys of the bans that `named` stands for.
    fn named_by(&self, named: &BanTarget) -> Vec<BanTarget> {
        let bans = &self.kept().bans;
        match named {
            BanTarget::Ip(key) => {
                let whole = IpKey::new(key.network(), Ipv6Prefix::WHOLE) == *key;
                let mut keys = if whole { bans.keys_holding(key.network()) } else { Vec::new() };
                keys.retain(|held| held != key);
                keys.push(*key);
                keys.into_iter().map(BanTarget::Ip).collect()
            }
            BanTarget::User(user) => bans.users_named(user),
            BanTarget::Token(_) => vec![named.clone()],
        }
    }

    /// Forgets the violations of every key that holds the named address: which prefix counts is the request's to say.
    fn forgive_ip(&self, named: IpKey) {
        let addr: IpAddr = named.network();
        for prefix in 48..=named.prefix() {
            if let Ok(prefix) = Ipv6Prefix::new(prefix) {
                self.forgive(&BanTarget::Ip(IpKey::new(addr, prefix)));
            }
        }
    }
}

/// The digests under which a ban of this token may stand.
fn digests(token: &str, named: &BanTarget) -> Vec<BanTarget> {
    let mut head = http::Request::new(()).into_parts().0;
    if let Ok(value) = http::HeaderValue::from_str(token) {
        head.headers.insert("x-api-key", value);
    }
    let presented = Presented::find(&head, None);
    let mut targets: Vec<_> = presented
        .one()
        .map(|credential| credential.token().digests().map(|digest| BanTarget::Token(*digest)))
        .into_iter()
        .flatten()
        .filter(|_| !token.starts_with("sha256:"))
        .collect();
    if !targets.contains(named) {
        targets.push(named.clone());
    }
    targets
}
