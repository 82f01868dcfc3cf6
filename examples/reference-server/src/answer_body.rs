//! The body of an answer, which tells the pulse of its connection when more of it is wanted.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use hyper::body::Buf;
use pin_project_lite::pin_project;

use crate::pulse::Running;

pin_project! {
    /// A body, and the request that it answers.
    #[derive(Debug)]
    pub(crate) struct AnswerBody<B> {
        #[pin]
        inner: B,
        running: Running,
    }
}

impl<B> AnswerBody<B> {
    /// The body of the answer to the request that is `running`. HTTP/2 asks for it once the client has room for it.
    pub(crate) fn new(running: Running, inner: B) -> Self
    where
        B: Body,
    {
        if !inner.is_end_stream() {
            running.handed(0);
        }
        Self { inner, running }
    }
}

impl<B: Body> Body for AnswerBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        this.running.asked();
        let frame = ready!(this.inner.poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            this.running.handed(frame.data_ref().map_or(0, Buf::remaining));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
