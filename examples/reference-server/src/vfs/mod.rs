//! The virtual file system: who may do what with which path, as the database says it, and where content is.

mod change;
mod delta;
mod place;
mod question;
mod rows;
mod snapshot;
mod storage;
mod sweeper;
mod table;

pub use self::change::KeptVfs;
pub(crate) use self::{
    place::FilePlace,
    question::{Question, Who},
    rows::{case as case_of, read_principal},
    storage::{open as open_storage, place as storage_place},
    sweeper::Sweeper,
    table::VfsTable,
};
