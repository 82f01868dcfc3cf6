//! What other instances did, and what they are to know of this one.

use crate::{
    Applied, AutoBan, Ban, BanChange, BanTarget,
    alerts::Alert,
    ban::Record,
    bans::Added,
    log::{self, Change},
};

// === impl AutoBan ===

impl AutoBan {
    /// Does what another instance did: bans or lifts, in the file as well, and logs who did it. The exchange is not told
    /// again.
    ///
    /// Of two bans the one that lasts longer holds. A ban that ended, or that was lifted here after it began, does nothing;
    /// nor does a lift that is older than the ban in force. An address that is protected here is not banned. To apply the
    /// same change twice is to apply it once. Times are those of the instances' clocks.
    pub fn apply(&self, change: BanChange) -> Applied {
        self.take_in(change, "elsewhere")
    }

    fn take_in(&self, change: BanChange, source: &'static str) -> Applied {
        let BanChange { target, ban, at, by } = change;
        if let Some(ban) = ban {
            return self.apply_ban(&target, ban.into(), source);
        }
        let kept = self.kept();
        kept.lifts.remember(&target, at);
        if kept.bans.lift(&target, at, self.now().wall()).is_none() {
            return Applied::Unchanged;
        }
        self.forgive(&target);
        log::lifted(&target, "lifted", by.as_deref().unwrap_or("unknown"), source);
        kept.changed();
        Applied::Lifted
    }

    /// Does once more what was done here before this process began, if it is not on the disk: as [`apply`](Self::apply), but the
    /// exchange is told, since nobody knows whether the others heard of it. What is newer stays.
    pub fn resume(&self, change: &BanChange) -> Applied {
        let is_over = |ban: &Ban| ban.until.is_some_and(|until| until <= self.now().wall());
        let is_over = change.ban.as_ref().is_some_and(is_over);
        let applied = self.take_in(change.clone(), "here");
        if !is_over && !matches!(applied, Applied::Protected | Applied::NoRoom) {
            self.tell(change);
        }
        applied
    }

    /// The bans that are settled and in force, each as the change that made it: what another instance has to know. There are as many as there
    /// may be bans, at most.
    #[must_use]
    pub fn in_force(&self) -> Vec<BanChange> {
        let at = self.now().wall();
        let mut list = Vec::new();
        self.kept().bans.each_settled(|target, record| {
            if record.counts(at) {
                let ban = record.ban_of(target);
                list.push(BanChange::new(target.clone(), Some(ban), record.since));
            }
        });
        list
    }

    /// Forgets what is held against somebody whose ban was lifted: the violations, and how often he was banned.
    pub(crate) fn forgive(&self, target: &BanTarget) {
        self.kept().violations.forget(target);
        self.kept().past.forget(target);
    }

    fn apply_ban(&self, target: &BanTarget, mut record: Record, source: &'static str) -> Applied {
        let (kept, now) = (self.kept(), self.now());
        if !record.counts(now.wall()) || kept.lifts.lifted_since(target, record.since) {
            return Applied::Unchanged;
        }
        if self.is_protected(target) {
            kept.alerts.raise(Alert::Protected, Some(target), &record.by, now);
            return Applied::Protected;
        }
        // Whoever made it may know less of the offender, and must not make him begin anew.
        let last = kept.bans.record(target);
        let known = kept.past.offences(target, last.as_ref(), now.wall());
        record.offences = record.offences.max(known);
        let last = last.filter(|last| last.counts(now.wall()));
        let change = Change::of(target, &record);
        let added = match &last {
            Some(last) if last.is_order() && record.since <= last.since => Added::Known,
            Some(last) if record.is_order() && record.since > last.since => {
                kept.bans.put_in_place(target, record)
            }
            _ => kept.bans.add(target, record, now.wall()),
        };
        match added {
            Added::New => {
                kept.violations.forget(target);
                log::added(&change, source);
                kept.changed();
                Applied::Banned
            }
            Added::Known => Applied::Unchanged,
            Added::Full => {
                kept.alerts.raise(Alert::NoRoom, Some(target), &change.by, now);
                Applied::NoRoom
            }
        }
    }
}
