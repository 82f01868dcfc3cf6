//! A body that is counted, unpacked and hurried while it is read.

use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use palisade_core::{BoxFuture, Clock, Moment};
use pin_project_lite::pin_project;

use super::{BodyError, Timer, error::Fault, gunzip::Gunzip};
use crate::Patience;

/// The next frame of a body.
type Next = Option<Result<Frame<Bytes>, Box<dyn Error + Send + Sync>>>;

pin_project! {
    /// The request body behind the stack: the one that came, with the limits around it. Reading on past one of them is an
    /// error, of which the stack makes the answer: 413, 408, or 400.
    pub struct LimitedBody<B> {
        #[pin]
        inner: B,
        // None where there is nothing to read.
        guard: Option<Box<Guard>>,
    }
}

/// What holds for one body.
pub(super) struct Guard {
    pub(super) limit: u64,
    pub(super) read: u64,
    /// What came of a body that is unpacked: much of it may become nothing.
    pub(super) packed: u64,
    pub(super) gunzip: Option<Gunzip>,
    pub(super) pace: Option<Pace>,
    pub(super) fault: Arc<Fault>,
    pub(super) ended: bool,
    /// They came, and wait for what stands before them.
    pub(super) trailers: Option<Frame<Bytes>>,
}

/// How long it is waited for.
pub(super) struct Pace {
    pub(super) patience: Patience,
    pub(super) timer: Arc<dyn Timer>,
    pub(super) clock: Clock,
    /// Since when, and until when.
    pub(super) waiting: Option<(Moment, BoxFuture<()>)>,
}

// === impl LimitedBody ===

impl<B> LimitedBody<B> {
    pub(super) fn new(inner: B, guard: Option<Guard>) -> Self {
        Self { inner, guard: guard.map(Box::new) }
    }
}

impl<B> Body for LimitedBody<B>
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Next> {
        let mut this = self.project();
        let Some(guard) = this.guard else {
            return this.inner.poll_frame(cx).map(|next| next.map(whole));
        };
        loop {
            if guard.ended {
                return Poll::Ready(guard.trailers.take().map(Ok));
            }
            match guard.unpacked() {
                Ok(None) => {}
                Ok(Some(chunk)) => return Poll::Ready(Some(guard.count(chunk))),
                Err(error) => return Poll::Ready(Some(Err(guard.end(error)))),
            }
            let next = this.inner.as_mut().poll_frame(cx);
            if let Err(error) = guard.wait(cx, &next) {
                return Poll::Ready(Some(Err(guard.end(error))));
            }
            match ready!(next).map(whole) {
                None => return Poll::Ready(guard.last()),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => match frame.into_data() {
                    Err(trailers) => {
                        guard.trailers = Some(trailers);
                        if let Some(last) = guard.last() {
                            return Poll::Ready(Some(last));
                        }
                    }
                    Ok(data) => match guard.take(data) {
                        Ok(None) => {}
                        Ok(Some(data)) => return Poll::Ready(Some(guard.count(data))),
                        Err(error) => return Poll::Ready(Some(Err(guard.end(error)))),
                    },
                },
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let done =
            |guard: &Guard| (guard.ended || guard.gunzip.is_none()) && guard.trailers.is_none();
        self.guard.as_deref().is_none_or(done) && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.guard.as_deref() {
            Some(Guard { gunzip: Some(_), .. }) => SizeHint::default(),
            _ => self.inner.size_hint(),
        }
    }
}

impl<B: fmt::Debug> fmt::Debug for LimitedBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.guard.as_ref().map(|guard| guard.limit);
        f.debug_struct("LimitedBody")
            .field("inner", &self.inner)
            .field("limit", &limit)
            .finish_non_exhaustive()
    }
}

/// One piece of memory, which most frames are already.
fn whole<D: Buf, E: Into<Box<dyn Error + Send + Sync>>>(
    frame: Result<Frame<D>, E>,
) -> Result<Frame<Bytes>, Box<dyn Error + Send + Sync>> {
    let whole = |mut data: D| data.copy_to_bytes(data.remaining());
    frame.map(|frame| frame.map_data(whole)).map_err(Into::into)
}

// === impl Guard ===

impl Guard {
    /// What is unpacked already.
    fn unpacked(&mut self) -> Result<Option<Bytes>, BodyError> {
        self.gunzip.as_mut().map_or(Ok(None), Gunzip::chunk)
    }

    /// Takes what came; gives it back where nothing is to be unpacked.
    fn take(&mut self, data: Bytes) -> Result<Option<Bytes>, BodyError> {
        let Some(gunzip) = &mut self.gunzip else { return Ok(Some(data)) };
        self.packed = self.packed.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if self.packed > self.limit {
            // Empty blocks become nothing (RFC 1951 section 3.2.4), for ever.
            return Err(BodyError::TooLarge { limit: self.limit });
        }
        gunzip.take(data);
        Ok(None)
    }

    /// Nothing more comes: what is left of what was unpacked.
    fn last(&mut self) -> Next {
        let last = self.gunzip.as_mut().map_or(Ok(None), Gunzip::last);
        let next = match last {
            Ok(chunk) => chunk.map(|chunk| self.count(chunk)),
            Err(error) => Some(Err(self.end(error))),
        };
        self.ended = true;
        next
    }

    fn count(&mut self, data: Bytes) -> Result<Frame<Bytes>, Box<dyn Error + Send + Sync>> {
        self.read = self.read.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
        if self.read > self.limit {
            return Err(self.end(BodyError::TooLarge { limit: self.limit }));
        }
        Ok(Frame::data(data))
    }

    /// Nothing is read any more; the answer will say why.
    fn end(&mut self, error: BodyError) -> Box<dyn Error + Send + Sync> {
        self.ended = true;
        self.trailers = None;
        Box::new(self.fault.found(error))
    }

    fn wait<D: Buf, E>(
        &mut self,
        cx: &mut Context<'_>,
        next: &Poll<Option<Result<Frame<D>, E>>>,
    ) -> Result<(), BodyError> {
        let Some(pace) = &mut self.pace else { return Ok(()) };
        match next {
            Poll::Pending => pace.wait(cx),
            Poll::Ready(Some(Ok(frame))) => {
                pace.moved(frame.data_ref().map_or(0, Buf::remaining));
                Ok(())
            }
            Poll::Ready(_) => Ok(()),
        }
    }
}

// === impl Pace ===

impl Pace {
    fn wait(&mut self, cx: &mut Context<'_>) -> Result<(), BodyError> {
        let Self { patience, timer, clock, waiting } = self;
        let (_, until) = waiting.get_or_insert_with(|| (clock.now(), timer.after(patience.left())));
        match until.as_mut().poll(cx) {
            Poll::Pending => Ok(()),
            Poll::Ready(()) => Err(BodyError::TooSlow),
        }
    }

    fn moved(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.patience.waited(self.clock.since(since));
        }
        self.patience.moved(bytes);
    }
}
