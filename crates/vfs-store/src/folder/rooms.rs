//! The folders in the folder, each opened from the one that holds it and never by following a link.

use std::{io, path::Path};

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::{
    ambient_authority,
    fs::{Dir, DirBuilder, File, OpenOptions},
};

use super::fault::{Due, Fault};
use crate::object_id::{FOLDER, ObjectId, shard_name};

/// Where uploads are until they are whole.
const STAGED: &str = "staged";

/// The folder, and the folders in it.
#[derive(Debug)]
pub(super) struct Rooms {
    root: Dir,
}

// === impl Rooms ===

impl Rooms {
    /// Opens the folder at `path`, with what has to be in it, and makes what is not there. This path alone is followed
    /// wherever it leads: whoever configures it chose it.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        make_root(path)?;
        let rooms = Self { root: Dir::open_ambient_dir(path, ambient_authority())? };
        made(&rooms.root, FOLDER)?;
        made(&rooms.root, STAGED)?;
        Ok(rooms)
    }

    /// The folder of uploads.
    pub(super) fn staged(&self) -> Result<Dir, Fault> {
        opened(&self.root, STAGED)
    }

    /// The folder that holds objects whose ids begin with this byte.
    pub(super) fn shard(&self, shard: u8) -> Result<Dir, Fault> {
        opened(&opened(&self.root, FOLDER)?, &shard_name(shard))
    }

    /// The same, made where it is not there.
    pub(super) fn shard_made(&self, shard: u8) -> Result<Dir, Fault> {
        made(&opened(&self.root, FOLDER)?, &shard_name(shard))
    }

    /// The file of an object.
    pub(super) fn object(&self, id: ObjectId) -> Result<std::fs::File, Fault> {
        file(&self.shard(id.shard())?, &id.to_string())
    }
}

/// Makes the folder's folder, for its owner alone.
fn make_root(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The folder `name`, which is in `parent` and no link.
fn opened(parent: &Dir, name: &str) -> Result<Dir, Fault> {
    parent.open_dir_nofollow(name).map_err(|error| Fault::of(error, parent, name, Due::Folder))
}

/// The same, made for its owner alone where it is not there.
fn made(parent: &Dir, name: &str) -> Result<Dir, Fault> {
    match opened(parent, name) {
        Err(Fault::Missing) => {}
        found => return found,
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    cap_std::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match parent.create_dir_with(name, &builder) {
        // Another one was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        done => done?,
    }
    sync(parent)?;
    opened(parent, name)
}

/// The file `name`, to be read: no link, no pipe.
pub(super) fn file(folder: &Dir, name: &str) -> Result<std::fs::File, Fault> {
    let mut options = OpenOptions::new();
    // A pipe in its place would be waited for.
    options.read(true).follow(FollowSymlinks::No).nonblock(true);
    let opened = folder.open_with(name, &options);
    let file = opened.map_err(|error| Fault::of(error, folder, name, Due::File))?;
    if !file.metadata()?.is_file() {
        return Err(Fault::planted(name, Due::File));
    }
    Ok(file.into_std())
}

/// A new file, for its owner alone. Nothing is opened that is there already.
pub(super) fn new_file(folder: &Dir, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).follow(FollowSymlinks::No);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
    folder.open_with(name, &options)
}

/// Writes to the disk what is in a folder: names are lost in a crash otherwise.
pub(super) fn sync(folder: &Dir) -> io::Result<()> {
    #[cfg(unix)]
    folder.open(".")?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
