//! A folder of this machine as a storage: no link in it is followed, and nothing in it is half written.

mod fault;
mod listing;
mod reading;
mod rooms;
mod staged;
mod upload;

use std::{fmt, io, path::Path as FilePath, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, Error, Extensions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    path::Path,
};

pub(crate) use self::fault::Fault;
use self::{
    reading::Opened,
    rooms::Rooms,
    staged::{Naming, Staged},
    upload::FolderUpload,
};
use crate::ObjectId;

const NAME: &str = "Folder";

/// A folder of this machine as a storage, for objects of this crate alone.
///
/// Who can write to the folder is not trusted. Each folder in it is opened from the one that holds it, and each file from its
/// folder, as capabilities are, and none by following a link: a link in the place of a folder or a file is an error, whether
/// it was there before or is put there meanwhile. What is written is on the disk, under another name, before it takes the
/// name of an object, at once; a process that is killed leaves a file in `staged`, which the next one that opens the folder
/// removes. Files are for their owner alone (0600), folders too (0700).
///
/// It is dispatched to the threads that may wait: it has to be asked within a runtime of tokio's.
#[derive(Clone, Debug)]
pub struct Folder {
    rooms: Arc<Rooms>,
}

// === impl Folder ===

impl Folder {
    /// Opens the folder at `path`, and makes it where it is not there. What uploads left behind whose process is no more is
    /// removed.
    ///
    /// # Errors
    ///
    /// It cannot be made or opened, or something that is no folder is in the place of one.
    pub fn open(path: impl AsRef<FilePath>) -> io::Result<Self> {
        let folder = Self { rooms: Arc::new(Rooms::open(path.as_ref()).map_err(Fault::into_io)?) };
        staged::clear(&folder.rooms).map_err(Fault::into_io)?;
        Ok(folder)
    }

    /// Removes what uploads left behind whose process is no more, and says how many.
    pub(crate) async fn clear(&self) -> std::result::Result<u64, Fault> {
        let rooms = Arc::clone(&self.rooms);
        blocking(move || staged::clear(&rooms)).await
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

#[async_trait]
impl ObjectStore for Folder {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let naming = match options.mode {
            PutMode::Overwrite => Naming::Over,
            PutMode::Create => Naming::New,
            PutMode::Update(_) => return Err(not_here("put_opts with PutMode::Update")),
        };
        let (rooms, id) = (Arc::clone(&self.rooms), id_of(location)?);
        let written = blocking(move || {
            let staged = Staged::new(&rooms)?;
            staged.write(0, payload.as_ref())?;
            staged.publish(&rooms, id, naming)
        });
        written.await.map(|()| done()).map_err(|fault| fault.told(location))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let (rooms, id) = (Arc::clone(&self.rooms), id_of(location)?);
        let begun = blocking(move || {
            let staged = Arc::new(Staged::new(&rooms)?);
            Ok(FolderUpload { rooms, staged, id, offset: 0 })
        });
        Ok(Box::new(begun.await.map_err(|fault| fault.told(location))?))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let (rooms, id) = (Arc::clone(&self.rooms), id_of(location)?);
        let opened = blocking(move || Opened::new(&rooms, id)).await;
        opened.map_err(|fault| fault.told(location))?.answer(&options)
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let rooms = Arc::clone(&self.rooms);
        let deleted = locations.then(move |location| {
            let rooms = Arc::clone(&rooms);
            async move {
                let location = location?;
                let id = id_of(&location)?;
                let removed = blocking(move || removed(&rooms, id)).await;
                removed.map(|()| location.clone()).map_err(|fault| fault.told(&location))
            }
        });
        deleted.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        listing::list(&self.rooms, prefix)
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Err(not_here("list_with_delimiter"))
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(not_here("copy_opts"))
    }
}

/// Removes the name of an object, whatever has it: what a link leads to is left alone.
fn removed(rooms: &Rooms, id: ObjectId) -> std::result::Result<(), Fault> {
    let (shard, name) = (rooms.shard(id.shard())?, id.to_string());
    let gone = shard.remove_file(&name);
    gone.map_err(|error| Fault::of(error, &shard, &name, fault::Due::File))
}

fn id_of(location: &Path) -> Result<ObjectId> {
    ObjectId::at(location).ok_or_else(|| Fault::Foreign.told(location))
}

fn not_here(operation: &str) -> Error {
    Error::NotImplemented { operation: operation.to_owned(), implementer: NAME.to_owned() }
}

fn done() -> PutResult {
    PutResult { e_tag: None, version: None, extensions: Extensions::new() }
}

/// Does `work` on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, Fault> + Send + 'static,
) -> std::result::Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Fault::Io(io::Error::other(error))))
}
