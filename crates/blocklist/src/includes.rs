//! The plain lists that a file includes: which names are taken, and where they are read from.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use palisade_core::ConfigError;
use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

/// The most lists that a file may include.
const MOST: usize = 64;

/// The names of the lists that a file includes, in its order: paths relative to the file's folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Includes(Vec<Box<str>>);

/// Reads the list `name` beside the file at `path`, which may have `limit` bytes. `None` if there is none.
pub(crate) fn read(path: &Path, name: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let folder = folder_of(path);
    let list = match fs::canonicalize(folder.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        list => list?,
    };
    // Links within the folder are how some systems replace many files at once; what lies elsewhere is not the list's.
    if !list.starts_with(fs::canonicalize(folder)?) {
        return Err(io::Error::other(
            "it is a link out of the folder of the file that includes it",
        ));
    }
    read_file(&list, limit)
}

/// Reads a file into one buffer of its size. `None` if there is none.
pub(crate) fn read_file(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let read = || {
        let metadata = fs::metadata(path)?;
        // Opening a pipe would wait for its writer for ever.
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        if metadata.len() > limit {
            // Known without reading it, and it is tried again at each look.
            return Err(too_large(limit));
        }
        // One more than it says: that there is no more is found out without a larger buffer.
        let size = usize::try_from(metadata.len()).unwrap_or(0).saturating_add(1);
        let mut bytes = Vec::with_capacity(size);
        File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).is_ok_and(|len| len <= limit) {
            return Ok(bytes);
        }
        Err(too_large(limit))
    };
    match read() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes"))
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

// === impl Includes ===

impl Includes {
    pub(crate) fn names(&self) -> &[Box<str>] {
        &self.0
    }

    fn add(&mut self, name: String) -> Result<(), ConfigError> {
        // A long one may be something else that lost its way, such as a token.
        let shown = if name.len() > 100 { "…" } else { &name };
        let wrong = |expected: &str| Err(ConfigError::new("list", shown).expected(expected));
        let path = Path::new(&name);
        // `a//b` and `./a` are other names of a list that may be here already.
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)))
            && path.components().collect::<PathBuf>().as_os_str() == path.as_os_str();
        if name.is_empty() || !plain || name.contains(['\\', '\0']) {
            return wrong(
                "the path of a file in the folder of this one, such as `lists/ipsum.txt`",
            );
        }
        if self.0.iter().any(|known| **known == *name) {
            return wrong("each list once");
        }
        if self.0.len() >= MOST {
            return wrong("64 lists at most");
        }
        self.0.push(name.into());
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Includes {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Includes {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of paths")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(name) = list.next_element::<String>()? {
            self.add(name).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}
