//! Opens a stream: its last chunk first, then any other.

use std::ops::Range;

use super::{
    alarm::Alarm,
    chunk::{Chunk, Chunks},
    header::HeaderParts,
    key::StreamKey,
    shape::StreamShape,
};
use crate::{Context, DataKey, OpenError};

/// A stream whose key is its own, and whose length is what the store says.
///
/// A store can say less: chunks in front are good chunks, and who reads them notices nothing until he comes to the end, if he
/// does. So nothing is opened before the last chunk: that one has been the last, and the number that it has now, or it does
/// not open.
#[derive(Debug)]
pub struct UnprovenStream {
    key: StreamKey,
    shape: StreamShape,
    alarm: Alarm,
}

/// Opens the chunks of a stream, in any order, each in the buffer it is in, and each as a whole or not at all.
///
/// The length is proven. Once a chunk was refused all are: what is damaged is aborted. It can be asked from many threads.
#[derive(Debug)]
pub struct StreamOpener {
    key: StreamKey,
    shape: StreamShape,
    alarm: Alarm,
}

// === impl UnprovenStream ===

impl UnprovenStream {
    pub(super) fn new(
        key: &DataKey,
        parts: HeaderParts<'_>,
        shape: StreamShape,
        context: &Context<'_>,
    ) -> Result<Self, OpenError> {
        let alarm = Alarm::new(context, parts.wrapped.version);
        Ok(Self { key: parts.key(key, context)?, shape, alarm })
    }

    /// What has to be read first: the last chunk.
    #[must_use]
    pub fn last(&self) -> Chunk {
        self.shape.last()
    }

    /// Opens `last`, the last chunk as it is stored, in place: the length is proven, and other chunks can be opened. What is
    /// in it is given beside: a small object has no other chunk.
    ///
    /// # Errors
    ///
    /// [`OpenError::Tampered`]: it is not the last chunk of this stream, or the stream is not as long as it is said to be.
    /// No plaintext is in the buffer then.
    pub fn prove(self, last: &mut [u8]) -> Result<(StreamOpener, &mut [u8]), OpenError> {
        let Self { key, shape, alarm } = self;
        let proven = StreamOpener { key, shape, alarm };
        let end = proven.open(&shape.last(), last)?;
        Ok((proven, end))
    }
}

// === impl StreamOpener ===

impl StreamOpener {
    /// How long the stream is.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.shape.length()
    }

    /// The chunks that hold the bytes `wanted`. What is beyond the end is left out.
    #[must_use]
    pub fn chunks_of(&self, wanted: Range<u64>) -> Chunks {
        self.shape.chunks_of(wanted)
    }

    /// Opens a chunk as it is stored, in place, and gives the part of it that is wanted. What is in the buffer is the
    /// caller's to overwrite.
    ///
    /// # Errors
    ///
    /// [`OpenError::Tampered`]: it is not what was sealed there, or another chunk was not. No plaintext is in the
    /// buffer then.
    pub fn open<'a>(&self, chunk: &Chunk, sealed: &'a mut [u8]) -> Result<&'a mut [u8], OpenError> {
        if self.alarm.was_rung() {
            return Err(OpenError::Tampered);
        }
        // A good chunk is as long as was sealed. That it is as long as the store said is what proves the length.
        let is_whole = sealed.len() == chunk.sealed_length();
        let opened = if is_whole { self.key.open(chunk.position, sealed).ok() } else { None };
        let wanted = opened.and_then(|plain| plain.get_mut(chunk.wanted()));
        wanted.ok_or_else(|| self.alarm.ring(chunk.number()))
    }
}
