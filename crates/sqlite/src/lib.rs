//! Keeps records of requests in an embedded database: one file, that survives a restart and never outgrows its bound.
//!
//! [`SqliteStore`] is a [`Store`](palisade_analytics::Store) for `palisade_analytics`, by `SQLite`. One connection writes, a few
//! others answer questions meanwhile; both wait for nobody for long.
//!
//! # Rules
//!
//! 1. Records are added in one transaction: all of them, or none. What cannot be added is an error; nothing panics, and the next
//!    ones are tried again. So a full disk costs the records of that time. Another process that holds the file for longer than
//!    [`SqliteOptions::lock_patience`] is an error that passes, and the analytics come again.
//! 2. A record is kept for 90 days ([`SqliteOptions::keep_for`]), and the file is at most 256 MiB
//!    ([`SqliteOptions::max_bytes`]), of which numbers are answered in time (a summary of 256 MiB in about 1.5 s, of a day of 86 400
//!    records in 0.2 s). Beyond, the oldest go: with every addition, so the bound
//!    holds between two calls of [`prune`](palisade_analytics::Store::prune) too. The file shrinks when much of it is free. A call
//!    takes about a quarter of a second: after a bound was lowered it takes many, and records are added in between.
//! 3. What is deleted by [`delete`](palisade_analytics::Store::delete) is overwritten and is in none of the files any more when that
//!    returns. For this the rest is written anew, if something was deleted and there is a rest: as long as copying the file takes, and
//!    with room for two copies of it, so three times its size in all. Records wait meanwhile. What grew too old is overwritten as well;
//!    copies of users and sessions in indexes, and other parts of the page that it shared with its neighbours in time, go within a day of
//!    it, or with those neighbours.
//!    A damaged file that was kept aside is not searched: one that shows its damage in `delete` makes that an error, and
//!    [`prune`](palisade_analytics::Store::prune) removes all but the latest three, and what is older than records may be.
//! 4. A question has a deadline ([`SqliteOptions::patience`], 5 s), looked at some hundred times a second, and is then an error. It
//!    needs some megabytes, however many records there are: what is large is sorted in files of `SQLite`'s own.
//! 5. Numbers of records are never given twice, so a cursor stays where it is whatever comes and goes.
//! 6. What a client sent is bound to a statement, never written into one.
//! 7. A file that is damaged is kept as `<name>.corrupt-<seconds>`, the security log says so (`store.damaged`), and an empty one is
//!    begun: at the start, or as soon as it shows. One of a later version or of another program is an error at the start and stays as
//!    it is, and so does a file that does not begin as a database does.
//! 8. A file that is moved or removed while it is open is noticed within a second of records (`store.moved`), and they go into the one
//!    that stands there then.
//!
//! # Place in the stack
//!
//! None: it is given to the analytics.
//!
//! # Deployment caveat
//!
//! - The file belongs to its owner alone (mode 0600). It holds addresses, users and what they asked, in clear: so do copies of it.
//! - It must be on a file system of this machine: `SQLite` locks it and maps a file beside it, which network file systems get wrong.
//! - Several processes of one machine may share a file; each applies its own bounds to it.
//! - If the machine loses power, the records of the last moments may be missing; the file is whole.
//! - What is large is sorted in `SQLITE_TMPDIR`, `/var/tmp` or `/tmp`, in files that have no name.
//!
//! # Example
//!
//! With the defaults:
//!
//! ```
//! use std::sync::Arc;
//! use palisade_analytics::{Analytics, Config, Filter};
//! use palisade_sqlite::{SqliteOptions, SqliteStore};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("analytics.db");
//! let store = Arc::new(SqliteStore::open(path, SqliteOptions::default())?);
//! let analytics = Analytics::start(Config::new().store(store.clone()))?;
//! assert_eq!(analytics.store().count(&Filter::new())?, 0);
//! assert_eq!(store.status().failures, 0);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Configured:
//!
//! ```
//! use std::time::Duration;
//! use palisade_sqlite::{SqliteOptions, SqliteStore};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("analytics.db");
//! let options = SqliteOptions::default()
//!     .keep_for(Duration::from_secs(30 * 86_400))
//!     .max_bytes(100 << 20)
//!     .patience(Duration::from_secs(2))
//!     .readers(2);
//! let store = SqliteStore::open(path, options)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Not done here
//!
//! - Encrypting the file: that is the disk's to do.
//! - Calling `prune`: the analytics do, once a minute.
//! - Searching in texts: paths are counted and exported, and a log tool searches better.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod codes;
mod condition;
mod connection;
mod file;
mod open_error;
mod options;
mod questions;
mod readers;
mod remnants;
mod room;
mod row;
mod status;
mod store;
mod writer;

pub use self::{
    open_error::OpenError, options::SqliteOptions, status::SqliteStatus, store::SqliteStore,
};
