//! The handle: counts violations, bans, lifts bans, tells about both.

use std::{cmp::Reverse, io, net::IpAddr, sync::Arc};

use palisade_core::{
    ClientIpSource, ConfigError, IpKey, Ipv6Prefix, Moment, SecurityContext, TokenDigest,
    ViolationKind,
};

use crate::{
    AutoBanBuilder, AutoBanStatus, BanError, BanFileStatus, BanList, BanOrder, Evidence,
    OffenderStats, SafeMode, ViolationStats,
    ban::Record,
    bans::{Added, Found},
    config::Settings,
    keeper::{Keeper, Kept},
    log::{self, Change},
    protected::Protected,
    target::{LONGEST_USER_ID, Offender, Target, is_user_id, token_digest},
};

/// The most offenders that [`AutoBan::violations`] lists.
const LISTED: usize = 1000;

/// Violations and bans, shared by the policies and the admin API. Clones share them.
///
/// When the last clone is dropped, what is not on disk yet is written; that blocks.
#[derive(Clone, Debug)]
pub struct AutoBan {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kept: Arc<Kept>,
    settings: Settings,
    safe_mode: Option<SafeMode>,
    /// Dropped with the last handle: it writes what is not on disk yet.
    _keeper: Keeper,
}

// === impl AutoBan ===

impl AutoBan {
    /// Starts with the documented settings, in memory alone.
    pub fn builder() -> AutoBanBuilder {
        AutoBanBuilder::default()
    }

    pub(crate) fn new(
        kept: Arc<Kept>,
        settings: Settings,
        safe_mode: Option<SafeMode>,
        keeper: Keeper,
    ) -> Self {
        Self { inner: Arc::new(Inner { kept, settings, safe_mode, _keeper: keeper }) }
    }

    /// Counts a violation against who sent the request: the user for a used-up quota, if one was proven, else the
    /// client's address. If nobody is known, nothing is counted.
    ///
    /// The policies count refusals by themselves; this is for a detector that does not refuse.
    pub fn report(&self, context: &SecurityContext, kind: ViolationKind) {
        let Some(offender) = Offender::of(context, kind) else { return };
        let now = context.arrived();
        let Some(evidence) = self.inner.kept.violations.record(&offender, kind, now) else {
            return;
        };
        let target = Target::from(offender);
        // The header of a trusted proxy made no sense, so the address is the proxy's: banning it bans everyone.
        let proxy = context
            .client_ip()
            .is_some_and(|client| client.source() == ClientIpSource::PeerAfterJunk);
        let protected = match &target {
            Target::Ip(key) => proxy || self.protected().overlaps(*key),
            Target::User(_) | Target::Token(_) => false,
        };
        if protected {
            return log::refused(&target, "protected", Record::BY_AUTO_BAN);
        }
        self.ban_automatically(&target, evidence, now);
    }

    /// Bans an address or an IPv6 network, in place of a ban that it may have.
    ///
    /// # Errors
    ///
    /// If it is neither, is protected, or there is no room.
    pub fn ban_ip(&self, ip: &str, order: BanOrder) -> Result<(), BanError> {
        let key: IpKey = ip.parse().map_err(|_| {
            let expected = "an address (`203.0.113.9`) or an IPv6 network of 48 to 128 bits (`2001:db8:1:2::/64`)";
            BanError::Value(ConfigError::new("address", ip).expected(expected))
        })?;
        let target = Target::Ip(key);
        if self.protected().overlaps(key) {
            log::refused(&target, "protected", &order.by);
            return Err(BanError::Protected);
        }
        self.ban(&target, order)
    }

    /// Bans a user by the subject of the identity, in place of a ban that he may have.
    ///
    /// # Errors
    ///
    /// If the id is empty or longer than 256 bytes, or there is no room.
    pub fn ban_user(&self, subject: &str, order: BanOrder) -> Result<(), BanError> {
        if !is_user_id(subject) {
            let expected = format!("1 to {LONGEST_USER_ID} bytes");
            return Err(BanError::Value(ConfigError::new("user id", subject).expected(expected)));
        }
        self.ban(&Target::User(subject.into()), order)
    }

    /// Bans a token, given in clear or as `sha256:<hex>`. Its digest alone is kept.
    ///
    /// # Errors
    ///
    /// If no request can present such a token, or there is no room.
    pub fn ban_token(&self, token: &str, order: BanOrder) -> Result<(), BanError> {
        let digest = token_digest(token).map_err(BanError::Value)?;
        self.ban(&Target::Token(digest), order)
    }

    /// Lifts every ban that applies to an address, or the ban of a network, and forgets the violations of those. Returns
    /// whether there was a ban. `by` is who lifts it, for the security log.
    ///
    /// # Errors
    ///
    /// If it is neither an address nor an IPv6 network.
    pub fn unban_ip(&self, ip: &str, by: &str) -> Result<bool, BanError> {
        let named: IpKey = ip.parse().map_err(|error: palisade_core::IpKeyError| {
            BanError::Value(ConfigError::new("address", ip).expected(error.to_string()))
        })?;
        let mut keys = match ip.parse::<IpAddr>() {
            Ok(addr) => self.inner.kept.bans.keys_holding(addr),
            Err(_) => Vec::new(),
        };
        keys.push(named);
        let lifted = self.lift(&Target::Ip(named), keys.into_iter().map(Target::Ip), by);
        self.forget_ip(named);
        Ok(lifted)
    }

    /// Lifts the ban of a user and forgets his violations. Returns whether there was one.
    pub fn unban_user(&self, subject: &str, by: &str) -> bool {
        let target = Target::User(subject.into());
        let lifted = self.lift(&target, [target.clone()], by);
        self.inner.kept.violations.forget(&Offender::User(subject.into()));
        lifted
    }

    /// Lifts the ban of a token, given in clear or as `sha256:<hex>`. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// If it is neither.
    pub fn unban_token(&self, token: &str, by: &str) -> Result<bool, BanError> {
        let target = Target::Token(token_digest(token).map_err(BanError::Value)?);
        Ok(self.lift(&target, [target.clone()], by))
    }

    /// The bans in force.
    #[must_use]
    pub fn bans(&self) -> BanList {
        self.inner.kept.bans.list(self.now().wall())
    }

    /// Who has violations within the window.
    #[must_use]
    pub fn violations(&self) -> ViolationStats {
        let violations = &self.inner.kept.violations;
        let mut list = violations.list(self.now());
        list.sort_by_key(|(_, evidence)| {
            (Reverse(evidence.violations.total()), Reverse(evidence.last))
        });
        list.truncate(LISTED);
        let settings = &self.inner.settings;
        ViolationStats {
            tracked: violations.len(),
            capacity: settings.max_keys,
            forgotten: violations.forgotten(),
            threshold: settings.threshold,
            window_ms: settings.window.as_millis().try_into().unwrap_or(u64::MAX),
            offenders: list.into_iter().map(stats).collect(),
        }
    }

    /// How it is doing.
    #[must_use]
    pub fn status(&self) -> AutoBanStatus {
        let Inner { kept, safe_mode, .. } = &*self.inner;
        let (banned_ips, banned_users, banned_tokens) = kept.bans.counts();
        let (written, write_error) = kept.journal.status();
        let safe_mode = safe_mode.clone();
        let file = kept.path.clone();
        AutoBanStatus {
            banned_ips,
            banned_users,
            banned_tokens,
            tracked: kept.violations.len(),
            file: file.map(|path| BanFileStatus { path, written, write_error, safe_mode }),
        }
    }

    /// Forgets violations outside the window and bans that ended. A thread does it at the interval of the settings;
    /// whoever drives the time himself may call it.
    pub fn cleanup(&self, now: Moment) {
        self.inner.kept.cleanup(now);
    }

    /// Waits until all bans and lifted bans so far are on disk. Blocks.
    ///
    /// # Errors
    ///
    /// Why they are not. It is tried again every second.
    pub fn flush(&self) -> io::Result<()> {
        self.inner.kept.journal.flush()
    }

    /// Whether a token is banned at `now`: of one that is presented the policy asks, of one that was presented earlier whoever
    /// keeps what it opened, such as a stream. Takes no lock that a request waits for.
    #[must_use]
    pub fn is_token_banned(&self, digest: &TokenDigest, now: Moment) -> bool {
        self.inner.kept.bans.find_token(digest, now.wall()).is_some()
    }

    pub(crate) fn banned_ip(&self, context: &SecurityContext) -> Option<(IpKey, Found)> {
        let addr = context.client_ip()?.addr();
        let found = self.inner.kept.bans.find_ip(addr, context.arrived().wall())?;
        // Only asked of the banned, so it costs the others nothing. A network may have become protected after the ban.
        (!self.protected().contains(addr)).then_some(found)
    }

    pub(crate) fn banned_user(&self, context: &SecurityContext) -> Option<Found> {
        self.inner.kept.bans.find_user(context.identity()?.subject(), context.arrived().wall())
    }

    pub(crate) fn bans_ips(&self) -> bool {
        self.inner.kept.bans.has_ips()
    }

    pub(crate) fn bans_tokens(&self) -> bool {
        self.inner.kept.bans.has_tokens()
    }

    pub(crate) fn banned_token(
        &self,
        digest: &TokenDigest,
        context: &SecurityContext,
    ) -> Option<Found> {
        self.inner.kept.bans.find_token(digest, context.arrived().wall())
    }

    fn ban_automatically(&self, target: &Target, evidence: Evidence, now: Moment) {
        let record = Record::automatic(now.wall(), self.inner.settings.ban_duration, evidence);
        let change = Change::of(target, &record);
        match self.inner.kept.bans.add(target, record) {
            Added::New => {
                log::added(&change);
                self.inner.kept.changed();
            }
            Added::Known => {}
            Added::Full => log::refused(target, "no-room", Record::BY_AUTO_BAN),
        }
    }

    fn ban(&self, target: &Target, order: BanOrder) -> Result<(), BanError> {
        let record = order.record(self.now().wall());
        let change = Change::of(target, &record);
        if self.inner.kept.bans.replace(target, record) == Added::Full {
            log::refused(target, "no-room", &change.by);
            return Err(BanError::NoRoom);
        }
        log::added(&change);
        self.inner.kept.changed();
        Ok(())
    }

    /// Lifts the bans of `targets`, which `named` stands for. Returns whether one was in force.
    fn lift(&self, named: &Target, targets: impl IntoIterator<Item = Target>, by: &str) -> bool {
        let (mut lifted, at) = (false, self.now().wall());
        for target in targets {
            lifted |= self.inner.kept.bans.remove(&target, at);
        }
        log::lifted(named, if lifted { "lifted" } else { "not-banned" }, by);
        if lifted {
            self.inner.kept.changed();
        }
        lifted
    }

    /// Forgets the violations of every key that holds the named address: which prefix counts is the request's to say.
    fn forget_ip(&self, named: IpKey) {
        for prefix in 48..=named.prefix() {
            if let Ok(prefix) = Ipv6Prefix::new(prefix) {
                self.inner
                    .kept
                    .violations
                    .forget(&Offender::Ip(IpKey::new(named.network(), prefix)));
            }
        }
        self.inner.kept.violations.forget(&Offender::Ip(named));
    }

    fn protected(&self) -> &Protected {
        &self.inner.settings.protected
    }

    fn now(&self) -> Moment {
        self.inner.kept.clock.now()
    }
}

fn stats((offender, evidence): (Offender, Evidence)) -> OffenderStats {
    let target = Target::from(offender);
    let Evidence { violations, first, last } = evidence;
    OffenderStats { kind: target.kind(), value: target.to_string(), violations, first, last }
}
