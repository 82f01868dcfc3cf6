//! What is kept of users in the database: taken over at the start, and whenever somebody changed it.

use palisade::{
    core::SECURITY_TARGET,
    users::{User, UserId},
};
use palisade_database::{Act, Caller, Database, DatabaseError, Users as _};

use crate::directory::{Directory, name, read_name};

/// So many are read at once.
const PAGE: u32 = 1000;

/// What the database is to keep of a user.
#[derive(Clone, Debug)]
pub struct KeptUser {
    name: String,
    roles: Vec<String>,
    is_disabled: bool,
}

// === impl KeptUser ===

impl KeptUser {
    /// What he is in memory.
    pub(crate) fn new(id: &UserId, user: &User) -> Self {
        let roles = user.roles().map(str::to_owned).collect();
        Self { name: name(id), roles, is_disabled: user.is_disabled() }
    }

    /// Makes him in the database what he is here.
    pub(crate) async fn keep(&self, act: &mut Act) -> Result<(), DatabaseError> {
        act.know_user(&self.name).await?;
        act.replace_roles(&self.name, &self.roles).await?;
        if self.is_disabled {
            act.disable_user(&self.name).await
        } else {
            act.enable_user(&self.name).await
        }
    }
}

/// Takes over all that is kept; what the settings say of a user counts as long as nothing is. Says how far that is.
pub(crate) async fn take_over(
    database: &Database,
    directory: &Directory,
) -> Result<i64, DatabaseError> {
    let mut act = database.read_as(Caller::service()).await?;
    let revision = act.users_revision().await?;
    let mut after: Option<String> = None;
    let mut changed = 0_u64;
    loop {
        let users = act.users(after.as_deref(), PAGE).await?;
        let Some(last) = users.last() else { break };
        after = Some(last.id.clone());
        for row in users {
            let is_changed = directory.take_over(read_name(&row.id), &row.roles, row.disabled_at);
            changed = changed.saturating_add(u64::from(is_changed));
        }
    }
    if changed > 0 {
        tracing::info!(target: SECURITY_TARGET, event = "users.taken-over", users = changed, "what is kept of users was taken over from the database");
    }
    Ok(revision)
}
