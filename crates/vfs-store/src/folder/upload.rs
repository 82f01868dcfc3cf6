//! An upload to the folder, part by part.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::{MultipartUpload, PutPayload, PutResult, Result, UploadPart, path::Path};

use super::{
    blocking, done,
    rooms::Rooms,
    staged::{Naming, Staged},
};
use crate::ObjectId;

/// An upload to the folder, part by part, each at its place.
#[derive(Debug)]
pub(super) struct FolderUpload {
    pub(super) rooms: Arc<Rooms>,
    pub(super) staged: Arc<Staged>,
    pub(super) id: ObjectId,
    /// Where the next part begins.
    pub(super) offset: u64,
}

// === impl FolderUpload ===

impl FolderUpload {
    fn path(&self) -> Path {
        self.id.path()
    }
}

#[async_trait]
impl MultipartUpload for FolderUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (staged, offset, path) = (Arc::clone(&self.staged), self.offset, self.path());
        let length = u64::try_from(data.content_length()).unwrap_or(u64::MAX);
        self.offset = offset.saturating_add(length);
        Box::pin(async move {
            let written = blocking(move || Ok(staged.write(offset, data.as_ref())?));
            written.await.map_err(|fault| fault.told(&path))
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let (staged, rooms, id) = (Arc::clone(&self.staged), Arc::clone(&self.rooms), self.id);
        let published = blocking(move || staged.publish(&rooms, id, Naming::Over)).await;
        published.map(|()| done()).map_err(|fault| fault.told(&self.path()))
    }

    async fn abort(&mut self) -> Result<()> {
        let staged = Arc::clone(&self.staged);
        let removed = blocking(move || {
            staged.remove();
            Ok(())
        });
        removed.await.map_err(|fault| fault.told(&self.path()))
    }
}
