//! How a request ended, and who is told.

use bytes::Buf;
use http::{Method, StatusCode, header, response};
use http_body::{Body, Frame};

use crate::{SecurityContext, header::find};

/// How a request ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct End {
    /// How far it came.
    pub ended: Ended,
    /// Bytes of the answer's body that were handed to the transport, as they travel: compressed if they are. The head does not
    /// count, nor do trailers.
    pub bytes: u64,
    /// The status of the answer that went out; none if there was none, or nobody looked.
    pub status: Option<StatusCode>,
}

/// How far a request came.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Ended {
    /// There was no answer: the client went away before, or the service failed.
    #[default]
    Unanswered,
    /// There was an answer, but not to its last byte: the client went away, or the body failed.
    Cut,
    /// It was answered to the last byte.
    Whole,
}

/// Something that is attached to a request, and wants to know how it ended. See [`SecurityContext::at_end`].
pub trait AtEnd: Send + Sync + Sized + 'static {
    /// Called once. It must not block: it may run on a thread that serves others. If it panics, the others are told all the same.
    fn ended(self: Box<Self>, context: &SecurityContext, end: End);
}

/// Follows an answer to its last byte, and tells the context of the request how it ended when it is dropped.
///
/// The outermost layer holds one: from the call to the answer in its future, from then on in the body that it hands out. Of
/// several for one request, the first one tells: the one furthest out, which sees what really goes out.
#[derive(Debug)]
pub struct Tail {
    context: SecurityContext,
    /// Whether this is the one that tells.
    first: bool,
    end: End,
    /// How many bytes there will be, where that is known.
    expected: Option<u64>,
}

// === impl End ===

impl End {
    /// Says how far a request came and how many bytes of the answer's body were sent.
    #[must_use]
    pub const fn new(ended: Ended, bytes: u64) -> Self {
        Self { ended, bytes, status: None }
    }

    /// Says which status went out.
    #[must_use]
    pub const fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }
}

// === impl Ended ===

impl Ended {
    /// The name in records and logs, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unanswered => "unanswered",
            Self::Cut => "cut",
            Self::Whole => "whole",
        }
    }
}

// === impl Tail ===

impl Tail {
    /// Follows the request of this `context`, which has no answer yet.
    #[must_use]
    pub fn follow(context: SecurityContext) -> Self {
        let first = context.begin_to_follow();
        Self { context, first, end: End::new(Ended::Unanswered, 0), expected: None }
    }

    /// The request that is followed.
    #[must_use]
    pub fn context(&self) -> &SecurityContext {
        &self.context
    }

    /// There is an answer now, with this status and a body of `expected` bytes if that is known. One of 0 bytes is whole at
    /// once, and no more than these are counted: a transport sends no more.
    pub fn answered(&mut self, status: StatusCode, expected: Option<u64>) {
        self.end = End::new(Ended::Cut, 0).status(status);
        self.expected = expected;
        self.sent(0);
    }

    /// How many bytes of `body` a transport sends behind `head` to a request with `method`, where that is known: none behind a
    /// head that has no content (RFC 9110 section 6.4.1), else as many as the body says, or `Content-Length` does.
    #[must_use]
    pub fn expected<B: Body>(method: &Method, head: &response::Parts, body: &B) -> Option<u64> {
        if *method == Method::HEAD || has_no_content(head.status) || body.is_end_stream() {
            return Some(0);
        }
        let declared = || find(&head.headers, &header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
        body.size_hint().exact().or_else(declared)
    }

    /// The body was asked for its next frame and gave this; `ended` is what it says of itself now
    /// ([`Body::is_end_stream`]), because who knows that asks no more.
    pub fn passes<D: Buf, E>(&mut self, next: Option<&Result<Frame<D>, E>>, ended: Ended) {
        match next {
            None => self.whole(),
            Some(Err(_)) => {}
            Some(Ok(frame)) => {
                self.sent(frame.data_ref().map_or(0, Buf::remaining));
                // Nothing follows trailers (RFC 9112 section 7.1.2, RFC 9113 section 8.1).
                if frame.is_trailers() || ended == Ended::Whole {
                    self.whole();
                }
            }
        }
    }

    /// So many more bytes of the body were handed on.
    pub fn sent(&mut self, bytes: usize) {
        let sent = self.end.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.end.bytes = self.expected.map_or(sent, |expected| sent.min(expected));
        if self.expected.is_some_and(|expected| sent >= expected) {
            self.whole();
        }
    }

    /// The last byte was handed on.
    pub fn whole(&mut self) {
        self.end.ended = Ended::Whole;
    }
}

fn has_no_content(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) || status.is_informational()
}

impl Drop for Tail {
    fn drop(&mut self) {
        if self.first {
            // First: one who is told may panic.
            self.context.cease_to_follow();
            self.context.end(self.end);
        }
    }
}
