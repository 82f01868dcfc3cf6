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

use palisade_vault::OpenError;

use crate::{ObjectId, Place, ReadError, alert::Outcome, error::Cause, folder::Fault};

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

/// Why bytes of it are not here. Nobody was told yet: of what was asked for ahead nobody may want to know.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// It is not what was written.
    Refused(Outcome),
    /// The storage does not answer.
    Unavailable(Cause),
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
    pub(crate) async fn read(&self, range: Range<u64>) -> Result<Found, Flaw> {
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
                return Err(Flaw::Refused(Outcome::Length));
            }
        }
        Ok(Found { bytes, length })
    }

    /// What the reader is told of a flaw. The log is told, once, unless it says nothing about the object.
    pub(crate) fn told(&self, flaw: Flaw) -> ReadError {
        match flaw {
            Flaw::Unavailable(cause) => ReadError::Unavailable(cause),
            Flaw::Refused(outcome) if self.is_told.swap(true, Ordering::Relaxed) => {
                outcome.untold()
            }
            Flaw::Refused(outcome) => outcome.told(&self.mount, self.id),
        }
    }

    /// The same for what the vault refused: it told the log.
    pub(crate) fn refused(&self, error: OpenError) -> ReadError {
        self.is_told.store(true, Ordering::Relaxed);
        error.into()
    }

    /// What an error of the storage says about the object. Storages have no name for a range that begins behind the end.
    async fn judged(&self, error: Error, range: &Range<u64>) -> Flaw {
        if Fault::is_planted(&error) {
            return Flaw::Refused(Outcome::NotAFile);
        }
        if matches!(error, Error::NotFound { .. }) {
            return Flaw::Refused(Outcome::Missing);
        }
        match self.store.head(&self.path).await {
            Ok(meta) if meta.size <= range.start => Flaw::Refused(Outcome::Length),
            Err(Error::NotFound { .. }) => Flaw::Refused(Outcome::Missing),
            _ => Flaw::Unavailable(error.into()),
        }
    }
}
