//! The body of an answer that tells what happens, until it must end.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, header};
use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::{Ending, Message, Subscription, Told};

/// How often a stream says that it lives, so that proxies keep it open (WHATWG HTML section 9.2.7).
const LIVES: Duration = Duration::from_secs(15);
/// How long a client waits before it comes back, and by how much more the last of many: so that those whom one server lost do
/// not come to the next one all at once.
const RETRY: Duration = Duration::from_secs(1);
const SPREAD: u64 = 1000;
/// Proxies of nginx's kind pass on what comes as it comes.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pin_project! {
    /// The body of an answer: server-sent events of a [`Subscription`], until it ends, or until a future does that watches over
    /// whoever reads.
    ///
    /// First of all it says how long a client waits before it comes back: one to two seconds. Then come events in the words of the
    /// feed, and of its own `lagged`, with `{"missed":3}` or, if nobody can know, `{"missed":null}`; a comment every 15 s; and at last
    /// `end`, with `{"reason":"…"}`, an [`Ending`].
    ///
    /// It is polled by tokio, with its timer.
    #[must_use = "a body does nothing until it is sent"]
    pub struct EventStream<T, G> {
        subscription: Option<Subscription<T>>,
        #[pin]
        guard: Option<G>,
        lives: Option<Interval>,
        has_begun: bool,
    }
}

// === impl EventStream ===

impl<T, G: Future<Output = Ending>> EventStream<T, G> {
    /// Tells what `subscription` yields until `guard` is ready, which is asked before each event: what happens after that is told
    /// no more, though it waits already.
    pub fn new(subscription: Subscription<T>, guard: G) -> Self {
        let (subscription, guard) = (Some(subscription), Some(guard));
        Self { subscription, guard, lives: None, has_begun: false }
    }

    /// The whole answer: 200, with what caches, proxies and browsers must know.
    #[must_use]
    pub fn into_response(self) -> Response<Self> {
        let mut response = Response::new(self);
        let fields = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (ACCEL_BUFFERING, HeaderValue::from_static("no")),
        ];
        response.headers_mut().extend(fields);
        response
    }

    /// What comes next, and whether it is the last.
    fn poll_text(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Bytes, Ending>> {
        let this = self.project();
        let (Some(subscription), Some(guard)) = (this.subscription, this.guard.as_pin_mut()) else {
            return Poll::Ready(Err(Ending::CLOSED));
        };
        if !std::mem::replace(this.has_begun, true) {
            return Poll::Ready(Ok(first()));
        }
        if let Poll::Ready(ending) = guard.poll(cx) {
            return Poll::Ready(Err(ending));
        }
        match subscription.poll_next(cx) {
            Poll::Ready(Some(Told::Event(event))) => {
                return Poll::Ready(Ok(subscription.text(&event)));
            }
            Poll::Ready(Some(Told::Missed(count))) => return Poll::Ready(Ok(lagged(count))),
            Poll::Ready(None) => {
                return Poll::Ready(Err(subscription.ending().unwrap_or(Ending::CLOSED)));
            }
            Poll::Pending => {}
        }
        let lives = this.lives.get_or_insert_with(lives);
        lives.poll_tick(cx).map(|_| Ok(Message::comment("").encode()))
    }
}

impl<T, G: Future<Output = Ending>> Body for EventStream<T, G> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        self.as_mut().poll_text(cx).map(|text| {
            let text = text.unwrap_or_else(|ending| {
                let mut this = self.project();
                // The place is free from now on, though the client may take its time with what is left.
                *this.subscription = None;
                this.guard.set(None);
                *this.lives = None;
                end(ending)
            });
            Some(Ok(Frame::data(text)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.subscription.is_none()
    }
}

impl<T, G> fmt::Debug for EventStream<T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_over = self.subscription.is_none();
        f.debug_struct("EventStream").field("is_over", &is_over).finish_non_exhaustive()
    }
}

fn first() -> Bytes {
    // What a hash map's keys are drawn from: random enough.
    let spread = RandomState::new().build_hasher().finish() % SPREAD;
    Message::new().retry(RETRY.saturating_add(Duration::from_millis(spread))).encode()
}

fn lagged(count: Option<u64>) -> Bytes {
    let count = count.map_or_else(|| "null".to_owned(), |count| count.to_string());
    Message::data(format!("{{\"missed\":{count}}}")).name("lagged").encode()
}

fn end(ending: Ending) -> Bytes {
    Message::data(format!("{{\"reason\":\"{ending}\"}}")).name("end").encode()
}

fn lives() -> Interval {
    let first = Instant::now().checked_add(LIVES).unwrap_or_else(Instant::now);
    let mut lives = interval_at(first, LIVES);
    // Who did not read for long is told once.
    lives.set_missed_tick_behavior(MissedTickBehavior::Delay);
    lives
}
