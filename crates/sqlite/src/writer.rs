//! The one connection that writes: opened again where it was lost, and anew where the file is damaged.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use palisade_analytics::StoreError;
use palisade_core::SECURITY_TARGET;
use rusqlite::{Connection, Error};

use crate::{
    OpenError, SqliteOptions,
    connection::{self, Opened, is_damage},
    file::DatabaseFile,
    readers::Readers,
    status::Health,
};

/// The one connection that writes.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Mutex<Option<Connection>>,
    /// Somebody who read found the file damaged.
    is_suspect: AtomicBool,
}

/// What a writer needs to begin anew.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a DatabaseFile,
    pub(crate) options: &'a SqliteOptions,
    pub(crate) readers: &'a Readers,
    pub(crate) health: &'a Health,
}

// === impl Writer ===

impl Writer {
    /// Opens the file; a damaged one is kept aside.
    pub(crate) fn open(place: Place<'_>) -> Result<Self, OpenError> {
        let connection = place.open()?;
        Ok(Self { connection: Mutex::new(Some(connection)), is_suspect: AtomicBool::new(false) })
    }

    /// Lets the next one who writes look whether the file is damaged.
    pub(crate) fn suspect(&self) {
        self.is_suspect.store(true, Ordering::Relaxed);
    }

    /// Does something; once more with a file of its own, if this one is damaged.
    pub(crate) fn with<T>(
        &self,
        place: Place<'_>,
        act: impl Fn(&mut Connection) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        let mut kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_suspect.swap(false, Ordering::Relaxed) && place.is_damaged() {
            place.begin_anew(&mut kept, "a question found it damaged").map_err(StoreError::new)?;
        }
        let connection = match &mut *kept {
            Some(connection) => connection,
            None => kept.insert(place.open().map_err(StoreError::new)?),
        };
        match act(connection) {
            Err(error) if is_damage(&error) => {
                let connection =
                    place.begin_anew(&mut kept, &error.to_string()).map_err(StoreError::new)?;
                act(connection).map_err(StoreError::new)
            }
            result => result.map_err(StoreError::new),
        }
    }
}

// === impl Place ===

impl Place<'_> {
    fn open(self) -> Result<Connection, OpenError> {
        match connection::writer(self.file, self.options)? {
            Opened::Writer(connection) => Ok(connection),
            Opened::Damaged(error) => {
                self.keep_aside(&error.to_string())?;
                match connection::writer(self.file, self.options)? {
                    Opened::Writer(connection) => Ok(connection),
                    Opened::Damaged(error) => Err(self.unusable(error)),
                }
            }
        }
    }

    /// Looks by a connection of its own: the one that writes remembers pages as they were.
    fn is_damaged(self) -> bool {
        let look = |connection: Connection| {
            connection::is_sound(&connection, &self.options.clock, self.options.patience)
        };
        match connection::reader(self.file.path(), self.options).and_then(look) {
            Ok(is_sound) => !is_sound,
            Err(error) => is_damage(&error),
        }
    }

    fn begin_anew<'a>(
        self,
        kept: &'a mut Option<Connection>,
        reason: &str,
    ) -> Result<&'a mut Connection, OpenError> {
        // Closed before it is moved: what is closed last writes into the file.
        drop(kept.take());
        self.readers.forget();
        self.keep_aside(reason)?;
        Ok(kept.insert(self.open()?))
    }

    fn keep_aside(self, reason: &str) -> Result<(), OpenError> {
        let aside = self.file.keep_aside(self.options.clock.now());
        let aside = aside.map_err(|error| self.unusable(error))?;
        self.health.kept_aside.fetch_add(1, Ordering::Relaxed);
        self.health.records.store(0, Ordering::Relaxed);
        tracing::error!(
            target: SECURITY_TARGET,
            event = "store.damaged",
            path = %self.file.path().display(),
            kept_as = %aside.display(),
            reason,
            "a damaged database was kept aside, and an empty one begun"
        );
        Ok(())
    }

    fn unusable(self, reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> OpenError {
        OpenError::Unusable { path: self.file.path().to_owned(), reason: reason.into() }
    }
}
