//! The body of a request, which tells the pulse of its connection when it is waited for.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::pulse::RunningBody;

pin_project! {
    /// A body, and the request that it came with.
    #[derive(Debug)]
    pub(crate) struct RequestBody<B> {
        #[pin]
        inner: B,
        running: RunningBody,
    }

    impl<B> PinnedDrop for RequestBody<B> {
        fn drop(this: Pin<&mut Self>) {
            this.running.came();
        }
    }
}

impl<B> RequestBody<B> {
    /// The body of the request that is `running`.
    pub(crate) fn new(running: RunningBody, inner: B) -> Self {
        Self { inner, running }
    }
}

impl<B: Body> Body for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        let frame = this.inner.poll_frame(cx);
        if frame.is_pending() {
            this.running.waits();
        } else {
            this.running.came();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
