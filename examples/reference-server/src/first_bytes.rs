//! A connection that must say something before long.
//!
//! The timeout of a request's head starts with its first byte, and until a connection has sent what tells HTTP/1 from
//! HTTP/2 nobody watches the time: whoever connects and stays silent would hold a place for ever.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// How HTTP/2 begins (RFC 9113 section 3.4). After all of it, or at the first byte that is another, the protocol is known,
/// and its own timeouts hold.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pin_project! {
    /// A connection whose first bytes must come in time.
    #[derive(Debug)]
    pub(crate) struct FirstBytes<I> {
        #[pin]
        inner: I,
        // The part of the preface that has not come yet.
        expected: &'static [u8],
        // Boxed, so that it is gone once it is not needed.
        deadline: Option<Pin<Box<Sleep>>>,
    }
}

impl<I> FirstBytes<I> {
    /// Gives `inner` this much time.
    pub(crate) fn within(time: Duration, inner: I) -> Self {
        Self { inner, expected: PREFACE, deadline: Some(Box::pin(sleep(time))) }
    }
}

impl<I: AsyncRead> AsyncRead for FirstBytes<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        let before = buffer.filled().len();
        let read = this.inner.poll_read(cx, buffer);
        let Some(deadline) = this.deadline else { return read };
        let came = buffer.filled().get(before..).unwrap_or_default();
        *this.expected = this.expected.strip_prefix(came).unwrap_or_default();
        if this.expected.is_empty() {
            *this.deadline = None;
        } else if read.is_pending() && deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<I: AsyncWrite> AsyncWrite for FirstBytes<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
