//! From violations to bans: by what is counted here, and by what all instances counted together.

use palisade_core::{ClientIpSource, IpKey, Moment, SecurityContext, ViolationKind};

use crate::{
    AutoBan, BanChange, BanTarget, Evidence, Violation,
    alerts::Alert,
    ban::Record,
    bans::Added,
    log::{self, Change},
    tally::Sighting,
    target,
};

// === impl AutoBan ===

impl AutoBan {
    /// Counts a violation against who sent the request: for a used-up quota the user, if one was proven, else the client's
    /// address; for a suspicious request the address, and the token if one was proven. If nobody is known, or only the
    /// address of a proxy whose header made no sense, nothing is counted.
    ///
    /// The policies count refusals by themselves; this is for a detector that does not refuse.
    pub fn report(&self, context: &SecurityContext, kind: ViolationKind) {
        if self.settings().weights.of(kind) == 0 {
            return;
        }
        let mut nobody = true;
        for target in target::offenders(context, kind) {
            nobody = false;
            self.count(&target, kind, context);
        }
        let client = context.client_ip();
        if nobody && client.is_some_and(|client| client.source() == ClientIpSource::PeerAfterJunk) {
            let now = context.arrived();
            self.kept().alerts.raise(Alert::Unverified, None, Record::BY_AUTO_BAN, now);
        }
    }

    /// Bans `target` because of what all instances counted together, as if it had been counted here: a protected address
    /// is not banned, who was banned before is banned for longer, and the exchange is told. Who is banned already is not
    /// banned again.
    pub fn convict(&self, target: &BanTarget, evidence: Evidence) {
        let now = self.now();
        self.kept().violations.forget(target);
        if self.is_protected(target) {
            let by = Record::BY_AUTO_BAN;
            return self.kept().alerts.raise(Alert::Protected, Some(target), by, now);
        }
        self.ban_automatically(target, evidence, now);
    }

    pub(crate) fn count(&self, target: &BanTarget, kind: ViolationKind, context: &SecurityContext) {
        let (now, weight) = (context.arrived(), self.settings().weights.of(kind));
        // Who is banned has his ban: what he sends until its end makes it no longer (threat P13).
        if weight == 0 || self.is_banned(target, context) {
            return;
        }
        self.kept().violations.count(kind);
        let sighting = Sighting { kind, weight, route: context.route() };
        let evidence = self.kept().violations.record(target, sighting, now);
        if let Some(exchange) = self.exchange()
            && !self.is_spared(target, context)
        {
            // Others know less of him: by their count he would be banned.
            exchange.violated(&Violation::new(target.clone(), kind, weight, now.wall()));
        }
        let Some(evidence) = evidence else { return };
        if self.is_spared(target, context) {
            let by = Record::BY_AUTO_BAN;
            return self.kept().alerts.raise(Alert::Protected, Some(target), by, now);
        }
        self.ban_automatically(target, evidence, now);
    }

    /// Whether a ban in force holds `target`, be it of a network around it or of the subject of every issuer.
    fn is_banned(&self, target: &BanTarget, context: &SecurityContext) -> bool {
        let (bans, at) = (&self.kept().bans, context.arrived().wall());
        match (target, context.client_ip()) {
            (BanTarget::Ip(_), Some(client)) => bans.find_ip(client.addr(), at).is_some(),
            (BanTarget::User(_), _) => self.banned_user(context).is_some(),
            _ => bans.is_banned(target, at),
        }
    }

    pub(crate) fn is_protected(&self, target: &BanTarget) -> bool {
        let protected = self.protected();
        let is_loopback = |key: &IpKey| protected.loopback && key.network().is_loopback();
        matches!(target, BanTarget::Ip(key) if protected.overlaps(*key) || is_loopback(key))
    }

    /// Whether `target` is not to be banned for what this client sends. A user is: he is proven, and not by the address.
    fn is_spared(&self, target: &BanTarget, context: &SecurityContext) -> bool {
        let client = context.client_ip();
        !matches!(target, BanTarget::User(_))
            && client.is_some_and(|client| self.protected().spares(client))
    }

    /// Tells the exchange.
    pub(crate) fn tell(&self, change: &BanChange) {
        if let Some(exchange) = self.exchange() {
            exchange.changed(change);
        }
    }

    fn ban_automatically(&self, target: &BanTarget, evidence: Evidence, now: Moment) {
        let (kept, at) = (self.kept(), now.wall());
        let last = kept.bans.record(target);
        if last.as_ref().is_some_and(|last| last.counts(at)) {
            // Instances that convict at one moment would else make of one offence several.
            return;
        }
        let offences = kept.past.next_offence(target, last.as_ref(), at);
        let settings = self.settings();
        let lasting = settings.ban_duration.map(|base| {
            let escalated =
                settings.escalation.map_or(base, |escalation| escalation.duration(base, offences));
            settings.jitter.apply(escalated)
        });
        let record = Record::automatic(at, lasting, offences, evidence);
        let (change, ban) = (Change::of(target, &record), record.ban_of(target));
        match kept.bans.add(target, record, at) {
            Added::New => {
                log::added(&change, "here");
                kept.changed();
                self.tell(&BanChange::new(target.clone(), Some(ban), at));
            }
            Added::Known => {}
            Added::Full => {
                kept.alerts.raise(Alert::NoRoom, Some(target), Record::BY_AUTO_BAN, now);
            }
        }
    }
}
