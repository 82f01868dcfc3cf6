//! One reader's end of a feed.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;

use crate::{Ending, Event, EventId, Told, board::Board, reader::Reader};

/// One reader's end of a [`Feed`](crate::Feed). Dropping it gives the place back.
#[derive(Debug)]
#[must_use = "what nobody reads is lost"]
pub struct Subscription<T> {
    pub(crate) board: Arc<Board<T>>,
    pub(crate) reader: Arc<Reader<T>>,
}

// === impl Subscription ===

impl<T> Subscription<T> {
    pub(crate) fn new(board: Arc<Board<T>>, reader: Arc<Reader<T>>) -> Self {
        Self { board, reader }
    }

    /// Waits for what comes next; none at the end. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Told<T>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The same, for who polls.
    pub fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Told<T>>> {
        self.reader.poll(cx.waker())
    }

    /// Why it ended or will end once what waits is read; none while it goes on.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.reader.ending()
    }

    /// The name of the event behind which he goes on if he comes back: it may be one that he did not want.
    pub(crate) fn position(&self) -> Option<EventId> {
        self.board.position(&self.reader)
    }

    /// The message of an event, as all who read it get it.
    #[must_use]
    pub fn text(&self, event: &Event<T>) -> Bytes {
        event.text(&*self.board.encode).clone()
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        self.board.remove(&self.reader);
        self.reader.leave();
    }
}
