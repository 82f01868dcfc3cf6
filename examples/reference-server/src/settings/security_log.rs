//! The file of the security log.

use std::path::PathBuf;

use super::{bytes, reader::Reader};

/// The least size of a file: every line fits.
const LEAST_SIZE: u64 = 64 * 1024;

/// The file of the security log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityLogFile {
    /// Where it is.
    pub path: PathBuf,
    /// The most bytes of it, and of each older one.
    pub max_size: u64,
    /// How many files are kept, with the one that is written.
    pub files: u32,
}

pub(super) fn file(reader: &mut Reader<'_>) -> Option<SecurityLogFile> {
    let sized = |text: &str| bytes(text).filter(|size| *size >= LEAST_SIZE);
    let max_size = reader.parse("SECURITY_LOG_MAX_SIZE", LEAST_SIZE, sized);
    let files = u32::try_from(reader.number("SECURITY_LOG_FILES", 1..=1000)).unwrap_or(1);
    let path = reader.path("SECURITY_LOG_FILE");
    for name in ["SECURITY_LOG_MAX_SIZE", "SECURITY_LOG_FILES"] {
        if path.is_none() && reader.is_given(name) {
            reader.wrong(name, "needs SECURITY_LOG_FILE: there is no file");
        }
    }
    Some(SecurityLogFile { path: path?, max_size, files })
}
