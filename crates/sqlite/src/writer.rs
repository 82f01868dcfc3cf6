//! The one connection that writes: opened again where it was lost, and anew where the file is damaged.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use palisade_analytics::StoreError;
use palisade_core::{Moment, SECURITY_TARGET};
use rusqlite::{Connection, Error, ErrorCode};

use crate::{
    OpenError, SqliteOptions,
    connection::{self, Opened, Soundness, is_damage},
    file::{DatabaseFile, Identity},
    readers::Readers,
    status::Health,
};

/// How often a file is opened that is damaged, or moved, each time.
const TRIES: usize = 4;
/// How often is looked whether the file is still the one that is open.
const LOOK: Duration = Duration::from_secs(1);
/// How long nobody looks for damage again, where there was no time to look at all of it.
const REST: Duration = Duration::from_secs(3600);

/// The one connection that writes.
#[derive(Debug)]
pub(crate) struct Writer {
    held: Mutex<Held>,
    /// Somebody who read found the file damaged.
    is_suspect: AtomicBool,
}

#[derive(Debug, Default)]
struct Held {
    connection: Option<Connection>,
    /// The file that it is open on.
    identity: Option<Identity>,
    /// When that was compared with what stands there.
    compared: Option<Moment>,
    /// When there was no time to look for damage everywhere.
    in_vain: Option<Moment>,
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
        let mut held = Held::default();
        held.open(place)?;
        Ok(Self { held: Mutex::new(held), is_suspect: AtomicBool::new(false) })
    }

    /// Lets the next one who writes look whether the file is damaged.
    pub(crate) fn suspect(&self) {
        self.is_suspect.store(true, Ordering::Relaxed);
    }

    /// Does something; once more with a file of its own, if this one is damaged. Tells also whether it was done to another file than
    /// the one that was open before, and why.
    pub(crate) fn with<T>(
        &self,
        place: Place<'_>,
        act: impl Fn(&mut Connection) -> Result<T, Error>,
    ) -> Result<(T, Option<String>), StoreError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut anew = held.look(place, &self.is_suspect).map_err(StoreError::new)?;
        let connection = match &mut held.connection {
            Some(connection) => connection,
            None => held.open(place).map_err(StoreError::new)?,
        };
        let mut result = act(connection);
        if let Err(error) = &result
            && is_damage(error)
        {
            let reason = error.to_string();
            let connection = held.begin_anew(place, &reason).map_err(StoreError::new)?;
            result = act(connection);
            anew = Some(reason);
        }
        result.map(|value| (value, anew)).map_err(refused)
    }
}

/// What the analytics are told: that it may work in a moment, where another process is at the file.
fn refused(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::passing(error),
        _ => StoreError::new(error),
    }
}

// === impl Held ===

impl Held {
    fn open(&mut self, place: Place<'_>) -> Result<&mut Connection, OpenError> {
        let (connection, identity) = place.open()?;
        self.identity = identity;
        self.compared = Some(place.options.clock.now());
        Ok(self.connection.insert(connection))
    }

    /// Looks whether the file is still there, and sound if somebody doubts it; begins anew if not, and says why.
    fn look(
        &mut self,
        place: Place<'_>,
        suspicion: &AtomicBool,
    ) -> Result<Option<String>, OpenError> {
        let is_suspect = suspicion.swap(false, Ordering::Relaxed);
        if self.connection.is_none() {
            return Ok(None);
        }
        let now = place.options.clock.now();
        let since = |moment: Option<Moment>| moment.map(|moment| now.since(moment));
        if is_suspect || since(self.compared).is_none_or(|time| time >= LOOK) {
            self.compared = Some(now);
            if self.is_elsewhere(place) {
                self.follow(place)?;
                return Ok(Some("another file stands where it was".into()));
            }
        }
        if !is_suspect || since(self.in_vain).is_some_and(|time| time < REST) {
            return Ok(None);
        }
        match place.soundness() {
            Soundness::Sound => Ok(None),
            Soundness::Unknown => {
                self.in_vain = Some(now);
                Ok(None)
            }
            Soundness::Damaged => {
                let reason = "a question found it damaged";
                self.begin_anew(place, reason)?;
                Ok(Some(reason.into()))
            }
        }
    }

    /// Whether another file stands there than the one that is open, or none. What cannot be looked at is no reason to leave it.
    fn is_elsewhere(&self, place: Place<'_>) -> bool {
        place.file.identity().is_ok_and(|there| there != self.identity)
    }

    /// Opens what stands there now.
    fn follow(&mut self, place: Place<'_>) -> Result<(), OpenError> {
        self.close(place);
        let connection = self.open(place)?;
        let sql = "SELECT count(*) FROM requests";
        let records: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap_or_default();
        let records = u64::try_from(records).unwrap_or_default();
        place.health.records.store(records, Ordering::Relaxed);
        tracing::warn!(
            target: SECURITY_TARGET,
            event = "store.moved",
            path = %place.file.path().display(),
            records,
            "the database was moved, removed or replaced: records go into the one that stands there now"
        );
        Ok(())
    }

    /// Keeps the file aside, unless somebody else did, and opens the next one.
    fn begin_anew(&mut self, place: Place<'_>, reason: &str) -> Result<&mut Connection, OpenError> {
        self.close(place);
        place.keep_aside(self.identity, reason)?;
        self.open(place)
    }

    /// Before it is moved: what is closed last writes into the file.
    fn close(&mut self, place: Place<'_>) {
        drop(self.connection.take());
        place.readers.forget();
    }
}

// === impl Place ===

impl Place<'_> {
    fn open(self) -> Result<(Connection, Option<Identity>), OpenError> {
        for _ in 0..TRIES {
            match connection::writer(self.file, self.options)? {
                Opened::Writer(connection, identity) => return Ok((connection, identity)),
                Opened::Damaged(error, identity) => {
                    self.keep_aside(identity, &error.to_string())?;
                }
                Opened::Moved => {}
            }
        }
        Err(self.unusable("it is damaged or moved again and again"))
    }

    /// Looks by a connection of its own: the one that writes remembers pages as they were.
    fn soundness(self) -> Soundness {
        let look = |connection: Connection| {
            connection::soundness(&connection, &self.options.clock, self.options.patience)
        };
        match connection::reader(self.file.path(), self.options).and_then(look) {
            Ok(soundness) => soundness,
            Err(error) if is_damage(&error) => Soundness::Damaged,
            Err(_) => Soundness::Unknown,
        }
    }

    /// Moves the file away that was found damaged. If another one stands there by now, another process did so already.
    fn keep_aside(self, damaged: Option<Identity>, reason: &str) -> Result<(), OpenError> {
        let unusable = |error| self.unusable(error);
        let lock = self.file.lock(self.options.lock_patience).map_err(unusable)?;
        if self.file.identity().map_err(unusable)? != damaged {
            return Ok(());
        }
        let aside = self.file.keep_aside(self.options.clock.now()).map_err(unusable)?;
        // So that whoever waits for the lock sees another file.
        self.file.prepare().map_err(unusable)?;
        drop(lock);
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
