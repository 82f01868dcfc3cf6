//! A person's change of the bans in two steps, so that it and its record in an audit log hold together or not at all.

use std::{mem, time::SystemTime};

use crate::{
    AutoBan, Ban, BanChange, BanError, BanOrder, BanTarget,
    ban::Record,
    log::{self, Change},
    swap::Swap,
};

/// A change that is known and not in force yet. Dropping it leaves all as it is.
///
/// A change, its record and the transaction of that record go like this; whatever fails, the bans and their ends are as
/// before, and of what holds there is a record:
///
/// ```
/// # use palisade_autoban::{AutoBan, BanOrder, BanTarget};
/// # struct Transaction;
/// # impl Transaction {
/// #     fn insert(&self, _: &[palisade_autoban::BanChange]) -> Result<(), std::io::Error> { Ok(()) }
/// #     fn commit(self) -> Result<(), std::io::Error> { Ok(()) }
/// # }
/// # let auto_ban = AutoBan::builder().build()?;
/// # let transaction = Transaction;
/// let target = BanTarget::ip("203.0.113.9")?;
/// let planned = auto_ban.plan_ban(&target, BanOrder::by("alice").reason("ticket 4711"))?;
/// transaction.insert(planned.changes())?;      // refused: nothing happened
/// let in_force = planned.put_in_force()?;
/// transaction.commit()?;                       // failed: what is in force is undone
/// in_force.settle();                           // into the file, the log, and to the other instances
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a plan does nothing until it is put in force"]
pub struct PlannedChange {
    auto_ban: AutoBan,
    changes: Vec<BanChange>,
    kind: Kind,
}

/// A change that is in force and can still be undone: dropping it without [`settle`](Self::settle) puts back exactly what
/// was there before, unless somebody else changed it in the meantime. Then, of the two bans, the longer one stays.
#[derive(Debug)]
#[must_use = "a change that is dropped before it is settled is undone"]
pub struct UnsettledChange {
    auto_ban: AutoBan,
    changes: Vec<BanChange>,
    kind: Kind,
    swaps: Vec<Swap>,
    at: SystemTime,
}

#[derive(Debug)]
enum Kind {
    Ban(Option<Record>),
    Lift { named: BanTarget, by: Box<str> },
}

/// What a person wants to lift.
pub(crate) struct Lift {
    pub(crate) named: BanTarget,
    pub(crate) targets: Vec<BanTarget>,
    pub(crate) by: Box<str>,
}

// === impl PlannedChange ===

impl PlannedChange {
    pub(crate) fn ban(auto_ban: &AutoBan, target: &BanTarget, order: BanOrder) -> Self {
        let at = auto_ban.now().wall();
        let record = order.record(at);
        let changes = vec![BanChange::new(target.clone(), Some(record.ban_of(target)), at)];
        Self { auto_ban: auto_ban.clone(), changes, kind: Kind::Ban(Some(record)) }
    }

    pub(crate) fn lift(auto_ban: &AutoBan, lift: Lift) -> Self {
        let at = auto_ban.now().wall();
        let Lift { named, targets, by } = lift;
        let bans = &auto_ban.kept().bans;
        let lift = |target: BanTarget| {
            let record = bans.record(&target).filter(|record| record.counts(at))?;
            // Another instance whose clock is ahead may have made it: a lift that seems older would not count there.
            Some(BanChange::new(target, None, at.max(record.since)).by(by.clone()))
        };
        let changes = targets.into_iter().filter_map(lift).collect();
        Self { auto_ban: auto_ban.clone(), changes, kind: Kind::Lift { named, by } }
    }

    /// What will be in force and what will not: one change for each ban. None if there is nothing to lift here; the exchange
    /// is told all the same.
    #[must_use]
    pub fn changes(&self) -> &[BanChange] {
        &self.changes
    }

    /// Puts it in force, in memory alone. If the plan asks to lift a ban that somebody changed since, it is lifted as it is.
    ///
    /// # Errors
    ///
    /// If there is no room for a ban. Nothing is changed then.
    pub fn put_in_force(self) -> Result<UnsettledChange, BanError> {
        let by = match &self.kind {
            Kind::Ban(record) => record.as_ref().map(|record| record.by.clone()),
            Kind::Lift { .. } => None,
        };
        let target = self.changes.first().map(|change| change.target.clone());
        let unsettled = self.put_in_force_unchecked();
        if unsettled.swaps.len() < unsettled.changes.len() {
            log::refused(target.as_ref(), "no-room", by.as_deref().unwrap_or_default(), 0);
            return Err(BanError::NoRoom);
        }
        Ok(unsettled)
    }

    /// The same for who knows that no room is needed.
    pub(crate) fn put_in_force_unchecked(self) -> UnsettledChange {
        let Self { auto_ban, changes, mut kind } = self;
        let record = match &mut kind {
            Kind::Ban(record) => record.take(),
            Kind::Lift { .. } => None,
        };
        let bans = &auto_ban.kept().bans;
        let swap = |change: &BanChange| bans.swap(&change.target, record.clone());
        let swaps = changes.iter().filter_map(swap).collect();
        let at = auto_ban.now().wall();
        UnsettledChange { auto_ban, changes, kind, swaps, at }
    }
}

// === impl UnsettledChange ===

impl UnsettledChange {
    /// What is in force and what is not any more.
    #[must_use]
    pub fn changes(&self) -> &[BanChange] {
        &self.changes
    }

    /// What is to be carried out again where this process ends before it is on the disk and told to others: the changes, and where
    /// there was nothing to lift the lift itself, since a ban of another instance may be on its way here. To be kept before
    /// [`settle`](Self::settle), and given to [`AutoBan::resume`].
    #[must_use]
    pub fn orders(&self) -> Vec<BanChange> {
        match &self.kind {
            Kind::Lift { named, by } if self.changes.is_empty() => {
                vec![BanChange::new(named.clone(), None, self.at).by(by.clone())]
            }
            _ => self.changes.clone(),
        }
    }

    /// Lets it stand: writes it to the file and the security log, tells the exchange, and, if bans were lifted, forgets the
    /// violations. Returns the bans that were in force before and are not any more.
    pub fn settle(mut self) -> Vec<Ban> {
        let (swaps, changes) = (mem::take(&mut self.swaps), mem::take(&mut self.changes));
        let kept = self.auto_ban.kept();
        let mut ended = Vec::new();
        for swap in &swaps {
            kept.bans.settle(swap);
            let before = swap.before.as_ref().map(|slot| &slot.record);
            let before = before.filter(|record| record.counts(self.at));
            ended.extend(before.map(|record| record.ban_of(&swap.target)));
        }
        for change in &changes {
            match &change.ban {
                Some(ban) => log::added(&Change::of(&change.target, &ban.clone().into()), "here"),
                None => kept.lifts.remember(&change.target, change.at),
            }
        }
        if let Kind::Lift { named, by } = &self.kind {
            for change in &changes {
                self.auto_ban.forgive(&change.target);
            }
            self.auto_ban.forgive_named(named);
            let outcome = if ended.is_empty() { "not-banned" } else { "lifted" };
            log::lifted(named, outcome, by, "here");
            if changes.is_empty() {
                // A ban of another instance may be on its way here.
                kept.lifts.remember(named, self.at);
                let lift = BanChange::new(named.clone(), None, self.at);
                self.auto_ban.tell(&lift.by(by.clone()));
            }
        }
        if !changes.is_empty() {
            kept.changed();
        }
        for change in &changes {
            self.auto_ban.tell(change);
        }
        ended
    }
}

/// Undoes what was not settled.
impl Drop for UnsettledChange {
    fn drop(&mut self) {
        let kept = self.auto_ban.kept();
        for swap in mem::take(&mut self.swaps) {
            log::undone(&swap.target);
            kept.bans.undo(swap);
            // The file may have been written in the meantime, for the sake of another change.
            kept.changed();
        }
    }
}
