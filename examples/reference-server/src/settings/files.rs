//! Where the content of files is, and how large they may be.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{bytes, reader::Reader, secret::Secret};

/// Where the content of files is, and how large they may be.
#[derive(Clone, Debug)]
pub struct FileSettings {
    /// Where it is.
    pub storage: FileStorage,
    /// The largest file, in bytes.
    pub max_size: u64,
    /// How long content that is no file is left alone.
    pub sweep_after: Duration,
}

/// Where the content of files is.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum FileStorage {
    /// In a folder of this machine.
    Folder(PathBuf),
    /// Elsewhere.
    Url {
        /// Where. A key may be in it.
        url: Secret,
        /// How it is asked, by name.
        options: Vec<(String, Secret)>,
    },
}

pub(super) fn files(reader: &mut Reader<'_>, data_dir: &Path) -> FileSettings {
    let max_size = reader.parse("VFS_MAX_FILE_SIZE", 0, bytes);
    let sweep_after = reader.milliseconds("VFS_SWEEP_AFTER_MS", 1000..=31_536_000_000);
    FileSettings { storage: storage(reader, data_dir), max_size, sweep_after }
}

fn storage(reader: &mut Reader<'_>, data_dir: &Path) -> FileStorage {
    let options = reader.parse("VFS_STORAGE_OPTIONS", Vec::new(), |text| {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(option).collect()
    });
    match reader.text("VFS_STORAGE") {
        Some(url) if url.starts_with("memory:") => {
            reader.wrong("VFS_STORAGE", "a storage that outlives the process");
            FileStorage::Folder(data_dir.join("files"))
        }
        Some(url) if url.contains("://") => FileStorage::Url { url: Secret::new(url), options },
        place => {
            if !options.is_empty() {
                reader.wrong(
                    "VFS_STORAGE_OPTIONS",
                    "needs VFS_STORAGE to be a URL: a folder has none",
                );
            }
            FileStorage::Folder(place.map_or_else(|| data_dir.join("files"), PathBuf::from))
        }
    }
}

fn option(text: &str) -> Option<(String, Secret)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim().to_owned(), Secret::new(value.trim())))
}
