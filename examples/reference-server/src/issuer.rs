//! The development issuer: a secret made on the first start, so that no two installations share one.

use std::{
    fmt::Write,
    io,
    path::{Path, PathBuf},
};

use palisade::core::atomic_file;

use crate::writable;

/// The `iss` of its tokens.
pub const ISSUER: &str = "palisade-development";
/// The `aud` of its tokens.
pub const AUDIENCE: &str = "palisade";

/// The secret in `folder`; made if there is none yet. The file is readable by its owner alone.
///
/// # Errors
///
/// Those of the file system, and a file that does not hold what was put there.
pub fn secret(folder: &Path) -> io::Result<String> {
    let path = path_in(folder);
    if let Some(secret) = read(&path)? {
        return Ok(secret);
    }
    let mut secret = String::with_capacity(64);
    for byte in rand::random::<[u8; 32]>() {
        write!(secret, "{byte:02x}").map_err(io::Error::other)?;
    }
    atomic_file::replace(&path, secret.as_bytes()).map_err(|error| about(&error))?;
    Ok(secret)
}

/// Whether the secret in `folder` can be used, or made where there is none. Makes none.
///
/// # Errors
///
/// Those of [`secret`].
pub fn check(folder: &Path) -> io::Result<()> {
    match read(&path_in(folder))? {
        Some(_) => Ok(()),
        None => writable::folder(folder).map_err(|error| about(&error)),
    }
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("development-issuer.secret")
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let Some(content) = atomic_file::read(path, 1024).map_err(|error| about(&error))? else {
        return Ok(None);
    };
    let secret = String::from_utf8(content).ok();
    let ours =
        |secret: &String| secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    secret.filter(ours).map(Some).ok_or_else(|| {
        let text = "not a secret of ours; remove the file to get a new one";
        io::Error::new(io::ErrorKind::InvalidData, format!("{}: {text}", path.display()))
    })
}

/// Names the setting that says where it is.
fn about(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("DATA_DIR {error}"))
}
