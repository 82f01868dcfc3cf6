//! The body of an answer that may have been rendered.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use palisade_core::{FollowedBody, Tail};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of an answer: what the inner service made, or a rendered problem.
    #[derive(Debug)]
    pub struct ProblemBody<B> {
        // Followed: what layers attached to the request lasts as long as the answer. A place among the requests that run at the
        // same time is free after the last byte, or when the client is gone.
        #[pin]
        inner: FollowedBody<Kind<B>>,
    }
}

pin_project! {
    #[project = KindProj]
    #[derive(Debug)]
    enum Kind<B> {
        Inner { #[pin] inner: B },
        /// Empty once it was sent.
        Rendered { bytes: Bytes },
    }
}

// === impl ProblemBody ===

impl<B> ProblemBody<B> {
    /// Hands the body of the inner service on.
    pub(crate) fn inner(inner: B) -> Self {
        Self { inner: FollowedBody::new(Kind::Inner { inner }) }
    }

    /// Keeps the context of the request until the body is dropped, and tells it how much of it was sent.
    pub(crate) fn followed_by(self, tail: Tail) -> Self {
        Self { inner: self.inner.followed_by(tail) }
    }
}

impl<B: Default> Default for ProblemBody<B> {
    fn default() -> Self {
        Self::inner(B::default())
    }
}

impl<B> From<Bytes> for ProblemBody<B> {
    fn from(bytes: Bytes) -> Self {
        Self { inner: FollowedBody::new(Kind::Rendered { bytes }) }
    }
}

impl<B> Body for ProblemBody<B>
where
    B: Body,
    B::Data: From<Bytes>,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

// === impl Kind ===

impl<B> Body for Kind<B>
where
    B: Body,
    B::Data: From<Bytes>,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.project() {
            KindProj::Inner { inner } => inner.poll_frame(cx),
            KindProj::Rendered { bytes } if bytes.is_empty() => Poll::Ready(None),
            KindProj::Rendered { bytes } => {
                Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes).into()))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Inner { inner } => inner.is_end_stream(),
            Self::Rendered { bytes } => bytes.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Inner { inner } => inner.size_hint(),
            Self::Rendered { bytes } => u64::try_from(bytes.len())
                .map_or_else(|_| SizeHint::default(), SizeHint::with_exact),
        }
    }
}
