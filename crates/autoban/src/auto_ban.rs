//! The handle: what it shares, how it is doing, and what the policies ask.

use std::{
    cmp::Reverse,
    io,
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use palisade_core::{
    ClientIp, ClientIpSource, IpKey, Ipv6Prefix, Moment, SecurityContext, TokenDigest,
};

use crate::{
    AutoBanBuilder, AutoBanStatus, BanExchange, BanFileStatus, BanList, BanTarget, Evidence,
    OffenderStats, SafeMode, ViolationCounts, ViolationStats,
    bans::Found,
    config::Settings,
    keeper::{Keeper, Kept},
    protected::Protected,
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

    /// What violations within the window may weigh together: more is a ban.
    #[must_use]
    pub fn threshold(&self) -> u32 {
        self.settings().threshold
    }

    /// How long a violation counts.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.settings().window
    }

    /// The bans in force.
    #[must_use]
    pub fn bans(&self) -> BanList {
        self.kept().bans.list(self.now().wall())
    }

    /// Who has violations within the window.
    #[must_use]
    pub fn violations(&self) -> ViolationStats {
        let violations = &self.kept().violations;
        let mut list = violations.list(self.now());
        list.sort_by_key(|(_, evidence)| (Reverse(evidence.weight), Reverse(evidence.last)));
        list.truncate(LISTED);
        let settings = self.settings();
        ViolationStats {
            tracked: violations.len(),
            capacity: settings.max_keys,
            forgotten: violations.forgotten(),
            threshold: settings.threshold,
            weights: settings.weights,
            counted: violations.counted(),
            window_ms: settings.window.as_millis().try_into().unwrap_or(u64::MAX),
            offenders: list.into_iter().map(stats).collect(),
        }
    }

    /// How many violations of each kind were counted since the start.
    #[must_use]
    pub fn counted(&self) -> ViolationCounts {
        self.kept().violations.counted()
    }

    /// How many addresses, users and tokens with violations were forgotten since the start because there was no room.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.kept().violations.forgotten()
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
        self.kept().cleanup(now);
    }

    /// Waits until all bans and lifted bans so far are on disk. Blocks.
    ///
    /// # Errors
    ///
    /// Why they are not. It is tried again every second.
    pub fn flush(&self) -> io::Result<()> {
        self.kept().journal.flush()
    }

    /// Whether a token is banned at `now`: of one that is presented the policy asks, of one that was presented earlier whoever
    /// keeps what it opened, such as a stream. Takes no lock that a request waits for.
    #[must_use]
    pub fn is_token_banned(&self, digest: &TokenDigest, now: Moment) -> bool {
        self.kept().bans.find_token(digest, now.wall()).is_some()
    }

    /// Whether requests of this address are refused at `at`. Counts nothing.
    #[must_use]
    pub fn is_ip_banned(&self, addr: IpAddr, at: SystemTime) -> bool {
        // Whoever is protected for being on this machine is so by the socket.
        let client = ClientIp::new(addr, ClientIpSource::Peer, Ipv6Prefix::default());
        self.kept().bans.find_ip(addr, at).is_some() && !self.protected().serves(&client)
    }

    pub(crate) fn banned_ip(&self, context: &SecurityContext) -> Option<(IpKey, Found)> {
        let client = context.client_ip()?;
        let found = self.kept().bans.find_ip(client.addr(), context.arrived().wall())?;
        // Only asked of the banned, so it costs the others nothing. A network may have become protected after the ban.
        (!self.protected().serves(client)).then_some(found)
    }

    pub(crate) fn banned_user(&self, context: &SecurityContext) -> Option<Found> {
        self.kept().bans.find_user(context.identity()?, context.arrived().wall())
    }

    pub(crate) fn bans_ips(&self) -> bool {
        self.kept().bans.has_ips()
    }

    pub(crate) fn bans_tokens(&self) -> bool {
        self.kept().bans.has_tokens()
    }

    pub(crate) fn banned_token(
        &self,
        digest: &TokenDigest,
        context: &SecurityContext,
    ) -> Option<Found> {
        self.kept().bans.find_token(digest, context.arrived().wall())
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.inner.kept
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn exchange(&self) -> Option<&dyn BanExchange> {
        self.settings().exchange.as_deref()
    }

    pub(crate) fn protected(&self) -> &Protected {
        &self.settings().protected
    }

    pub(crate) fn now(&self) -> Moment {
        self.kept().clock.now()
    }
}

fn stats((offender, evidence): (BanTarget, Evidence)) -> OffenderStats {
    let Evidence { violations, weight, first, last, routes } = evidence;
    OffenderStats {
        kind: offender.kind(),
        value: offender.to_string(),
        issuer: offender.issuer().map(Into::into),
        violations,
        weight,
        first,
        last,
        routes,
    }
}
