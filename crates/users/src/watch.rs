//! One open stream, and when it must end.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::SystemTime,
};

use crate::Revocations;

/// Watches over one open stream: a future that is ready once the stream must end, because a token was taken back, or
/// something about its user changed. The client may come back, and is judged anew.
///
/// A credential also ends by itself, at [`expiry`](Self::expiry): the stream has a timer for that, because this crate has
/// none. Dropping it frees its place.
#[must_use = "a stream that does not ask its watch does not end"]
pub struct Watch {
    revocations: Revocations,
    /// None for a stream of nobody, which nothing ends.
    place: Option<u64>,
    expiry: Option<SystemTime>,
}

// === impl Watch ===

impl Watch {
    pub(crate) fn new(
        revocations: Revocations,
        place: Option<u64>,
        expiry: Option<SystemTime>,
    ) -> Self {
        Self { revocations, place, expiry }
    }

    /// When the credential that opened the stream ends by itself.
    #[must_use]
    pub fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }

    /// Whether the stream must end: it was ended, or its credential has ended by `now`. For streams that look now and then.
    #[must_use]
    pub fn is_over(&self, now: SystemTime) -> bool {
        self.expiry.is_some_and(|end| end <= now)
            || self.place.is_some_and(|place| self.revocations.watchers().has_ended(place))
    }
}

impl Future for Watch {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let watchers = self.revocations.watchers();
        if self.place.is_some_and(|place| watchers.poll(place, cx.waker())) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.revocations.watchers().remove(place);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}
