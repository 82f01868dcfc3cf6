//! The body of an answer that may be compressed.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_http::compression::CompressionBody as Coded;

pin_project! {
    /// The body of an answer: as the inner service made it, or compressed.
    pub struct CompressionBody<B: Body> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<B: Body> {
        Plain { #[pin] body: B },
        Coded { body: Pin<Box<Coded<B>>> },
    }
}

// === impl CompressionBody ===

impl<B: Body> CompressionBody<B> {
    pub(crate) fn plain(body: B) -> Self {
        Self { kind: Kind::Plain { body } }
    }

    pub(crate) fn coded(body: Coded<B>) -> Self {
        Self { kind: Kind::Coded { body: Box::pin(body) } }
    }
}

impl<B: Body + Default> Default for CompressionBody<B> {
    fn default() -> Self {
        Self::plain(B::default())
    }
}

impl<B> Body for CompressionBody<B>
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.project().kind.project() {
            KindProjection::Plain { body } => {
                let frame = |frame: Frame<B::Data>| frame.map_data(whole);
                body.poll_frame(cx).map(|next| next.map(|next| next.map(frame).map_err(Into::into)))
            }
            KindProjection::Coded { body } => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Plain { body } => body.is_end_stream(),
            Kind::Coded { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Plain { body } => body.size_hint(),
            Kind::Coded { body } => body.size_hint(),
        }
    }
}

/// No copy where the data are `Bytes` already, which they nearly always are.
fn whole(mut data: impl Buf) -> Bytes {
    data.copy_to_bytes(data.remaining())
}

impl<B: Body> fmt::Debug for CompressionBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompressionBody").finish_non_exhaustive()
    }
}
