//! How a request ended, and who is told.

use crate::SecurityContext;

/// How a request ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct End {
    /// How far it came.
    pub ended: Ended,
    /// Bytes of the answer's body that were handed to the transport, as they travel: compressed if they are. The head does not
    /// count.
    pub bytes: u64,
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
    /// Called once. It must not block: it may run on a thread that serves others.
    fn ended(self: Box<Self>, context: &SecurityContext, end: End);
}

/// Follows an answer to its last byte, and tells the context of the request how it ended, at the latest when it is dropped.
///
/// The outermost layer holds one: from the call to the answer in its future, from then on in the body that it hands out.
#[derive(Debug)]
pub struct Tail {
    context: SecurityContext,
    end: End,
    /// How many bytes there will be, where that is known.
    expected: Option<u64>,
}

// === impl End ===

impl End {
    /// Says how far a request came and how many bytes of the answer's body were sent.
    #[must_use]
    pub const fn new(ended: Ended, bytes: u64) -> Self {
        Self { ended, bytes }
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
        Self { context, end: End::new(Ended::Unanswered, 0), expected: None }
    }

    /// There is an answer now, with a body of `expected` bytes if that is known. One of 0 bytes is whole at once.
    pub fn answered(&mut self, expected: Option<u64>) {
        self.end.ended = Ended::Cut;
        self.expected = expected;
        self.sent(0);
    }

    /// So many more bytes of the body were handed on.
    pub fn sent(&mut self, bytes: usize) {
        self.end.bytes = self.end.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.expected.is_some_and(|expected| self.end.bytes >= expected) {
            self.whole();
        }
    }

    /// The last byte was handed on.
    pub fn whole(&mut self) {
        self.end.ended = Ended::Whole;
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.context.end(self.end);
    }
}
