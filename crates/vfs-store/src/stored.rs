//! What the storage has under one id: bytes that nobody vouches for.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::BytesMut;
use futures_util::TryStreamExt;
use object_store::{Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt, path::Path};

use crate::{ObjectId, Place, ReadError, alert::Outcome, folder::Fault};

/// What the storage has under one id.
#[derive(Debug)]
pub(crate) struct Stored {
    store: Arc<dyn ObjectStore>,
    path: Path,
    mount: String,
    id: ObjectId,
    /// Whether the log was told that something is wrong with it.
    is_told: AtomicBool,
}

/// Some bytes of it.
pub(crate) struct Found {
    pub(crate) bytes: BytesMut,
    /// How long all of it is, as the storage says.
    pub(crate) length: u64,
}

// === impl Stored ===

impl Stored {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, place: &Place<'_>) -> Self {
        let (path, mount) = (place.id.path(), place.mount.to_owned());
        Self { store, path, mount, id: place.id, is_told: AtomicBool::new(false) }
    }

    /// The bytes in `range`, or fewer where there are no more.
    pub(crate) async fn read(&self, range: Range<u64>) -> Result<Found, ReadError> {
        let due = range.end.saturating_sub(range.start);
        let options =
            GetOptions { range: Some(GetRange::Bounded(range.clone())), ..GetOptions::default() };
        let answer = match self.store.get_opts(&self.path, options).await {
            Ok(answer) => answer,
            Err(error) => return Err(self.judged(error, &range).await),
        };
        let length = answer.meta.size;
        let mut stream = answer.into_stream();
        let mut bytes = BytesMut::new();
        loop {
            match stream.try_next().await {
                // In place, where the storage keeps no copy.
                Ok(Some(piece)) if bytes.is_empty() => {
                    bytes = piece.try_into_mut().unwrap_or_else(|kept| BytesMut::from(&*kept));
                }
                Ok(Some(piece)) => bytes.extend_from_slice(&piece),
                Ok(None) => break,
                Err(error) => return Err(self.judged(error, &range).await),
            }
            // A storage that sends more than it was asked for would fill the memory.
            if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > due {
                return Err(self.refused(Outcome::Length));
            }
        }
        Ok(Found { bytes, length })
    }

    /// Tells the log that it is not what was written, once.
    pub(crate) fn refused(&self, outcome: Outcome) -> ReadError {
        if self.is_told.swap(true, Ordering::Relaxed) {
            return outcome.untold();
        }
        outcome.told(&Place { mount: &self.mount, id: self.id })
    }

    /// What an error of the storage says about the object. Storages have no name for a range that begins behind the end.
    async fn judged(&self, error: Error, range: &Range<u64>) -> ReadError {
        if Fault::is_planted(&error) {
            return self.refused(Outcome::NotAFile);
        }
        if matches!(error, Error::NotFound { .. }) {
            return self.refused(Outcome::Missing);
        }
        match self.store.head(&self.path).await {
            Ok(meta) if meta.size <= range.start => self.refused(Outcome::Length),
            Err(Error::NotFound { .. }) => self.refused(Outcome::Missing),
            _ => ReadError::unavailable(error),
        }
    }
}
