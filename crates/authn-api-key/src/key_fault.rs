//! Why a key was refused.

use std::fmt;

use crate::KeyId;

/// Why a key was refused: for the log alone. A client that learnt it could find out which keys there are.
///
/// It never holds a part of the key but its id.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyFault {
    /// Not written like a key.
    Malformed,
    /// The checksum is not that of the text: mistyped, or cut.
    Checksum,
    /// Of another prefix or environment.
    Foreign(KeyId),
    /// There is no key of this id.
    Unknown(KeyId),
    /// The secret is not that of the key.
    WrongSecret(KeyId),
    /// The key is disabled.
    Disabled(KeyId),
    /// The key has expired.
    Expired(KeyId),
    /// The secret was rotated, and the overlap is over.
    OldSecret(KeyId),
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("not written like a key"),
            Self::Checksum => f.write_str("the checksum is not that of the key"),
            Self::Foreign(id) => write!(f, "key {id} is of another prefix or environment"),
            Self::Unknown(id) => write!(f, "there is no key {id}"),
            Self::WrongSecret(id) => write!(f, "the secret is not that of key {id}"),
            Self::Disabled(id) => write!(f, "key {id} is disabled"),
            Self::Expired(id) => write!(f, "key {id} has expired"),
            Self::OldSecret(id) => write!(f, "the secret is one that key {id} no longer has"),
        }
    }
}

impl std::error::Error for KeyFault {}
