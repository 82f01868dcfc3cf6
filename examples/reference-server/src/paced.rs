//! The bytes of a connection: they tell its pulse what happens, and end it where nobody reads what is written.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use palisade::Patience;
use pin_project_lite::pin_project;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

use crate::pulse::Pulse;

/// How HTTP/2 begins (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pin_project! {
    /// A stream with its pulse.
    #[derive(Debug)]
    pub(crate) struct Paced<I> {
        #[pin]
        inner: I,
        pulse: Arc<Pulse>,
        // The part of the preface that has not come yet; none once the protocol is known.
        preface: Option<&'static [u8]>,
        writing: Writing,
    }
}

/// How far the client's reading keeps up.
#[derive(Debug)]
struct Writing {
    patience: Patience,
    /// Since when nothing can be written, and until when we wait.
    stalled: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<I> Paced<I> {
    /// Watches `inner`.
    pub(crate) fn new(pulse: Arc<Pulse>, inner: I) -> Self {
        let writing = Writing { patience: pulse.send(), stalled: None };
        Self { inner, pulse, preface: Some(PREFACE), writing }
    }
}

impl<I: AsyncRead> AsyncRead for Paced<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        let before = buffer.filled().len();
        let read = this.inner.poll_read(cx, buffer);
        let came = buffer.filled().get(before..).unwrap_or_default();
        if came.is_empty() {
            return read;
        }
        this.pulse.read();
        if let Some(expected) = *this.preface {
            let (begins, rest) = (came.starts_with(expected), expected.strip_prefix(came));
            *this.preface = rest.filter(|rest| !rest.is_empty());
            if begins {
                this.pulse.is_http2();
            }
        }
        read
    }
}

impl<I: AsyncWrite> AsyncWrite for Paced<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.inner.poll_write(cx, bytes);
        this.writing.pace(cx, this.pulse, written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let flushed = this.inner.poll_flush(cx).map_ok(|()| 0);
        this.writing.pace(cx, this.pulse, flushed).map_ok(|_| ())
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let ended = this.inner.poll_shutdown(cx).map_ok(|()| 0);
        this.writing.pace(cx, this.pulse, ended).map_ok(|_| ())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = this.inner.poll_write_vectored(cx, slices);
        this.writing.pace(cx, this.pulse, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

// === impl Writing ===

impl Writing {
    /// Lets `written` through; what waits too long becomes an error.
    fn pace(
        &mut self,
        cx: &mut Context<'_>,
        pulse: &Pulse,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            if let Some((since, _)) = self.stalled.take() {
                self.patience.waited(since.elapsed());
            }
            if let Ok(bytes @ 1..) = written {
                self.patience.moved(bytes);
                pulse.written(bytes);
            }
            return Poll::Ready(written);
        }
        let left = self.patience.left();
        let (_, until) =
            self.stalled.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        match until.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}
