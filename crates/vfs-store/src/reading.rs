//! A range of an object, chunk by chunk.

use std::{ops::Range, sync::Arc, vec};

use bytes::{Bytes, BytesMut};
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use palisade_vault::{Chunk, Chunks};

use crate::{
    ReadError,
    object::{Inner, behind},
    stored::Flaw,
};

/// So many requests are made at a time: that for what is wanted next, and one ahead.
const AT_A_TIME: usize = 2;

/// Chunks that one request asks for.
struct Batch {
    chunks: vec::IntoIter<Chunk>,
    bytes: BytesMut,
}

/// What is left of a range.
struct Rest {
    inner: Arc<Inner>,
    batches: BoxStream<'static, Result<Batch, Flaw>>,
    batch: Option<Batch>,
    /// What is wanted of the last chunk, which is here already. It comes when all others have come.
    end: Option<Bytes>,
}

/// The bytes of an object in `range`.
pub(crate) fn read(
    inner: Arc<Inner>,
    range: Range<u64>,
) -> BoxStream<'static, Result<Bytes, ReadError>> {
    let end = end_of(&inner, &range);
    let chunks = inner.opener.chunks_of(range);
    let of = Arc::clone(&inner);
    let batches = stream::iter(batches(&inner, chunks))
        .map(move |chunks| Batch::read(Arc::clone(&of), chunks))
        .buffered(AT_A_TIME)
        .boxed();
    let rest = Rest { inner, batches, batch: None, end };
    // After an error it ends.
    let bytes = stream::try_unfold(rest, |mut rest| async move {
        Ok(rest.next().await?.map(|bytes| (bytes, rest)))
    });
    bytes.boxed()
}

/// What is wanted of the last chunk, which is here already.
fn end_of(inner: &Inner, range: &Range<u64>) -> Option<Bytes> {
    let here = u64::try_from(inner.end.len()).ok()?;
    let start = inner.opener.length().saturating_sub(here).max(range.start);
    let chunk = inner.opener.chunks_of(start..range.end).next()?;
    part(&inner.end, &chunk.wanted()).filter(|_| chunk.number() == inner.last)
}

/// The bytes in `wanted`, if they are there.
fn part(bytes: &Bytes, wanted: &Range<usize>) -> Option<Bytes> {
    let is_there = wanted.start <= wanted.end && wanted.end <= bytes.len();
    is_there.then(|| bytes.slice(wanted.clone()))
}

/// The chunks in front of the last one, by requests.
fn batches(inner: &Inner, chunks: Chunks) -> impl Iterator<Item = Vec<Chunk>> + Send + use<> {
    let (last, most) = (inner.last, inner.chunks);
    let mut left = chunks.take_while(move |chunk| chunk.number() != last);
    std::iter::from_fn(move || {
        let batch: Vec<_> = left.by_ref().take(most).collect();
        (!batch.is_empty()).then_some(batch)
    })
}

// === impl Batch ===

impl Batch {
    async fn read(inner: Arc<Inner>, chunks: Vec<Chunk>) -> Result<Self, Flaw> {
        let ends = chunks.first().zip(chunks.last());
        let range = ends.map_or(0..0, |(first, last)| first.sealed().start..last.sealed().end);
        let found = inner.stored.read(behind(inner.offset, range)).await?;
        Ok(Self { chunks: chunks.into_iter(), bytes: found.bytes })
    }

    /// The wanted bytes of the next chunk, verified.
    fn next(&mut self, inner: &Inner) -> Result<Option<Bytes>, ReadError> {
        let Some(chunk) = self.chunks.next() else { return Ok(None) };
        // Fewer bytes than a chunk are none that opens.
        let length = chunk.sealed_length().min(self.bytes.len());
        let mut bytes = self.bytes.split_to(length);
        let opened = inner.opener.open(&chunk, &mut bytes).map(|_| ());
        opened.map_err(|error| inner.stored.refused(error))?;
        part(&bytes.freeze(), &chunk.wanted()).ok_or(ReadError::Tampered).map(Some)
    }
}

// === impl Rest ===

impl Rest {
    async fn next(&mut self) -> Result<Option<Bytes>, ReadError> {
        loop {
            if let Some(batch) = &mut self.batch
                && let Some(bytes) = batch.next(&self.inner)?
            {
                return Ok(Some(bytes));
            }
            let next = self.batches.try_next().await;
            self.batch = next.map_err(|flaw| self.inner.stored.told(flaw))?;
            if self.batch.is_none() {
                return Ok(self.end.take());
            }
        }
    }
}
