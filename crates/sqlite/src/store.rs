//! The store: records in one table, one connection that writes, a few that read.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use palisade_analytics::{
    Counts, Cursor, Dimension, Filter, Page, Record, Step, Store, StoreError, Summary,
};
use palisade_core::{Location, RequestId};
use rusqlite::{Connection, Error};

use crate::{
    OpenError, SqliteOptions, SqliteStatus,
    codes::Codes,
    condition::Condition,
    file::DatabaseFile,
    questions,
    readers::{Readers, Unanswered},
    remnants::Remnants,
    room::{self, Turn},
    row,
    status::Health,
    writer::{Place, Writer},
};

/// Keeps records in a file. See the [crate docs](crate).
#[derive(Debug)]
pub struct SqliteStore {
    file: DatabaseFile,
    options: SqliteOptions,
    /// Closed first: the last one closed writes what stands ahead into the file, and those may not write.
    readers: Readers,
    writer: Writer,
    codes: Codes,
    health: Health,
    remnants: Remnants,
    /// The last turn of pruning ended before all was done.
    has_more_to_prune: AtomicBool,
}

// === impl SqliteStore ===

impl SqliteStore {
    /// Opens the database at `path`, and makes it and its folder if they are not there. A damaged one is kept beside it as
    /// `<name>.corrupt-<seconds>`, which the security log says, and an empty one is begun.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range, or the file cannot be written, is of a later version or of another program.
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, OpenError> {
        options.check()?;
        Self::check(path.as_ref())?;
        let file = DatabaseFile::new(path.as_ref());
        let (readers, health) = (Readers::new(file.path(), &options), Health::default());
        let writer = Writer::open(Place {
            file: &file,
            options: &options,
            readers: &readers,
            health: &health,
        })?;
        let store = Self {
            file,
            options,
            writer,
            readers,
            codes: Codes::default(),
            health,
            remnants: Remnants::default(),
            has_more_to_prune: AtomicBool::new(false),
        };
        let records = store.count(&Filter::new());
        store.health.records.store(records.unwrap_or_default(), Ordering::Relaxed);
        Ok(store)
    }

    /// Whether the file at `path` may be taken for a database, as far as its first bytes tell: also where there is none. Changes
    /// nothing. To be asked before it is open in this process.
    ///
    /// # Errors
    ///
    /// If it is of another program, or cannot be read.
    pub fn check(path: impl AsRef<Path>) -> Result<(), OpenError> {
        let file = DatabaseFile::new(path.as_ref());
        let path = || file.path().to_owned();
        match file.is_foreign() {
            Ok(false) => Ok(()),
            Ok(true) => Err(OpenError::Foreign { path: path() }),
            Err(error) => Err(OpenError::Unusable { path: path(), reason: error.into() }),
        }
    }

    /// How it is doing.
    #[must_use]
    pub fn status(&self) -> SqliteStatus {
        self.health.status(self.file.bytes())
    }

    fn write<T>(&self, act: impl Fn(&mut Connection) -> Result<T, Error>) -> Result<T, StoreError> {
        self.write_and_tell(act).map(|(value, _)| value)
    }

    /// Tells also whether the file is another one than before, and why.
    fn write_and_tell<T>(
        &self,
        act: impl Fn(&mut Connection) -> Result<T, Error>,
    ) -> Result<(T, Option<String>), StoreError> {
        let place = Place {
            file: &self.file,
            options: &self.options,
            readers: &self.readers,
            health: &self.health,
        };
        self.writer.with(place, act).inspect_err(|_| self.health.failed())
    }

    fn add(&self, records: &[Arc<Record>]) -> Result<(), StoreError> {
        self.write(|connection| {
            room::in_transaction(connection, |connection| {
                let mut insert = connection.prepare(row::INSERT)?;
                records.iter().try_for_each(|record| row::insert(&mut insert, record))?;
                Ok(records.len())
            })
        })?;
        self.codes.learn(records.iter().filter_map(|record| record.code));
        self.health.added(records.len());
        Ok(())
    }

    /// The new ones are kept, whatever becomes of the older ones: that is tried again with the next.
    fn keep_within_bounds(&self) {
        let most = self.options.max_bytes;
        let drop_oldest = |connection: &mut Connection| {
            room::drop_oldest(connection, most, &mut Turn::begin(&self.options.clock))
        };
        if let Ok(gone) = self.write(drop_oldest) {
            self.health.gone(gone);
            self.remnants.deleted(gone);
        }
    }

    /// Writes anew what is left: pages that were divided hold copies of what moved out of them, and overwriting what is deleted does
    /// not reach those.
    fn write_anew(&self, deleted: &Condition) -> Result<(), StoreError> {
        let is_settled = self.write(|connection| {
            if deleted.is_empty() {
                room::shrink(connection)?;
            } else {
                connection.execute_batch("VACUUM")?;
            }
            let is_settled = room::settle(connection)?;
            if is_settled {
                connection.execute("DELETE FROM owed", [])?;
            }
            Ok(is_settled)
        })?;
        if is_settled {
            return Ok(());
        }
        self.health.failed();
        Err(StoreError::new("it is deleted, but a reader keeps a copy of it on disk for a while"))
    }

    fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        self.readers.ask(question).map_err(|unanswered| {
            if matches!(unanswered, Unanswered::Damage(_)) {
                self.writer.suspect();
            }
            unanswered.into_error()
        })
    }
}

impl Store for SqliteStore {
    fn append(&self, records: &[Arc<Record>]) -> Result<(), StoreError> {
        let begun = self.options.clock.now();
        let added = self.add(records);
        if added.is_ok() {
            self.keep_within_bounds();
        }
        self.health.appended_in(self.options.clock.since(begun));
        added
    }

    fn locate(&self, located: &[(RequestId, Arc<Location>)]) -> Result<(), StoreError> {
        let sql = "UPDATE requests SET country = ?, region = ?, city = ? WHERE request_id = ?";
        self.write(|connection| {
            room::in_transaction(connection, |connection| {
                let mut update = connection.prepare(sql)?;
                for (id, place) in located {
                    let country = place.country.map(|country| country.to_string());
                    let id = row::sixteen_bytes(id);
                    update.execute((
                        country,
                        place.region.as_deref(),
                        place.city.as_deref(),
                        id.as_slice(),
                    ))?;
                }
                Ok(located.len())
            })
        })?;
        Ok(())
    }

    fn prune(&self, now: SystemTime) -> Result<u64, StoreError> {
        let oldest = self.options.keep_for.and_then(|time| now.checked_sub(time));
        let most = self.options.max_bytes;
        let (gone, has_more) = self.write(|connection| {
            let mut turn = Turn::begin(&self.options.clock);
            let mut gone = match oldest {
                Some(oldest) => room::drop_old(connection, oldest, &mut turn)?,
                None => 0,
            };
            if !turn.is_over() {
                gone = gone.saturating_add(room::drop_oldest(connection, most, &mut turn)?);
            }
            self.remnants.deleted(gone);
            if !turn.is_over() {
                self.remnants.remove(connection, self.options.clock.now())?;
                room::give_back(connection, &mut turn)?;
            }
            if !turn.is_over() {
                // If a reader is in the way, the next call settles it.
                room::settle(connection)?;
            }
            Ok((gone, turn.is_over()))
        })?;
        self.has_more_to_prune.store(has_more, Ordering::Relaxed);
        self.health.gone(gone);
        self.file.forget_kept_aside(oldest).map_err(StoreError::new)?;
        Ok(gone)
    }

    fn has_more_to_prune(&self) -> bool {
        self.has_more_to_prune.load(Ordering::Relaxed)
    }

    fn page(
        &self,
        filter: &Filter,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.ask(|connection| questions::page(connection, &self.codes, filter, (before, limit)))
    }

    fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.ask(|connection| questions::count(connection, filter))
    }

    fn summary(&self, filter: &Filter) -> Result<Summary, StoreError> {
        self.ask(|connection| questions::summary(connection, filter))
    }

    fn count_by(
        &self,
        filter: &Filter,
        dimension: Dimension,
        limit: usize,
    ) -> Result<Counts, StoreError> {
        self.ask(|connection| questions::count_by(connection, filter, dimension, limit))
    }

    fn over_time(
        &self,
        filter: &Filter,
        step: Duration,
        limit: usize,
    ) -> Result<Vec<Step>, StoreError> {
        self.ask(|connection| questions::over_time(connection, filter, step, limit))
    }

    fn delete(&self, filter: &Filter) -> Result<u64, StoreError> {
        let condition = Condition::of(filter);
        let sql = format!("DELETE FROM requests {}", condition.sql());
        let ((gone, is_owed), anew) = self.write_and_tell(|connection| {
            let gone = room::in_transaction(connection, |connection| {
                let gone = connection.execute(&sql, condition.values([]))?;
                if gone > 0 {
                    connection.execute("INSERT OR IGNORE INTO owed VALUES (1)", [])?;
                }
                Ok(gone)
            })?;
            let owed = "SELECT EXISTS (SELECT 1 FROM owed)";
            Ok((gone, connection.query_row(owed, [], |row| row.get::<_, bool>(0))?))
        })?;
        self.health.gone(gone);
        if is_owed {
            self.write_anew(&condition)?;
        }
        match anew {
            None => Ok(gone),
            Some(reason) => Err(StoreError::new(format!(
                "an empty database was begun meanwhile ({reason}): what is to be deleted may be in the file that was kept aside"
            ))),
        }
    }
}
