//! Deletes what lies in the storage and is no file: uploads that were cut, what was replaced or removed.

use std::time::{Duration, UNIX_EPOCH};

use palisade::core::Clock;
use palisade_database::{Caller, Database, VfsOrphans as _};
use palisade_vfs_store::{ObjectId, Objects};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::app::StartError;

/// So many are taken at once.
const AT_ONCE: u32 = 100;
/// As often as this it is looked at most, and at least.
const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_mins(10);

/// Sweeps until it is dropped.
#[derive(Debug)]
#[must_use = "it sweeps until it is dropped"]
pub(crate) struct Sweeper {
    _tasks: JoinSet<()>,
}

/// What it works with.
#[derive(Debug)]
struct Broom {
    database: Database,
    objects: Objects,
    clock: Clock,
    /// So long an object is left alone: longer than an upload takes, or a download of what was replaced.
    age: Duration,
}

// === impl Sweeper ===

impl Sweeper {
    /// Sweeps `objects` of what is older than `age` and no file. Within a runtime.
    pub(crate) fn start(
        database: &Database,
        objects: &Objects,
        clock: &Clock,
        age: Duration,
    ) -> Self {
        let (database, objects, clock) = (database.clone(), objects.clone(), clock.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(Broom { database, objects, clock, age }.keep_sweeping());
        Self { _tasks: tasks }
    }
}

// === impl Broom ===

impl Broom {
    async fn keep_sweeping(self) {
        let mut looks =
            interval(self.age.checked_div(4).unwrap_or(self.age).clamp(SHORTEST, LONGEST));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            loop {
                match self.sweep().await {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(
                            %error,
                            "what is no file any more could not be deleted: it is tried again"
                        );
                        break;
                    }
                }
            }
        }
    }

    /// Deletes some. How many there were.
    async fn sweep(&self) -> Result<usize, StartError> {
        let before = self.clock.now().wall().checked_sub(self.age).unwrap_or(UNIX_EPOCH);
        let before = before.duration_since(UNIX_EPOCH).unwrap_or_default();
        let before = i64::try_from(before.as_millis()).unwrap_or_default();
        let mut act = self.database.act_as(Caller::service()).await?;
        let taken = act.take_orphans(before, AT_ONCE).await?;
        // From here on none of them becomes a file.
        act.commit().await?;
        for id in &taken {
            // One that cannot be deleted keeps no other; it is taken again when it is old again.
            if let Err(error) = self.delete(id).await {
                tracing::warn!(%error, object = id, "what is no file any more could not be deleted: it is tried again");
            }
        }
        Ok(taken.len())
    }

    async fn delete(&self, id: &str) -> Result<(), StartError> {
        if let Ok(id) = id.parse::<ObjectId>() {
            self.objects.delete(&id).await?;
        }
        let mut act = self.database.act_as(Caller::service()).await?;
        act.forget_orphan(id).await?;
        Ok(act.commit().await?)
    }
}
