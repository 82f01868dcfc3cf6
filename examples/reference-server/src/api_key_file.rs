//! A file of API keys, where they were before they were in the database: taken over once.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
};

use palisade::{
    authn_api_key::{ApiKeys, KeyFormat, KeyRecord},
    core::{ConfigError, SECURITY_TARGET},
};
use palisade_audit::{Action, Actor, Details, Event, Outcome};
use palisade_database::{Act, ApiKeys as _, AuditLog as _, Caller, Database, DatabaseError};

use crate::{
    api_key_table::KeptApiKey,
    app::StartError,
    settings::{Environment, Settings},
};

/// What is put behind the name of a file that was taken over.
const SUFFIX: &str = "taken-over";
/// So many files are taken over from one place.
const MOST: u32 = 1000;

/// How keys of this server are written.
///
/// # Errors
///
/// None, as long as the names in it are.
pub(crate) fn format(settings: &Settings) -> Result<KeyFormat, ConfigError> {
    let environment = match settings.environment {
        Environment::Development => "test",
        Environment::Production => "live",
    };
    KeyFormat::new("palisade", environment)
}

/// The keys of the file that `settings` name; none if there is no such file. Blocks.
///
/// # Errors
///
/// A file that cannot be used.
pub(crate) fn read(settings: &Settings) -> Result<Option<Vec<KeyRecord>>, StartError> {
    let path = &settings.api_keys_file;
    if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let keys = ApiKeys::builder(format(settings)?).file(path).build()?;
    Ok(Some(keys.records()?))
}

/// Takes over the keys of the file that the database does not know, and renames it. Where it is ended in between, the next start
/// finds the file, and that the database knows its keys. Blocks for a moment.
///
/// # Errors
///
/// A file that cannot be used, or a database that does not answer: the file stays as it is.
pub(crate) async fn take_in(settings: &Settings, database: &Database) -> Result<(), StartError> {
    let Some(records) = read(settings)? else { return Ok(()) };
    let path = &settings.api_keys_file;
    let taken = keep(database, path, &records).await?;
    match set_aside(path) {
        Ok(aside) => {
            tracing::info!(target: SECURITY_TARGET, event = "api-keys.taken-over", keys = taken, file = %aside.display(), "the file of API keys was taken over into the database, and renamed");
        }
        // The next start finds that all of it is known.
        Err(error) => {
            tracing::warn!(file = %path.display(), %error, "the file of API keys was taken over into the database, and cannot be renamed");
        }
    }
    Ok(())
}

/// Keeps those that are not known. How many.
async fn keep(
    database: &Database,
    path: &Path,
    records: &[KeyRecord],
) -> Result<usize, DatabaseError> {
    let mut act = database.act_as(Caller::service()).await?;
    // With the record, nobody else takes the same ones over until this ends.
    let details = Details::new().text("file", path.display().to_string());
    let event = Event::new(Action::new("api-keys.taken-over"), Actor::system(), Outcome::Done);
    act.record(event.details(details)).await?;
    let unknown = unknown(&mut act, records).await?;
    for record in &unknown {
        KeptApiKey::new(record).keep(&mut act).await?;
        if let Some(used) = record.key().last_used {
            let at = jiff::Timestamp::try_from(used).map_or(0, jiff::Timestamp::as_millisecond);
            act.note_api_key_use(record.id().as_str(), at).await?;
        }
    }
    if unknown.is_empty() {
        act.roll_back().await?;
    } else {
        act.commit().await?;
    }
    Ok(unknown.len())
}

async fn unknown<'a>(
    act: &mut Act,
    records: &'a [KeyRecord],
) -> Result<Vec<&'a KeyRecord>, DatabaseError> {
    let known: HashSet<String> =
        act.api_keys(None, u32::MAX).await?.into_iter().map(|row| row.id).collect();
    Ok(records.iter().filter(|record| !known.contains(record.id().as_str())).collect())
}

/// Renames it, without replacing one of before.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let first = path.with_added_extension(SUFFIX);
    let others = (2..MOST).map(|number| path.with_added_extension(format!("{SUFFIX}-{number}")));
    let free = std::iter::once(first).chain(others).find(|path| !path.exists());
    let aside = free.ok_or_else(|| io::Error::other("too many were taken over"))?;
    fs::rename(path, &aside)?;
    Ok(aside)
}
