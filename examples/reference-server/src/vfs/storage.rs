//! Where the content of files is.

use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
use palisade_vfs_store::{ObjectId, Objects, Place};

use crate::{
    app::StartError,
    settings::{FileSettings, FileStorage},
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
    opened.map_err(|error| format!("VFS_STORAGE: {error}").into())
}

/// Whether `settings` name a storage that this server can reach, as far as that is known without asking it. A folder is not looked at.
///
/// # Errors
///
/// As [`open`].
pub(crate) fn check(settings: &FileSettings) -> Result<(), StartError> {
    match &settings.storage {
        FileStorage::Url { url, .. } if !url.exposed().starts_with("file:") => {
            let ring = KeyRing::new([(KeyVersion::FIRST, Key::generate()?)])?;
            open(settings, &Vault::new(ring)).map(drop)
        }
        FileStorage::Url { .. } | FileStorage::Folder(_) => Ok(()),
    }
}

/// The place of an object, for which alone it is sealed: whoever has the index say that it is another file has nothing. `key` is what
/// the file is found by.
pub(crate) fn place<'a>(mount: &'a str, key: &'a str, id: ObjectId) -> Place<'a> {
    Place { mount, path: key, id }
}
