//! What somebody wants to read.

use std::fmt;

use crate::EventId;

/// Whether a reader is to see an event.
pub(crate) type Filter<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

/// Who wants to read, and what.
#[must_use = "an interest does nothing until somebody subscribes with it"]
pub struct Interest<T> {
    pub(crate) user: Box<str>,
    pub(crate) filter: Filter<T>,
    pub(crate) after: Option<EventId>,
}

// === impl Interest ===

impl<T> Interest<T> {
    /// This user's, in all events from now on. The user's name counts for [`Places`](crate::Places) alone.
    pub fn of(user: impl Into<Box<str>>) -> Self {
        Self { user: user.into(), filter: Box::new(|_| true), after: None }
    }

    /// Only in events for which this holds.
    ///
    /// It is asked before an event waits for the reader, from the feed's thread: what it does not let through is neither kept
    /// for him nor counted as missed. It must be quick, and not call the feed. One that panics ends the feed.
    pub fn matching(mut self, filter: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Box::new(filter);
        self
    }

    /// Resumes behind the event that is named in `Last-Event-ID`. What is no name of an event is as if nothing was said: nobody
    /// is kept out for what some other server once sent him.
    pub fn after(mut self, last_event_id: &str) -> Self {
        self.after = last_event_id.parse().ok();
        self
    }
}

impl<T> fmt::Debug for Interest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interest").field("after", &self.after).finish_non_exhaustive()
    }
}
