//! What of an action the database keeps, in the transaction of its record.

use palisade_database::{Act, DatabaseError, NewOrder, Orders as _};

use crate::{
    api_key_table::KeptApiKey, elevation_step::ElevationStep, sign_outs::KeptSignOut,
    users_table::KeptUser, vfs::KeptVfs,
};

/// What the database is to keep of an action.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum Kept {
    /// What a user is from now on.
    User(KeptUser),
    /// What an API key is from now on.
    ApiKey(KeptApiKey),
    /// Which tokens count no more.
    SignOut(KeptSignOut),
    /// What is in memory alone until it is written elsewhere, so that a server that is killed before does it once more.
    Order(NewOrder),
    /// What becomes of an elevation.
    Elevation(ElevationStep),
    /// What becomes of a mount of files, or of a rule of one.
    Vfs(KeptVfs),
}

// === impl Kept ===

impl Kept {
    /// Writes it.
    pub(crate) async fn keep(&self, act: &mut Act) -> Result<(), DatabaseError> {
        match self {
            Self::User(user) => user.keep(act).await,
            Self::ApiKey(key) => key.keep(act).await,
            Self::SignOut(sign_out) => sign_out.keep(act).await,
            Self::Order(order) => act.order(order).await,
            Self::Elevation(step) => step.keep(act).await,
            Self::Vfs(change) => change.keep(act).await,
        }
    }
}
