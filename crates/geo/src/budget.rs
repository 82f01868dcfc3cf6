//! So many calls in a minute, whatever comes.

use std::{collections::VecDeque, num::NonZeroU32, time::Duration};

use palisade_core::Moment;

const MINUTE: Duration = Duration::from_secs(60);

/// At most so many calls in any 60 seconds. It keeps when each of them began, so it has no windows at whose edges twice as many
/// would fit; 6 000 calls are 256 KiB.
#[derive(Debug)]
pub(crate) struct Budget {
    most: usize,
    began: VecDeque<Moment>,
}

// === impl Budget ===

impl Budget {
    pub(crate) fn new(most: NonZeroU32) -> Self {
        let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
        Self { most, began: VecDeque::new() }
    }

    /// How many calls may begin now.
    pub(crate) fn left(&mut self, now: Moment) -> usize {
        while self.began.front().is_some_and(|began| now.since(*began) >= MINUTE) {
            self.began.pop_front();
        }
        self.most.saturating_sub(self.began.len())
    }

    /// A call begins. Only where there is one [`left`](Self::left).
    pub(crate) fn spend(&mut self, now: Moment) {
        self.began.push_back(now);
    }
}
