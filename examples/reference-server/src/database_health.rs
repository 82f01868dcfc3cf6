//! Whether the database answers in time, looked at from time to time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use palisade::core::SECURITY_TARGET;
use palisade_database::{Caller, Database, DatabaseError, Users};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

/// How often it is asked.
const LOOK: Duration = Duration::from_secs(1);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the database answers in time. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseHealth {
    answers: Arc<AtomicBool>,
}

/// Asks until it is dropped.
#[derive(Debug)]
#[must_use = "the database is asked until this is dropped"]
pub(crate) struct DatabaseWatch {
    _tasks: JoinSet<()>,
}

/// What came of asking.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answer {
    InTime,
    Missing,
}

// === impl DatabaseHealth ===

impl DatabaseHealth {
    /// Of one that was just opened.
    pub(crate) fn new() -> Self {
        Self { answers: Arc::new(AtomicBool::new(true)) }
    }

    /// Whether it answered when it was last asked.
    pub(crate) fn is_fine(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    /// Asks from now on. Within a runtime.
    pub(crate) fn watch(&self, database: &Database) -> DatabaseWatch {
        let mut tasks = JoinSet::new();
        tasks.spawn(look(self.clone(), database.clone()));
        DatabaseWatch { _tasks: tasks }
    }

    fn learn(&self, answer: Answer) {
        let answers = answer == Answer::InTime;
        match (self.answers.swap(answers, Ordering::Relaxed), answers) {
            (true, false) => {
                tracing::error!(target: SECURITY_TARGET, event = "database.down", "the database does not answer in time");
            }
            (false, true) => {
                tracing::info!(target: SECURITY_TARGET, event = "database.up", "the database answers again");
            }
            _ => {}
        }
    }
}

async fn look(health: DatabaseHealth, database: Database) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let asked = timeout(PATIENCE, ask(&database)).await;
        health.learn(if matches!(asked, Ok(Ok(_))) { Answer::InTime } else { Answer::Missing });
    }
}

async fn ask(database: &Database) -> Result<i64, DatabaseError> {
    database.read_as(Caller::service()).await?.users_revision().await
}
