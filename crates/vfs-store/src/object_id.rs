//! The name of an object in the storage: random, and nothing else.

use std::{fmt, str::FromStr};

use object_store::path::Path;
use palisade_core::ConfigError;

/// What all objects are stored under.
pub(crate) const FOLDER: &str = "objects";

/// How many bytes an id is.
const BYTES: usize = 16;

/// The name of an object in the storage: 128 random bits, written as 32 digits of lower-case hex.
///
/// It says nothing about the object, and no two objects have the same: an older object that somebody puts back has another
/// id than the one that is asked for.
///
/// ```
/// # use palisade_vfs_store::ObjectId;
/// let id = ObjectId::draw();
/// assert_eq!(id.to_string().parse(), Ok(id));
/// assert!("../../etc/passwd".parse::<ObjectId>().is_err());
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ObjectId {
    bytes: [u8; BYTES],
}

// === impl ObjectId ===

impl ObjectId {
    /// A new one.
    #[must_use]
    pub fn draw() -> Self {
        Self { bytes: rand::random() }
    }

    /// The id that is these bytes: as a database keeps it.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; BYTES]) -> Self {
        Self { bytes }
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; BYTES] {
        &self.bytes
    }

    /// Its first byte: one of 256 folders holds it.
    pub(crate) const fn shard(&self) -> u8 {
        let [first, ..] = self.bytes;
        first
    }

    /// Where it is stored.
    pub(crate) fn path(&self) -> Path {
        Path::from_iter([FOLDER, &shard_name(self.shard()), &self.to_string()])
    }

    /// The id of what is stored at `path`; none where no object is.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let name = path.filename()?.parse::<Self>().ok()?;
        (name.path() == *path).then_some(name)
    }
}

/// The folder of all objects whose id begins with this byte.
pub(crate) fn shard_name(shard: u8) -> String {
    format!("{shard:02x}")
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

impl FromStr for ObjectId {
    type Err = ConfigError;

    /// Exactly as it is written: there is one way to write an id.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let digits = text.as_bytes();
        let mut bytes = [0; BYTES];
        let (pairs, rest) = digits.as_chunks::<2>();
        let is_long_enough = pairs.len() == BYTES && rest.is_empty();
        let read = is_long_enough
            && bytes.iter_mut().zip(pairs).all(|(byte, [high, low])| {
                let both = digit(*high).zip(digit(*low));
                both.map(|(high, low)| *byte = (high << 4) | low).is_some()
            });
        if read { Ok(Self { bytes }) } else { Err(not_an_id(text)) }
    }
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(character.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    }
}

fn not_an_id(text: &str) -> ConfigError {
    ConfigError::new("object id", text).expected("32 digits of lower-case hex")
}
