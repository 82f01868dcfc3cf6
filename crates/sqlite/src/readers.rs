//! Connections for questions: a few of them, each question with a deadline.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use palisade_analytics::StoreError;
use rusqlite::{Connection, Error, ErrorCode};

use crate::{
    SqliteOptions,
    connection::{self, STEPS, is_damage},
};

/// Connections for questions.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    options: SqliteOptions,
    lent: Mutex<Lent>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Lent {
    idle: Vec<Connection>,
    /// Those that are out, and those that are idle.
    open: usize,
    /// Counts the files that stood under this name: a connection to one that was kept aside is not lent again.
    file: u64,
}

/// A connection that goes back when the question is answered, or fails.
struct Lease<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
    file: u64,
}

/// Why a question has no answer.
pub(crate) enum Unanswered {
    /// The file is damaged.
    Damage(Error),
    Other(StoreError),
}

// === impl Readers ===

impl Readers {
    pub(crate) fn new(path: &Path, options: &SqliteOptions) -> Self {
        Self {
            path: path.to_owned(),
            options: options.clone(),
            lent: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// Asks one question: all of it sees the same state, and it ends at the deadline.
    pub(crate) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Unanswered> {
        let begun = self.options.clock.now();
        let lease = self.lend()?;
        let Some(connection) = &lease.connection else { return Err(self.busy()) };
        let (clock, patience) = (self.options.clock.clone(), self.options.patience);
        let is_late = move || clock.since(begun) >= patience;
        let answer = connection
            .progress_handler(STEPS, Some(is_late))
            .and_then(|()| connection.unchecked_transaction())
            .and_then(|transaction| {
                let answer = question(&transaction)?;
                transaction.finish()?;
                Ok(answer)
            });
        answer.map_err(|error| self.unanswered(error))
    }

    /// Takes none of those into use again that are open now.
    pub(crate) fn forget(&self) {
        let mut lent = self.lock();
        lent.file = lent.file.wrapping_add(1);
        lent.open = lent.open.saturating_sub(lent.idle.len());
        lent.idle.clear();
    }

    fn lend(&self) -> Result<Lease<'_>, Unanswered> {
        let most = self.options.readers.get();
        let none = |lent: &mut Lent| lent.idle.is_empty() && lent.open >= most;
        let waited = self.returned.wait_timeout_while(self.lock(), self.options.patience, none);
        let (mut lent, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = lent.idle.pop() {
            return Ok(Lease { readers: self, connection: Some(connection), file: lent.file });
        }
        if waited.timed_out() && lent.open >= most {
            return Err(self.busy());
        }
        lent.open = lent.open.saturating_add(1);
        // From here on the place is given back, whether there is a connection to it or not.
        let mut lease = Lease { readers: self, connection: None, file: lent.file };
        drop(lent);
        let opened = connection::reader(&self.path, &self.options);
        lease.connection = Some(opened.map_err(|error| self.unanswered(error))?);
        Ok(lease)
    }

    fn lock(&self) -> MutexGuard<'_, Lent> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(&self) -> Unanswered {
        Unanswered::Other(StoreError::new(format!(
            "{} questions were asked already, and none was answered within {:?}",
            self.options.readers, self.options.patience
        )))
    }

    fn unanswered(&self, error: Error) -> Unanswered {
        if is_damage(&error) {
            return Unanswered::Damage(error);
        }
        Unanswered::Other(match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => StoreError::new(format!(
                "the question was not answered within {:?}",
                self.options.patience
            )),
            _ => StoreError::new(error),
        })
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut lent = self.readers.lock();
        let reset = |connection: &Connection| {
            connection.progress_handler(0, None::<fn() -> bool>).is_ok()
                && connection.is_autocommit()
        };
        let connection = self.connection.take().filter(reset);
        match connection.filter(|_| lent.file == self.file) {
            Some(connection) => lent.idle.push(connection),
            None => lent.open = lent.open.saturating_sub(1),
        }
        drop(lent);
        self.readers.returned.notify_one();
    }
}

impl fmt::Debug for Lease<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}

impl Unanswered {
    /// For who asked.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::Damage(error) => StoreError::new(error),
            Self::Other(error) => error,
        }
    }
}
