//! Whom a ban is for, as an admin names him, and what is banned around that name.

use std::net::IpAddr;

use palisade::{
    autoban::{AutoBan, Ban, BanError, BanOrder},
    core::{IpKey, Ipv6Prefix, SecurityContext, TokenDigest},
};

use crate::app::Shared;

/// Whom a ban is for.
#[derive(Clone)]
pub(super) enum BanTarget {
    /// An address or an IPv6 network.
    Ip(IpKey),
    User(String),
    /// By its digest: what is told and kept of it is never the token.
    Token(TokenDigest),
}

/// The bans that a change may replace or lift, to make them again where the change is taken back.
pub(super) struct BansBefore {
    target: BanTarget,
    bans: Vec<Ban>,
}

// === impl BanTarget ===

impl BanTarget {
    /// Reads a token in clear or as `sha256:<hex>`.
    pub(super) fn token(text: &str) -> Option<Self> {
        let digest = match text.strip_prefix("sha256:") {
            Some(hex) => TokenDigest::from_hex(hex)?,
            None if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                return None;
            }
            None => TokenDigest::of(text),
        };
        Some(Self::Token(digest))
    }

    /// As answers, files and the audit name him.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Ip(key) => key.to_string(),
            Self::User(subject) => subject.clone(),
            Self::Token(digest) => format!("sha256:{digest}"),
        }
    }

    /// Whether a ban of it would refuse the one who asks.
    pub(super) fn is_of(&self, context: &SecurityContext) -> bool {
        match self {
            Self::Ip(key) => {
                context.client_ip().is_some_and(|client| overlap(*key, whole(client.addr())))
            }
            Self::User(subject) => {
                context.identity().is_some_and(|admin| admin.subject() == subject)
            }
            Self::Token(digest) => {
                let own = context.presented().and_then(|presented| presented.one());
                own.is_some_and(|own| own.token().digests().any(|own| own == digest))
            }
        }
    }

    pub(super) fn ban(&self, auto_ban: &AutoBan, order: BanOrder) -> Result<(), BanError> {
        match self {
            Self::Ip(key) => auto_ban.ban_ip(&key.to_string(), order),
            Self::User(subject) => auto_ban.ban_user(subject, order),
            Self::Token(_) => auto_ban.ban_token(&self.name(), order),
        }
    }

    /// Returns whether there was a ban.
    pub(super) fn unban(&self, auto_ban: &AutoBan, by: &str) -> Result<bool, BanError> {
        match self {
            Self::Ip(key) => auto_ban.unban_ip(&key.to_string(), by),
            Self::User(subject) => Ok(auto_ban.unban_user(subject, by)),
            Self::Token(_) => auto_ban.unban_token(&self.name(), by),
        }
    }

    fn is_meant_by(&self, ban: &Ban) -> bool {
        match self {
            // Lifting the ban of an address lifts those of the networks around it.
            Self::Ip(key) => ban.value.parse().is_ok_and(|other| overlap(*key, other)),
            Self::User(_) | Self::Token(_) => ban.value == self.name(),
        }
    }
}

// === impl BansBefore ===

impl BansBefore {
    /// Takes note of them.
    pub(super) fn of(target: &BanTarget, auto_ban: &AutoBan) -> Self {
        let all = auto_ban.bans();
        let bans = match target {
            BanTarget::Ip(_) => all.ips,
            BanTarget::User(_) => all.users,
            BanTarget::Token(_) => all.tokens,
        };
        let bans = bans.into_iter().filter(|ban| target.is_meant_by(ban)).collect();
        Self { target: target.clone(), bans }
    }

    /// Makes it so again. A ban comes back with its reason and its end, but without its evidence; violations that were
    /// forgotten stay so.
    pub(super) fn restore(self, shared: &Shared, by: &str) {
        let Some(auto_ban) = &shared.auto_ban else { return };
        let now = shared.clock.now().wall();
        let lifted = self.target.unban(auto_ban, by).map(drop);
        let again = self.bans.into_iter().filter_map(|ban| {
            let mut order = BanOrder::by(ban.by);
            if let Some(reason) = ban.reason {
                order = order.reason(reason);
            }
            if let Some(until) = ban.until {
                order = order.lasting(until.duration_since(now).ok()?);
            }
            let target = match &self.target {
                BanTarget::Ip(_) => BanTarget::Ip(ban.value.parse().ok()?),
                same => same.clone(),
            };
            Some(target.ban(auto_ban, order))
        });
        for error in std::iter::once(lifted).chain(again).filter_map(Result::err) {
            tracing::error!(%error, "a change of bans could not be taken back");
        }
    }
}

fn whole(addr: IpAddr) -> IpKey {
    IpKey::new(addr, Ipv6Prefix::WHOLE)
}

/// Whether one of two networks holds the other.
fn overlap(one: IpKey, other: IpKey) -> bool {
    let bits = one.prefix().min(other.prefix());
    let within = |key: IpKey| match key.network() {
        IpAddr::V4(_) => Some(key),
        IpAddr::V6(_) => Some(IpKey::new(key.network(), Ipv6Prefix::new(bits).ok()?)),
    };
    within(one).is_some() && within(one) == within(other)
}
