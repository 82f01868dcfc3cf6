//! Why a ban was not made or not lifted.

use std::fmt;

use palisade_core::ConfigError;

/// Why a ban was not made or not lifted. Its text may be shown to the admin who asked: it never holds a token.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BanError {
    /// The text names nobody who could be banned.
    Value(ConfigError),
    /// The address is protected, or the network holds a protected one.
    Protected,
    /// There are as many bans as there is room for. Lift some, or raise the bound.
    NoRoom,
}

impl fmt::Display for BanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(error) => error.fmt(f),
            Self::Protected => f.write_str("the address is protected and is never banned"),
            Self::NoRoom => f.write_str("there are as many bans as there is room for"),
        }
    }
}

impl std::error::Error for BanError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Value(error) => Some(error),
            Self::Protected | Self::NoRoom => None,
        }
    }
}
