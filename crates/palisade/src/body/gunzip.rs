//! Unpacks gzip bit by bit: never more at once than a chunk, whatever is in it.

use std::{io::Write, mem};

use bytes::{Buf, Bytes};
use flate2::write::GzDecoder;

use super::BodyError;

/// So much is handed on at once, more or less.
const CHUNK: usize = 16 << 10;

/// What may come out before the ratio counts: a small form of blanks is no bomb.
const FREE: u64 = 64 << 10;

/// One gzip that is being unpacked.
#[derive(Debug)]
pub(super) struct Gunzip {
    inner: GzDecoder<Vec<u8>>,
    packed: Bytes,
    ratio: u32,
    came: u64,
    went: u64,
}

impl Gunzip {
    /// One byte may become `ratio`.
    pub(super) fn new(ratio: u32) -> Self {
        let inner = GzDecoder::new(Vec::new());
        Self { inner, packed: Bytes::new(), ratio, came: 0, went: 0 }
    }

    /// Takes what came. [`chunk`](Self::chunk) must have said that there is no more.
    pub(super) fn take(&mut self, packed: Bytes) {
        self.packed = packed;
    }

    /// The next chunk of what was taken so far.
    pub(super) fn chunk(&mut self) -> Result<Option<Bytes>, BodyError> {
        if self.packed.is_empty() {
            return Ok(None);
        }
        while !self.packed.is_empty() && self.inner.get_ref().len() < CHUNK {
            let read = self.inner.write(&self.packed).map_err(|_| BodyError::NotGzip)?;
            if read == 0 {
                // It has ended, and something stands behind: another reader could take it for content.
                return Err(BodyError::NotGzip);
            }
            self.packed.advance(read);
            self.came = self.came.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        }
        if self.packed.is_empty() && self.inner.header().is_some() {
            // What came is handed on before more is waited for.
            self.inner.flush().map_err(|_| BodyError::NotGzip)?;
        }
        self.unpacked()
    }

    /// The last chunk, if there is one: nothing more comes.
    pub(super) fn last(&mut self) -> Result<Option<Bytes>, BodyError> {
        self.inner.try_finish().map_err(|_| BodyError::NotGzip)?;
        self.unpacked()
    }

    fn unpacked(&mut self) -> Result<Option<Bytes>, BodyError> {
        let chunk = mem::take(self.inner.get_mut());
        self.went = self.went.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if self.went > self.came.saturating_mul(self.ratio.into()).saturating_add(FREE) {
            return Err(BodyError::TooDense);
        }
        Ok((!chunk.is_empty()).then(|| chunk.into()))
    }
}
