//! The room that bans take: never more than the file can hold and be read back from.

use crate::ban_file;

/// How many bans there are, what they take in the file, and how many there may be.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) bans: usize,
    bytes: usize,
    most_bans: usize,
}

// === impl Room ===

impl Room {
    pub(crate) fn new(most_bans: usize) -> Self {
        Self { bans: 0, bytes: ban_file::FRAME, most_bans }
    }

    /// Takes the room for a ban of `bytes`, giving back that of the one it replaces. `false` if there is none.
    pub(crate) fn take(&mut self, bytes: usize, replaced: Option<usize>) -> bool {
        let bans = self.bans.saturating_add(usize::from(replaced.is_none()));
        let total = self.bytes.saturating_sub(replaced.unwrap_or_default()).saturating_add(bytes);
        if bans > self.most_bans
            || !u64::try_from(total).is_ok_and(|total| total <= ban_file::MOST_BYTES_OF_BANS)
        {
            return false;
        }
        (self.bans, self.bytes) = (bans, total);
        true
    }

    /// Takes room that was given back under the same lock.
    pub(crate) fn force(&mut self, bytes: usize, replaced: Option<usize>) {
        self.bans = self.bans.saturating_add(usize::from(replaced.is_none()));
        self.give_bytes(replaced.unwrap_or_default());
        self.bytes = self.bytes.saturating_add(bytes);
    }

    pub(crate) fn give_back(&mut self, bytes: usize) {
        self.bans = self.bans.saturating_sub(1);
        self.give_bytes(bytes);
    }

    pub(crate) fn give_bytes(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    pub(crate) fn clear(&mut self) {
        (self.bans, self.bytes) = (0, ban_file::FRAME);
    }
}
