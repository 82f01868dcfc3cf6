//! One verification of one token at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The tokens whose signatures are being verified at this moment. Whoever comes with one of them waits, and then finds what
/// became of it.
///
/// To wait is to block the thread, for as long as one signature takes; it would else compute the same one for as long. Tokens
/// are told apart by a keyed hash of 64 bits: two that meet wait for each other, and nothing worse.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    taken: Mutex<Taken>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Taken {
    /// One for each thread at the most.
    hashes: Vec<u64>,
    waiting: usize,
}

/// The right to verify one token, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    hash: u64,
}

// === impl Turns ===

impl Turns {
    /// Takes the turn at the token with this `hash`, once nobody else has it.
    pub(crate) fn take(&self, hash: u64) -> Turn<'_> {
        let mut taken = self.lock();
        while taken.hashes.contains(&hash) {
            taken.waiting = taken.waiting.saturating_add(1);
            taken = self.ended.wait(taken).unwrap_or_else(PoisonError::into_inner);
            taken.waiting = taken.waiting.saturating_sub(1);
        }
        taken.hashes.push(hash);
        Turn { turns: self, hash }
    }

    /// Nothing here can be left half written, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Turn ===

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.turns.lock();
        taken.hashes.retain(|hash| *hash != self.hash);
        let is_awaited = taken.waiting > 0;
        drop(taken);
        // A system call, which is only worth it if somebody is there.
        if is_awaited {
            self.turns.ended.notify_all();
        }
    }
}
