//! A step of an elevation, as the database is to keep it with its record.

use palisade_database::{Act, DatabaseError, Elevations as _};

/// What becomes of the elevation with an id.
#[derive(Clone, Debug)]
pub struct ElevationStep {
    id: Box<str>,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    Ask { reason: Box<str>, minutes: i64 },
    Approve { minutes: i64 },
    Refuse,
    Withdraw,
}

// === impl ElevationStep ===

impl ElevationStep {
    /// It is asked for.
    pub(crate) fn ask(id: &str, reason: &str, minutes: i64) -> Self {
        Self { id: id.into(), step: Step::Ask { reason: reason.into(), minutes } }
    }

    /// It is given.
    pub(crate) fn approve(id: &str, minutes: i64) -> Self {
        Self { id: id.into(), step: Step::Approve { minutes } }
    }

    /// It is not given.
    pub(crate) fn refuse(id: &str) -> Self {
        Self { id: id.into(), step: Step::Refuse }
    }

    /// It is taken back.
    pub(crate) fn withdraw(id: &str) -> Self {
        Self { id: id.into(), step: Step::Withdraw }
    }

    /// Makes it.
    pub(crate) async fn keep(&self, act: &mut Act) -> Result<(), DatabaseError> {
        match &self.step {
            Step::Ask { reason, minutes } => act.ask_elevation(&self.id, reason, *minutes).await,
            Step::Approve { minutes } => act.approve_elevation(&self.id, *minutes).await,
            Step::Refuse => act.refuse_elevation(&self.id).await,
            Step::Withdraw => act.withdraw_elevation(&self.id).await,
        }
    }
}
