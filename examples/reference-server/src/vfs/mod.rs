//! The virtual file system: who may do what with which path, as the database says it, and where content is.

mod change;
mod question;
mod rows;
mod snapshot;
mod table;

pub use self::change::KeptVfs;
pub(crate) use self::{
    question::{Asker, Question},
    rows::read_principal,
    table::VfsTable,
};
