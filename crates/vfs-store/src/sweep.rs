//! Removes what nobody knows.

use std::{collections::HashSet, future::Future, time::SystemTime};

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectMeta, ObjectStore, path::Path};
use palisade_vault::KeyProvider;

use crate::{
    ObjectId, Objects, SweepError,
    error::Cause,
    object_id::{FOLDER, shard_name},
};

/// So many objects are asked about at a time.
const AT_A_TIME: usize = 1000;

/// One of 256 parts of a storage: the objects whose ids begin with the same byte. A sweep goes from one to the next, and can
/// stop between any two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shard {
    first_byte: u8,
}

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Swept {
    /// Objects that were there.
    pub objects: u64,
    /// Those of them that were removed.
    pub removed: u64,
    /// What uploads had left behind that were cut, and was removed. Of a folder alone: clouds have rules for that.
    pub uploads: u64,
}

// === impl Shard ===

impl Shard {
    /// The first.
    pub const FIRST: Self = Self { first_byte: 0 };

    /// The one behind it.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Some(Self { first_byte: self.first_byte.checked_add(1)? })
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(|first_byte| Self { first_byte })
    }

    /// The one that holds this object.
    #[must_use]
    pub const fn of(id: &ObjectId) -> Self {
        Self { first_byte: id.shard() }
    }

    fn path(self) -> Path {
        Path::from_iter([FOLDER, &shard_name(self.first_byte)])
    }
}

// === impl Objects ===

impl<P: KeyProvider + ?Sized> Objects<P> {
    /// Removes the objects of `shard` that were written before `written_before` and that `known`, which is asked for the
    /// known ones of some ids, does not give back. 1 000 ids are in memory at a time.
    ///
    /// An object is in the storage before an index knows it, so `written_before` is further back than the longest upload
    /// takes, by the clock of the storage: S3 dates an object by the beginning of its upload. A day is good. What is no
    /// object's name is left alone.
    ///
    /// # Errors
    ///
    /// The storage or the index does not answer.
    pub async fn sweep<E: Into<Cause>, F: Future<Output = Result<HashSet<ObjectId>, E>> + Send>(
        &self,
        shard: Shard,
        written_before: SystemTime,
        known: impl Fn(Vec<ObjectId>) -> F + Send,
    ) -> Result<Swept, SweepError> {
        let mut swept = Swept { uploads: self.cleared().await?, ..Swept::default() };
        let listed = self.store.list(Some(&shard.path()));
        let mut old = listed
            .try_filter_map(|meta| {
                swept.objects = swept.objects.saturating_add(1);
                let id = ObjectId::at(&meta.location).filter(|_| is_old(&meta, written_before));
                async move { Ok(id) }
            })
            .try_chunks(AT_A_TIME)
            .boxed();
        let mut removed = 0_u64;
        while let Some(ids) = old.try_next().await.map_err(unavailable)? {
            let kept = known(ids.clone()).await.map_err(|error| SweepError::Index(error.into()))?;
            let unknown = ids.into_iter().filter(|id| !kept.contains(id));
            removed = removed.saturating_add(self.remove_all(unknown.collect()).await?);
        }
        drop(old);
        Ok(Swept { removed, ..swept })
    }

    /// What uploads left behind.
    async fn cleared(&self) -> Result<u64, SweepError> {
        match &self.folder {
            Some(folder) => folder.clear().await.map_err(unavailable),
            None => Ok(0),
        }
    }

    async fn remove_all(&self, ids: Vec<ObjectId>) -> Result<u64, SweepError> {
        let paths = stream::iter(ids).map(|id| Ok(id.path())).boxed();
        let mut removed = 0_u64;
        let mut gone = self.store.delete_stream(paths);
        while let Some(path) = gone.next().await {
            match path {
                Ok(_) => removed = removed.saturating_add(1),
                // Somebody else was faster.
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Ok(removed)
    }
}

fn is_old(meta: &ObjectMeta, written_before: SystemTime) -> bool {
    SystemTime::from(meta.last_modified) < written_before
}

fn unavailable(error: impl Into<Cause>) -> SweepError {
    SweepError::Unavailable(error.into())
}
