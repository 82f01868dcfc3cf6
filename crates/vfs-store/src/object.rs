//! An object that is open: its key is its own, and its length is proven.

use std::{fmt, ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use palisade_vault::{Chunk, KeyProvider, StreamHeader, StreamOpener, StreamShape, UnprovenStream};

use crate::{
    Objects, Place, ReadError,
    alert::Outcome,
    reading,
    stored::{Flaw, Found, Stored},
};

/// What is read of an object at first, in bytes: any header fits.
const FRONT: u64 = 8 << 10;
/// An object of so many bytes is read at once: a header, a chunk and its tag.
const SMALL: u64 = 64 << 10;

/// An object that is open: it is the one that was written at its place, and as long.
///
/// It is cheap to clone, and can be read from by many at a time. What it has of the storage is a name: an object that is
/// deleted meanwhile is [`ReadError::Missing`].
#[derive(Clone)]
pub struct Object {
    pub(crate) inner: Arc<Inner>,
}

/// What its readers share.
pub(crate) struct Inner {
    pub(crate) stored: Stored,
    pub(crate) opener: StreamOpener,
    /// How long its header is: where the first chunk begins.
    pub(crate) offset: u64,
    /// The number of the last chunk.
    pub(crate) last: u64,
    /// What is in the last chunk, which was read to prove the length.
    pub(crate) end: Bytes,
    /// How many chunks one request asks for.
    pub(crate) chunks: usize,
}

/// The first bytes of an object, and its header.
struct Front {
    bytes: BytesMut,
    header: StreamHeader,
    offset: u64,
    /// How many bytes its chunks are, as the storage says.
    sealed: u64,
}

// === impl Objects ===

impl<P: KeyProvider + ?Sized> Objects<P> {
    /// Opens the object `place`, which is `length` bytes long, as who wrote it said.
    ///
    /// The header and the last chunk are read, by one request for a small object and two for others, and prove that it is
    /// this object and this length, before anything is sent.
    ///
    /// # Errors
    ///
    /// It is not what was written there, is gone, or nobody answers: see [`ReadError`].
    pub async fn open_object(&self, place: &Place<'_>, length: u64) -> Result<Object, ReadError> {
        let stored = Stored::new(Arc::clone(&self.store), place);
        let front = Front::read(&stored, length).await.map_err(|flaw| stored.told(flaw))?;
        let row = place.row();
        let context = place.context(&row);
        let stream = self.vault.open_stream(&context, &front.header, front.sealed).await?;
        let last = stream.last();
        let offset = front.offset;
        let (opener, end) = proven(stream, &last, front, &stored).await?;
        let chunks = self.transfer.chunks;
        let inner = Inner { stored, opener, offset, last: last.number(), end, chunks };
        Ok(Object { inner: Arc::new(inner) })
    }
}

/// Opens the last chunk.
async fn proven(
    stream: UnprovenStream,
    last: &Chunk,
    front: Front,
    stored: &Stored,
) -> Result<(StreamOpener, Bytes), ReadError> {
    let range = behind(front.offset, last.sealed());
    let mut bytes = match front.part(&range) {
        Some(bytes) => bytes,
        None => stored.read(range).await.map_err(|flaw| stored.told(flaw))?.bytes,
    };
    let (opener, end) = stream.prove(&mut bytes)?;
    let length = end.len();
    bytes.truncate(length);
    Ok((opener, bytes.freeze()))
}

/// Where chunks are stored, behind a header.
pub(crate) const fn behind(offset: u64, chunks: Range<u64>) -> Range<u64> {
    chunks.start.saturating_add(offset)..chunks.end.saturating_add(offset)
}

// === impl Front ===

impl Front {
    async fn read(stored: &Stored, length: u64) -> Result<Self, Flaw> {
        let more = if length <= SMALL { SMALL } else { 0 };
        let Found { bytes, length: all } = stored.read(0..FRONT.saturating_add(more)).await?;
        let header = StreamHeader::at_start_of(&bytes);
        let offset = u64::try_from(header.as_bytes().len()).unwrap_or(u64::MAX);
        let sealed = all.saturating_sub(offset);
        // Where there is no header that can be read the vault says so.
        if let Some(size) = header.chunk_size()
            && StreamShape::of_length(size, length).map(StreamShape::sealed_length) != Some(sealed)
        {
            return Err(Flaw::Refused(Outcome::Length));
        }
        Ok(Self { bytes, header, offset, sealed })
    }

    /// The bytes in `range`, if all of them were read.
    fn part(mut self, range: &Range<u64>) -> Option<BytesMut> {
        let start = usize::try_from(range.start).ok()?;
        let end = usize::try_from(range.end).ok()?;
        if start > end || end > self.bytes.len() {
            return None;
        }
        self.bytes.truncate(end);
        Some(self.bytes.split_off(start))
    }
}

// === impl Object ===

impl Object {
    /// How many bytes it is.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.inner.opener.length()
    }

    /// The bytes in `range`, in their order. What is beyond the end is left out.
    ///
    /// Each chunk is verified as a whole before a byte of it is given out. After an error nothing comes any more, and what was
    /// given out is good. Of what follows, one request is made ahead.
    pub fn read(
        &self,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes, ReadError>> + Send + Unpin + use<> {
        reading::read(Arc::clone(&self.inner), range)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("length", &self.length()).finish_non_exhaustive()
    }
}
