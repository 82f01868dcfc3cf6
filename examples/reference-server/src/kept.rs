//! What of an action the database keeps, in the transaction of its record.

use palisade_database::{Act, DatabaseError};

use crate::{elevation_step::ElevationStep, users_table::KeptUser};

/// What the database is to keep of an action.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum Kept {
    /// What a user is from now on.
    User(KeptUser),
    /// What becomes of an elevation.
    Elevation(ElevationStep),
}

// === impl Kept ===

impl Kept {
    /// Writes it.
    pub(crate) async fn keep(&self, act: &mut Act) -> Result<(), DatabaseError> {
        match self {
            Self::User(user) => user.keep(act).await,
            Self::Elevation(step) => step.keep(act).await,
        }
    }
}
