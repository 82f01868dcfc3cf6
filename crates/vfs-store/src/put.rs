//! Writes an object, chunk by chunk.

use std::{pin::pin, sync::Arc};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt;
use palisade_vault::{BufferedSealer, ChunkSize, KeyProvider};

use crate::{ObjectId, Objects, Place, WriteError, error::Cause, upload::Upload};

/// An object that was written: what an index has to know of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Put {
    /// Its name in the storage.
    pub id: ObjectId,
    /// How many bytes it is.
    pub length: u64,
}

impl<P: KeyProvider + ?Sized> Objects<P> {
    /// Writes the bytes of `body` as the object `place`, `limit` of them at most.
    ///
    /// A few parts of it are in memory, however long it is. The storage has nothing at that place before all is there, and
    /// then all of it: who looks meanwhile finds what was there before. An error, or dropping what this returns, aborts it.
    ///
    /// # Errors
    ///
    /// There are more bytes, `body` ends with an error, or the storage or who keeps the keys does not answer.
    pub async fn put<E: Into<Cause>>(
        &self,
        place: &Place<'_>,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
        limit: u64,
    ) -> Result<Put, WriteError> {
        let row = place.row();
        let sealer = self.vault.begin_stream(&place.context(&row), ChunkSize::DEFAULT).await?;
        let mut upload = Upload::new(Arc::clone(&self.store), place.id.path(), self.transfer);
        match sealed(sealer.buffered(), body, limit, &mut upload).await {
            Ok(length) => {
                upload.finish().await?;
                Ok(Put { id: place.id, length })
            }
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }
}

/// Seals all that `body` gives, and says how much it was.
async fn sealed<E: Into<Cause>>(
    mut sealer: BufferedSealer,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
    limit: u64,
    upload: &mut Upload,
) -> Result<u64, WriteError> {
    upload.write(sealer.header().as_bytes()).await?;
    let mut body = pin!(body);
    let mut length = 0_u64;
    while let Some(piece) = body.try_next().await.map_err(|error| WriteError::Body(error.into()))? {
        length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if length > limit {
            return Err(WriteError::TooLarge { limit });
        }
        let mut piece = &*piece;
        while let Some(chunk) = sealer.push(&mut piece)? {
            upload.write(chunk).await?;
        }
    }
    upload.write(&sealer.finish()?).await?;
    Ok(length)
}
