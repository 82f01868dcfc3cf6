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
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::{Ending, EventId, Message, Subscription, Told, guarded::Guarded};

/// How often a stream says that it lives, so that proxies keep it open (WHATWG HTML section 9.2.7).
const LIVES: Duration = Duration::from_secs(15);
/// How long a client waits before it comes back, and by how much more the last of many: so that those whom one server lost do
/// not come to the next one all at once.
const RETRY: Duration = Duration::from_secs(1);
const SPREAD: u64 = 1000;
/// Proxies of nginx's kind pass on what comes as it comes.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The body of an answer: server-sent events of a [`Subscription`], until it ends, or until a future does that watches over
/// whoever reads.
///
/// First of all it says how long a client waits before it comes back: one to two seconds. Then come events in the words of the
/// feed, and of its own `lagged`, with `{"missed":3}` or, if nobody can know, `{"missed":null}`; every 15 s a comment; and at last
/// `end`, with `{"reason":"…"}`, an [`Ending`]. All of them, but the first, have the id behind which a client goes on.
///
/// It is polled by tokio, with its timer.
#[must_use = "a body does nothing until it is sent"]
pub struct EventStream<T> {
    guarded: Option<Guarded<T>>,
    lives: Option<Interval>,
    has_begun: bool,
}

// === impl EventStream ===

impl<T: Send + Sync + 'static> EventStream<T> {
    /// Tells what `subscription` yields until `guard` is ready: what happens after that is told no more, though it waits already.
    ///
    /// The guard waits in a task of its own, so that the subscription ends with it though nobody reads. Without a runtime of
    /// tokio's around this call there is no such task: then the guard is asked when the body is.
    pub fn new(
        subscription: Subscription<T>,
        guard: impl Future<Output = Ending> + Send + 'static,
    ) -> Self {
        let guarded = Some(Guarded::new(subscription, Box::pin(guard)));
        Self { guarded, lives: None, has_begun: false }
    }
}

impl<T> EventStream<T> {
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
    fn poll_text(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Bytes>> {
        let Some(guarded) = &mut self.guarded else {
            return Poll::Ready(Err(end(Ending::CLOSED, None)));
        };
        if !std::mem::replace(&mut self.has_begun, true) {
            return Poll::Ready(Ok(first()));
        }
        guarded.ask(cx);
        let subscription = &mut guarded.subscription;
        match subscription.poll_next(cx) {
            Poll::Ready(Some(Told::Event(event))) => {
                return Poll::Ready(Ok(subscription.text(&event)));
            }
            Poll::Ready(Some(Told::Missed(count))) => {
                return Poll::Ready(Ok(lagged(count, subscription.position())));
            }
            Poll::Ready(None) => {
                let ending = subscription.ending().unwrap_or(Ending::CLOSED);
                return Poll::Ready(Err(end(ending, subscription.position())));
            }
            Poll::Pending => {}
        }
        let lives = self.lives.get_or_insert_with(lives);
        lives.poll_tick(cx).map(|_| Ok(at(Message::comment(""), subscription.position())))
    }
}

impl<T> Body for EventStream<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.is_end_stream() {
            return Poll::Ready(None);
        }
        self.poll_text(cx).map(|text| {
            let text = text.unwrap_or_else(|end| {
                // The place is free from now on, though the client may take its time with what is left.
                self.guarded = None;
                self.lives = None;
                end
            });
            Some(Ok(Frame::data(text)))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.guarded.is_none()
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_over = self.guarded.is_none();
        f.debug_struct("EventStream").field("is_over", &is_over).finish_non_exhaustive()
    }
}

fn first() -> Bytes {
    // What a hash map's keys are drawn from: random enough.
    let spread = RandomState::new().build_hasher().finish() % SPREAD;
    Message::new().retry(RETRY.saturating_add(Duration::from_millis(spread))).encode()
}

fn lagged(count: Option<u64>, position: Option<EventId>) -> Bytes {
    let count = count.map_or_else(|| "null".to_owned(), |count| count.to_string());
    at(Message::data(format!("{{\"missed\":{count}}}")).name("lagged"), position)
}

fn end(ending: Ending, position: Option<EventId>) -> Bytes {
    at(Message::data(format!("{{\"reason\":\"{ending}\"}}")).name("end"), position)
}

/// The message, with the id behind which its reader goes on: without data it is not shown to a page, and the id counts (WHATWG
/// HTML section 9.2.6).
fn at(message: Message, position: Option<EventId>) -> Bytes {
    match position {
        Some(id) => message.id(id.to_string()).encode(),
        None => message.encode(),
    }
}

fn lives() -> Interval {
    let first = Instant::now().checked_add(LIVES).unwrap_or_else(Instant::now);
    let mut lives = interval_at(first, LIVES);
    // Who did not read for long is told once.
    lives.set_missed_tick_behavior(MissedTickBehavior::Delay);
    lives
}
