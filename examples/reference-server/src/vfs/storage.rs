//! Where the content of files is.

use std::{fmt, path::Path};

use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
use palisade_vfs_store::{ObjectId, Objects, Place};

use crate::{
    app::StartError,
    settings::{FileSettings, FileStorage},
    writable,
};

/// The storage that `settings` name, sealed by `vault`.
///
/// # Errors
///
/// A folder that cannot be opened, and a URL that names no storage that this server can reach.
pub(crate) fn open(settings: &FileSettings, vault: &Vault) -> Result<Objects, StartError> {
    let opened = match &settings.storage {
        FileStorage::Folder(path) => Objects::folder(path, vault.clone())
            .map_err(|error| format!("{}: {error}", path.display())),
        FileStorage::Url { url, options } => {
            let options = options.iter().map(|(name, value)| (name, value.exposed()));
            Objects::open(url.exposed(), options, vault.clone()).map_err(|error| error.to_string())
        }
    };
    opened.map_err(|error| about(&error))
}

/// Where it would be, in words, if the start could open it. Nothing is made, and nobody is asked.
///
/// # Errors
///
/// As of [`open`].
pub(crate) fn check(settings: &FileSettings) -> Result<String, StartError> {
    let folder = match &settings.storage {
        FileStorage::Folder(path) => Some(path.as_path()),
        FileStorage::Url { url, .. } => url.exposed().strip_prefix("file://").map(Path::new),
    };
    if let Some(folder) = folder {
        return in_folder(folder);
    }
    // Whatever seals is as good: nothing is.
    let ring = KeyRing::new([(KeyVersion::FIRST, Key::generate()?)])?;
    open(settings, &Vault::new(ring))?;
    Ok("files: by VFS_STORAGE, which nobody asked yet".to_owned())
}

fn in_folder(path: &Path) -> Result<String, StartError> {
    // What is in it is made by the start too.
    writable::folder(&path.join("staged")).map_err(|error| about(&error))?;
    Ok(format!("files: {}", path.display()))
}

/// Names the setting that says where it is.
fn about(error: &dyn fmt::Display) -> StartError {
    format!("VFS_STORAGE: {error}").into()
}

/// The place of an object, for which alone it is sealed: whoever has the index say that it is another file has nothing. `key` is what
/// the file is found by.
pub(crate) fn place<'a>(mount: &'a str, key: &'a str, id: ObjectId) -> Place<'a> {
    Place { mount, path: key, id }
}
