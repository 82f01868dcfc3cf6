//! A database file of `MaxMind`'s format.

mod error;
mod file;
mod loaded;
mod stamp;
mod watch;

pub use self::{error::MaxmindError, file::MaxmindFile, watch::MaxmindWatch};
