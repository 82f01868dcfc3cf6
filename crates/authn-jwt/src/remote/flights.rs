//! One question at a time about one thing, however many ask.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex},
};

use tokio::sync::OnceCell;

use super::lock;
use crate::TokenError;

/// What came of a question.
type Outcome = Result<(), TokenError>;

/// The questions about tokens that are on their way. There is room for so many, and no question beyond.
pub(crate) struct Flights {
    aloft: Mutex<HashMap<Box<str>, Question>>,
    most: usize,
}

/// A question on its way.
#[derive(Default)]
struct Question {
    /// When it began.
    epoch: u64,
    outcome: Arc<OnceCell<Outcome>>,
    /// How many wait for what comes of it. Counted here, under the lock of the list: of two that go away at one time, the
    /// second one must see that it is the last, or the place would be taken for ever.
    seats: usize,
}

/// A seat in the question about one token. Whoever is first asks; if that one goes away, the next does.
pub(crate) struct Flight<'a> {
    flights: &'a Flights,
    token: &'a str,
    outcome: Arc<OnceCell<Outcome>>,
}

// === impl Flights ===

impl Flights {
    pub(crate) fn new(most: usize) -> Self {
        Self { aloft: Mutex::default(), most }
    }

    /// Joins the question about `token`, or begins it if there is room.
    ///
    /// What is asked in `epoch` is not answered from before it: the question begins again, while those who are in the earlier
    /// one wait for that. So there is at most one more for each token and each time that an epoch begins. Who comes late, from
    /// an earlier epoch, joins the newest: it remembers the answer in its own.
    pub(crate) fn join<'a>(&'a self, token: &'a str, epoch: u64) -> Option<Flight<'a>> {
        let mut aloft = lock(&self.aloft);
        if !aloft.contains_key(token) && aloft.len() >= self.most {
            return None;
        }
        let question = aloft.entry(token.into()).or_default();
        if question.epoch < epoch {
            *question = Question { epoch, ..Question::default() };
        }
        question.seats = question.seats.saturating_add(1);
        Some(Flight { flights: self, token, outcome: Arc::clone(&question.outcome) })
    }
}

impl fmt::Debug for Flights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the tokens.
        f.debug_struct("Flights").field("most", &self.most).finish_non_exhaustive()
    }
}

// === impl Flight ===

impl Flight<'_> {
    /// Waits for what comes of the question; asks if nobody else does.
    pub(crate) async fn land<F: Future<Output = Outcome>>(
        &self,
        ask: impl FnOnce() -> F,
    ) -> Outcome {
        *self.outcome.get_or_init(ask).await
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut aloft = lock(&self.flights.aloft);
        let Some(question) = aloft.get_mut(self.token) else { return };
        // Else it is a later question about the same token.
        if !Arc::ptr_eq(&question.outcome, &self.outcome) {
            return;
        }
        question.seats = question.seats.saturating_sub(1);
        if question.seats == 0 || self.outcome.initialized() {
            aloft.remove(self.token);
        }
    }
}
