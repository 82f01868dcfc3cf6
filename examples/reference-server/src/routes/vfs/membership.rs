//! That whoever asks belongs to the organisation that he asks for, for as long as it takes.

use std::{sync::Arc, time::Duration};

use palisade::{core::Identity, vfs_acl::Organisation};
use palisade_database::{DatabaseError, Organisations as _};
use tokio::time::interval;

use super::allowed::Allowed;
use crate::app::Shared;

/// How often it is asked.
const LOOK: Duration = Duration::from_millis(500);

/// Somebody who acts for an organisation.
pub(super) struct Membership {
    shared: Arc<Shared>,
    who: Identity,
    organisation: Organisation,
}

// === impl Membership ===

impl Membership {
    /// That of whoever was allowed something, if he acts for one.
    pub(super) fn of(shared: &Arc<Shared>, allowed: &Allowed) -> Option<Self> {
        let organisation = allowed.question.who.organisation.clone()?;
        let who = allowed.context.identity()?.clone();
        Some(Self { shared: Arc::clone(shared), who, organisation })
    }

    /// Whether he belongs to it now.
    pub(super) async fn holds(&self) -> Result<bool, DatabaseError> {
        let caller = self.shared.directory.caller(&self.who);
        let mut act = self.shared.database.read_as(caller).await?;
        Ok(act.own_role(self.organisation.as_str()).await?.is_some())
    }

    /// Waits until he does not. While the database does not answer nothing changes.
    pub(super) async fn end(self) {
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            if !self.holds().await.unwrap_or(true) {
                return;
            }
        }
    }
}
