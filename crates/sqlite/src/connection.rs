//! Opens the database: what every connection is told, and the steps from one schema to the next.

use std::{path::Path, time::Duration};

use palisade_core::Clock;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, TransactionBehavior};

use crate::{
    OpenError, SqliteOptions,
    file::{DatabaseFile, Identity},
};

/// The steps, from an empty file on. What stands here was released and is not changed any more.
const MIGRATIONS: [&str; 2] = [include_str!("migrations/1.sql"), include_str!("migrations/2.sql")];
/// Says whose database it is: `PALS`.
const APPLICATION: i64 = 0x5041_4c53;
/// How long a file is looked through at the start. A large one is looked through in part.
const LOOK: Duration = Duration::from_secs(2);
/// After how many steps of its machine `SQLite` asks whether to go on: some hundred times a second.
pub(crate) const STEPS: i32 = 20_000;

/// What came of opening a file.
pub(crate) enum Opened {
    Writer(Connection, Option<Identity>),
    /// It is damaged, or no database at all.
    Damaged(Error, Option<Identity>),
    /// Another file stands there than the one that was opened.
    Moved,
}

/// What a look at the pages showed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Soundness {
    Sound,
    Damaged,
    /// There was no time to look at all of it.
    Unknown,
}

/// Whether this is said of a file that is damaged.
pub(crate) fn is_damage(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Opens the file for the one who writes, and brings it up to date.
pub(crate) fn writer(file: &DatabaseFile, options: &SqliteOptions) -> Result<Opened, OpenError> {
    let path = file.path();
    let unusable = |reason: Box<dyn std::error::Error + Send + Sync>| OpenError::Unusable {
        path: path.to_owned(),
        reason,
    };
    let identity = || file.identity().map_err(|error| unusable(error.into()));
    file.prepare().map_err(|error| unusable(error.into()))?;
    let before = identity()?;
    let opened = match try_writer(file, options) {
        Ok(Ok(connection)) => Opened::Writer(connection, before),
        Ok(Err(error)) => return Err(error),
        Err(error) if is_damage(&error) => Opened::Damaged(error, before),
        Err(error) => return Err(unusable(error.into())),
    };
    Ok(if identity()? == before { opened } else { Opened::Moved })
}

fn try_writer(
    file: &DatabaseFile,
    options: &SqliteOptions,
) -> Result<Result<Connection, OpenError>, Error> {
    let path = file.path();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.lock_patience)?;
    if connection.is_readonly("main")? {
        return Ok(Err(OpenError::ReadOnly { path: path.to_owned() }));
    }
    if let Some(error) = stranger(&connection, path)? {
        return Ok(Err(error));
    }
    if let Err(error) = file.make_private() {
        return Ok(Err(OpenError::Unusable { path: path.to_owned(), reason: error.into() }));
    }
    // Before the first table: pages that are free can be given back one by one. It has no effect on a file that has tables.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // What was committed survives the end of the process. If the machine loses power, the last moments may be missing, and the
    // file is whole.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // What is deleted is overwritten.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    migrate(&mut connection)?;
    if soundness(&connection, &options.clock, LOOK)? == Soundness::Damaged {
        let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(Error::SqliteFailure(damaged, Some("its pages do not fit together".into())));
    }
    Ok(Ok(connection))
}

/// Opens the file for one who reads.
pub(crate) fn reader(path: &Path, options: &SqliteOptions) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.lock_patience)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Whether the pages fit together, as far as can be seen within `time`.
pub(crate) fn soundness(
    connection: &Connection,
    clock: &Clock,
    time: Duration,
) -> Result<Soundness, Error> {
    let (clock, begun) = (clock.clone(), clock.now());
    connection.progress_handler(STEPS, Some(move || clock.since(begun) >= time))?;
    let found: Result<String, Error> =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    connection.progress_handler(0, None::<fn() -> bool>)?;
    match found {
        Ok(found) if found == "ok" => Ok(Soundness::Sound),
        Ok(_) => Ok(Soundness::Damaged),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok(Soundness::Unknown)
        }
        Err(error) => Err(error),
    }
}

/// A number that a pragma tells.
pub(crate) fn pragma(connection: &Connection, name: &str) -> Result<i64, Error> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

fn version_known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Why this file is not ours to write, if it is not.
fn stranger(connection: &Connection, path: &Path) -> Result<Option<OpenError>, Error> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let path = path.to_owned();
    if tables > 0 && pragma(connection, "application_id")? != APPLICATION {
        return Ok(Some(OpenError::Foreign { path }));
    }
    let (found, known) = (pragma(connection, "user_version")?, version_known());
    Ok((found > known).then_some(OpenError::Newer { path, found, known }))
}

/// Goes the steps that are left, all or none: two that start at once go them one after the other.
fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let version = |connection: &Connection| pragma(connection, "user_version");
    if version(connection)? == version_known() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or_default();
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", version_known())?;
    transaction.commit()
}
