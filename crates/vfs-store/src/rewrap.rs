//! Wraps the key of an object again, for a rotation.

use std::{ops::Range, sync::Arc};

use palisade_vault::{KeyProvider, StreamHeader, StreamShape};

use crate::{
    Objects, Place, RewrapError,
    alert::Outcome,
    stored::{Flaw, Stored},
    upload::Upload,
};

/// What is read of an object at first, in bytes: any header fits.
const FRONT: u64 = 8 << 10;
/// What is copied at a time.
const PIECE: u64 = 1 << 20;

impl<P: KeyProvider + ?Sized> Objects<P> {
    /// Wraps the key of an object under the vault's primary key, if it is not yet; says whether it was not.
    ///
    /// Storages replace objects and change none, so all of it is read and written again, as it is: nothing is encrypted anew,
    /// and chunks that were changed stay so, for whoever opens them to find. The old object is there until the new one is.
    ///
    /// # Errors
    ///
    /// It is not what was written there as far as its header tells, or nobody answers. It is as it was.
    pub async fn rewrap(&self, place: &Place<'_>, length: u64) -> Result<bool, RewrapError> {
        let stored = Stored::new(Arc::clone(&self.store), place);
        let front = stored.read(0..FRONT).await.map_err(|flaw| stored.told(flaw))?;
        let header = StreamHeader::at_start_of(&front.bytes);
        if header.key_version().is_some() && !self.vault.stream_needs_rewrap(&header) {
            return Ok(false);
        }
        let row = place.row();
        let rewrapped = self.vault.rewrap_stream_header(&place.context(&row), &header).await?;
        let chunks = chunks_behind(&header, length).filter(|chunks| chunks.end == front.length);
        let chunks = chunks.ok_or_else(|| stored.told(Flaw::Refused(Outcome::Length)))?;
        let mut upload = Upload::new(Arc::clone(&self.store), place.id.path(), self.transfer);
        match copied(&stored, rewrapped, chunks, &mut upload).await {
            Ok(()) => {
                upload.finish().await?;
                Ok(true)
            }
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }
}

/// Where the chunks of an object are, behind its header.
fn chunks_behind(header: &StreamHeader, length: u64) -> Option<Range<u64>> {
    let shape = StreamShape::of_length(header.chunk_size()?, length)?;
    let offset = u64::try_from(header.as_bytes().len()).ok()?;
    Some(offset..offset.checked_add(shape.sealed_length())?)
}

async fn copied(
    stored: &Stored,
    header: StreamHeader,
    chunks: Range<u64>,
    upload: &mut Upload,
) -> Result<(), RewrapError> {
    upload.write(header.as_bytes()).await?;
    let mut at = chunks.start;
    while at < chunks.end {
        let end = at.saturating_add(PIECE).min(chunks.end);
        let found = stored.read(at..end).await.map_err(|flaw| stored.told(flaw))?;
        let read = u64::try_from(found.bytes.len()).unwrap_or(u64::MAX);
        if at.saturating_add(read) != end {
            return Err(stored.told(Flaw::Refused(Outcome::Length)).into());
        }
        upload.write(&found.bytes).await?;
        at = end;
    }
    Ok(())
}
