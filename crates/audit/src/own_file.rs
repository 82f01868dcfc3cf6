//! A file that only its owner may read, and that is still there when the power fails.

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

/// Opens the file at `path` to read and write, or makes it. The error names the path.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let open = || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        if file.metadata()?.len() == 0 {
            // It may be new: without this its name may be lost, with all that is written to it.
            sync_folder(path)?;
        }
        Ok(file)
    };
    open().map_err(|error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {error}", path.display()))
    })
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
