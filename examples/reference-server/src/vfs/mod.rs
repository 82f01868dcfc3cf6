//! The virtual file system: who may do what with which path, as the database says it, and where content is.

mod change;
mod delta;
mod orphans;
mod place;
mod question;
mod rewrap;
mod rows;
mod snapshot;
mod storage;
mod storage_check;
mod sweeper;
mod table;

pub use self::change::KeptVfs;
pub(crate) use self::{
    orphans::abandon,
    place::FilePlace,
    question::{Question, Who},
    rewrap::rewrap,
    rows::{case as case_of, read_principal},
    storage::{check as check_storage, open as open_storage, place as storage_place},
    storage_check::look_for_files,
    sweeper::Sweeper,
    table::VfsTable,
};
