//! A person's change of a ban that may still be undone.

use crate::{
    BanTarget,
    ban::Record,
    bans::{Added, Bans, Slot},
    room::{Bound, Piece, Room},
};

/// What a person changed, as long as it may be undone: the room of both sides is kept for that long.
#[derive(Debug)]
pub(crate) struct Swap {
    pub(crate) target: BanTarget,
    pub(crate) before: Option<Slot>,
    after: Option<Slot>,
    /// What is kept beside what is there now.
    spare: Option<Piece>,
    /// Of all changes that may be undone.
    number: u64,
}

// === impl Bans ===

impl Bans {
    /// Puts a ban, or none, in place of what there is. `None` if there is no room.
    pub(crate) fn swap(&self, target: &BanTarget, record: Option<Record>) -> Option<Swap> {
        let mut unsettled = self.unsettled.lock();
        let mut room = self.room();
        let before = self.slot(target);
        let known = before.as_ref().map(|before| before.piece);
        let target = target.clone();
        let mut begin = || unsettled.begin(&target, before.as_ref().map(|before| &before.record));
        let Some(mut record) = record else {
            // Its room is not given back: it must fit in again.
            let number = begin();
            self.take_out(&target);
            return Some(Swap { target, before, after: None, spare: known, number });
        };
        // What auto-ban remembers of somebody is not for a person's ban to forget.
        record.offences = before.as_ref().map_or(0, |before| before.record.offences);
        let piece = Piece::of(&target, &record);
        let most = known.map_or(piece.bytes, |known| piece.bytes.max(known.bytes));
        if !room.take(piece.with_bytes(most), known, Bound::Pool) {
            return None;
        }
        let (number, after) = (begin(), Slot { record, piece });
        self.put(&target, after.clone());
        let spare = Some(piece.with_bytes(most.saturating_sub(piece.bytes)));
        Some(Swap { target, before, after: Some(after), spare, number })
    }

    /// Puts a ban in place of what there is, for good.
    pub(crate) fn put_in_place(&self, target: &BanTarget, record: Record) -> Added {
        self.swap(target, Some(record)).map_or(Added::Full, |swap| {
            self.settle(&swap);
            Added::New
        })
    }

    /// Lets it stand: the room that was kept to undo it is given back, and from now on it is written down.
    pub(crate) fn settle(&self, swap: &Swap) {
        let after = swap.after.as_ref().map(|after| &after.record);
        self.unsettled.lock().settle(&swap.target, swap.number, after);
        swap.give_back(&mut self.room());
    }

    /// Puts back what was there before. If somebody else changed it in the meantime, of the two the longer ban stays.
    pub(crate) fn undo(&self, swap: Swap) {
        let mut unsettled = self.unsettled.lock();
        let mut room = self.room();
        swap.give_back(&mut room);
        let Swap { target, before, after, .. } = swap;
        let now = self.slot(&target);
        let outlasts = || match (&before, &now) {
            (Some(before), Some(now)) => before.record.outlasts(&now.record),
            _ => false,
        };
        if now == after || outlasts() {
            let piece = now.map(|now| now.piece);
            match (before, piece) {
                (Some(before), piece) => {
                    room.force(before.piece, piece);
                    self.put(&target, before);
                }
                (None, Some(piece)) => {
                    self.take_out(&target);
                    room.give_back(piece);
                }
                (None, None) => {}
            }
        }
        unsettled.end(&target);
    }
}

// === impl Swap ===

impl Swap {
    fn give_back(&self, room: &mut Room) {
        match (&self.after, self.spare) {
            (None, Some(spare)) => room.give_back(spare),
            (Some(_), Some(spare)) => room.give_bytes(spare),
            (_, None) => {}
        }
    }
}
