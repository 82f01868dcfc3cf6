//! The database of the server: brought up to date by its owner, and opened as who its rules hold for.

use std::{fs, io, path::Path};

use palisade::core::Clock;
use palisade_database::{Database, DatabaseOptions, OpenError};

use crate::{
    app::StartError,
    output,
    settings::{DatabaseSettings, Settings},
    writable,
};

/// Opens what `settings` name; a file is made where there is none, with its folder. With the URL of the tables' owner, they are
/// brought up to date before.
///
/// # Errors
///
/// If it does not answer, is not up to date, or if its rules would not hold: with the name of the setting.
pub(crate) async fn open(settings: &Settings, clock: &Clock) -> Result<Database, StartError> {
    let options = DatabaseOptions::new().clock(clock.clone());
    prepare(settings, &options).await?;
    let opened = Database::open(settings.database.url.exposed(), &options).await;
    opened.map_err(|error| about(settings, &error))
}

/// Opens what is there, for who reads it: makes nothing, and brings nothing up to date that it can do without.
///
/// # Errors
///
/// As [`open`], and where there is none.
pub(crate) async fn open_as_it_is(settings: &Settings) -> Result<Database, StartError> {
    let file = settings.database.file.as_ref();
    if let Some(missing) = file.filter(|file| !file.is_file()) {
        return Err(named(settings, &format!("there is no `{}`", missing.display())));
    }
    let opened = Database::open(settings.database.url.exposed(), &DatabaseOptions::new()).await;
    opened.map_err(|error| about(settings, &error))
}

/// `palisade-server migrate`: brings the tables up to date, and ends.
///
/// # Errors
///
/// If they cannot be; then they are as they were.
pub async fn migrate(settings: &Settings) -> Result<(), StartError> {
    let DatabaseSettings { file, migrate_url, .. } = &settings.database;
    if file.is_none() && migrate_url.is_none() {
        return Err(
            "DATABASE_MIGRATE_URL: it must name the PostgreSQL as the owner of its tables".into()
        );
    }
    let options = DatabaseOptions::new();
    prepare(settings, &options).await?;
    if file.is_some() {
        let migrated = Database::migrate(settings.database.url.exposed(), &options).await;
        migrated.map_err(|error| about(settings, &error))?;
    }
    output::line("the database is up to date")
}

/// What `check-config` says of it. Changes nothing.
///
/// # Errors
///
/// A place that cannot be written to, a PostgreSQL that does not answer, and one that the server would refuse.
pub(crate) fn check(settings: &Settings) -> Result<String, StartError> {
    let DatabaseSettings { file, url, migrate_url, .. } = &settings.database;
    if let Some(file) = file {
        writable::file(file).map_err(|error| named(settings, &error.to_string()))?;
        return Ok(format!("database: {}", file.display()));
    }
    let opens = async { Database::open(url.exposed(), &DatabaseOptions::new()).await };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(opens) {
        Ok(_) => Ok("database: PostgreSQL, whose rules hold for this role".to_owned()),
        Err(OpenError::OutOfDate) if migrate_url.is_some() => {
            Ok("database: PostgreSQL, which the start brings up to date".to_owned())
        }
        Err(error) => Err(about(settings, &error)),
    }
}

/// What the owner does, and what a file needs.
async fn prepare(settings: &Settings, options: &DatabaseOptions) -> Result<(), StartError> {
    if let Some(file) = &settings.database.file {
        make(file).map_err(|error| named(settings, &error.to_string()))?;
    }
    if let Some(owner) = &settings.database.migrate_url {
        let migrated = Database::migrate(owner.exposed(), options).await;
        migrated.map_err(|error| format!("DATABASE_MIGRATE_URL: {}", in_words(&error)))?;
    }
    Ok(())
}

/// Makes the file, which nobody else may read, unless it is there.
fn make(file: &Path) -> io::Result<()> {
    let with_path =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(with_path)?;
    }
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(with_path)
}

fn about(settings: &Settings, error: &OpenError) -> StartError {
    named(settings, &in_words(error))
}

/// Which setting says where it is.
fn named(settings: &Settings, words: &str) -> StartError {
    let is_usual = settings.database.file == Some(settings.data_dir.join("palisade.db"));
    let setting = if is_usual { "DATA_DIR or DATABASE_URL" } else { "DATABASE_URL" };
    format!("{setting}: {words}").into()
}

/// With what the driver says where that tells more: it never says how the database was asked for.
fn in_words(error: &OpenError) -> String {
    let source = || std::error::Error::source(error).map(|source| format!(" ({source})"));
    match error {
        OpenError::OutOfDate => "the tables are not up to date: set DATABASE_MIGRATE_URL to the URL of their owner, or run `palisade-server migrate` with it".to_owned(),
        OpenError::Migration(_) | OpenError::Backup { .. } | OpenError::Unreachable { .. } => {
            format!("{error}{}", source().unwrap_or_default())
        }
        _ => error.to_string(),
    }
}
