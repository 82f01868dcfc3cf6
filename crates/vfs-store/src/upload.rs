//! An object on its way to the storage: parts of bounded length, nothing to be seen before all are there.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::{
    MultipartUpload, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, path::Path,
};
use tokio::{runtime::Handle, task::JoinSet};

use crate::{WriteError, transfer::Transfer};

/// An object on its way to the storage. Dropped before it is finished, it is aborted.
pub(crate) struct Upload {
    store: Arc<dyn ObjectStore>,
    path: Path,
    transfer: Transfer,
    /// The part that is being filled.
    part: BytesMut,
    /// How many parts are full.
    parts: u32,
    /// Where more than a part has come.
    begun: Option<Begun>,
}

/// What the storage knows of it.
struct Begun {
    /// Until it is finished.
    upload: Option<Box<dyn MultipartUpload>>,
    /// Parts on their way.
    under_way: JoinSet<object_store::Result<()>>,
}

// === impl Upload ===

impl Upload {
    pub(crate) fn new(store: Arc<dyn ObjectStore>, path: Path, transfer: Transfer) -> Self {
        let part = BytesMut::with_capacity(transfer.room(0));
        Self { store, path, transfer, part, parts: 0, begun: None }
    }

    /// Takes some more bytes, and waits where too many are on their way.
    pub(crate) async fn write(&mut self, mut bytes: &[u8]) -> Result<(), WriteError> {
        while !bytes.is_empty() {
            let room = self.transfer.part_length(self.parts).saturating_sub(self.part.len());
            if room == 0 {
                // Something follows: this is not the last part.
                self.send().await?;
                continue;
            }
            let (taken, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.part.extend_from_slice(taken);
            bytes = rest;
        }
        Ok(())
    }

    /// Sends what is left, and makes the object be there.
    pub(crate) async fn finish(mut self) -> Result<(), WriteError> {
        if self.begun.is_none() {
            let payload = PutPayload::from(self.part.split().freeze());
            self.store.put_opts(&self.path, payload, PutOptions::default()).await?;
            return Ok(());
        }
        let sent = self.send().await;
        let Some(begun) = self.begun.take() else { return sent };
        match sent {
            Ok(()) => begun.finish().await,
            Err(error) => {
                begun.abort().await;
                Err(error)
            }
        }
    }

    /// Ends it, and waits until the storage forgot it. What fails is left to whoever sweeps the storage.
    pub(crate) async fn abort(mut self) {
        if let Some(begun) = self.begun.take() {
            begun.abort().await;
        }
    }

    async fn send(&mut self) -> Result<(), WriteError> {
        self.parts = self.parts.saturating_add(1);
        let room = BytesMut::with_capacity(self.transfer.room(self.parts));
        let part = std::mem::replace(&mut self.part, room).freeze();
        let mut begun = match self.begun.take() {
            Some(begun) => begun,
            None => Begun::new(&*self.store, &self.path).await?,
        };
        let sent = begun.send(part, self.transfer.under_way).await;
        self.begun = Some(begun);
        sent
    }
}

// === impl Begun ===

impl Begun {
    async fn new(store: &dyn ObjectStore, path: &Path) -> Result<Self, WriteError> {
        let upload = store.put_multipart_opts(path, PutMultipartOptions::default()).await?;
        Ok(Self { upload: Some(upload), under_way: JoinSet::new() })
    }

    async fn send(&mut self, part: Bytes, under_way: usize) -> Result<(), WriteError> {
        while self.under_way.len() >= under_way {
            self.one_arrives().await?;
        }
        if let Some(upload) = &mut self.upload {
            self.under_way.spawn(upload.put_part(PutPayload::from(part)));
        }
        Ok(())
    }

    /// Waits until a part is there, if any is on its way.
    async fn one_arrives(&mut self) -> Result<(), WriteError> {
        match self.under_way.join_next().await {
            Some(arrived) => Ok(arrived.map_err(WriteError::unavailable)??),
            None => Ok(()),
        }
    }

    async fn finish(mut self) -> Result<(), WriteError> {
        while !self.under_way.is_empty() {
            if let Err(error) = self.one_arrives().await {
                self.abort().await;
                return Err(error);
            }
        }
        let Some(upload) = &mut self.upload else { return Ok(()) };
        let completed = upload.complete().await;
        match completed {
            Ok(_) => {
                self.upload = None;
                Ok(())
            }
            Err(error) => {
                self.abort().await;
                Err(error.into())
            }
        }
    }

    async fn abort(mut self) {
        self.under_way.shutdown().await;
        if let Some(mut upload) = self.upload.take() {
            let _aborted = upload.abort().await;
        }
    }
}

impl Drop for Begun {
    /// Who waited went away: the storage is told by a task of its own.
    fn drop(&mut self) {
        let Some(mut upload) = self.upload.take() else { return };
        if let Ok(runtime) = Handle::try_current() {
            let mut under_way = std::mem::take(&mut self.under_way);
            let abort = async move {
                under_way.shutdown().await;
                let _aborted = upload.abort().await;
            };
            drop(runtime.spawn(abort));
        }
    }
}
