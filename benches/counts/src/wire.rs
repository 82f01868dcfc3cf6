//! A connection without a socket: hyper reads requests from memory, and its answers are counted.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::rt::{Read, ReadBufCursor, Write};

/// One end of the wire: hyper's.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    state: Rc<RefCell<State>>,
}

#[derive(Debug)]
struct State {
    request: Bytes,
    /// Requests that hyper has not read yet.
    waiting: u64,
    /// Answers that hyper has written.
    answers: u64,
    /// The last answer, as far as its head and a short body go.
    last: Vec<u8>,
}

impl Wire {
    /// A wire on which always the same request comes.
    pub(crate) fn new(request: Bytes) -> Self {
        let state = State { request, waiting: 0, answers: 0, last: Vec::with_capacity(8192) };
        Self { state: Rc::new(RefCell::new(state)) }
    }

    /// Lets this many requests come.
    pub(crate) fn send(&self, requests: u64) {
        self.state.borrow_mut().waiting += requests;
    }

    /// The answers so far.
    pub(crate) fn answers(&self) -> u64 {
        self.state.borrow().answers
    }

    /// The last answer.
    pub(crate) fn last(&self) -> String {
        String::from_utf8_lossy(&self.state.borrow().last).into_owned()
    }
}

impl Read for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.state.borrow_mut();
        if state.waiting == 0 || buffer.remaining() < state.request.len() {
            return Poll::Pending;
        }
        state.waiting -= 1;
        buffer.put_slice(&state.request);
        Poll::Ready(Ok(()))
    }
}

impl Write for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.state.borrow_mut();
        if bytes.starts_with(b"HTTP/1.1 ") {
            state.answers += 1;
            state.last.clear();
        }
        state.last.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
