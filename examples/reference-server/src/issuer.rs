//! The development issuer: a secret made on the first start, so that no two installations share one.

use std::{fmt::Write, io, path::Path};

use palisade::core::atomic_file;

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
    let path = folder.join("development-issuer.secret");
    if let Some(content) = atomic_file::read(&path, 1024)? {
        let wrong = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "{}: not a secret of ours; remove the file to get a new one",
                    path.display()
                ),
            )
        };
        let secret = String::from_utf8(content).map_err(|_| wrong())?;
        return if secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(secret)
        } else {
            Err(wrong())
        };
    }
    let mut secret = String::with_capacity(64);
    for byte in rand::random::<[u8; 32]>() {
        write!(secret, "{byte:02x}").map_err(io::Error::other)?;
    }
    atomic_file::replace(&path, secret.as_bytes())?;
    Ok(secret)
}
