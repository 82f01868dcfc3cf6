//! The deletion of records of requests, as an order: it may take minutes, so it stands before it is begun.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::SystemTime};

use palisade::core::{Code, Identity, IdentityKind, RequestId};
use palisade_database::DatabaseError;
use serde::{Deserialize, Serialize};

use super::carry_out::Carried;
use crate::{
    app::Shared,
    audit::{AdminAction, AuditOutcome},
    audit_table, routes,
};

const BROKEN: Code = Code::new("internal-error", "Something broke");

/// Which records are to be deleted, and what is then recorded.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Clearing {
    records: RecordsIn,
    /// What chooses them, as in a query.
    chosen: BTreeMap<String, String>,
    #[serde(with = "palisade::core::rfc3339")]
    at: SystemTime,
    admin: Who,
    address: Option<IpAddr>,
    user_agent: Option<String>,
    request_id: String,
    target: Option<String>,
}

/// Where records are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RecordsIn {
    /// They end with the process.
    Memory,
    /// They outlive it.
    File,
}

/// The admin who asked for it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Who {
    subject: String,
    issuer: Option<String>,
    by: By,
    roles: Vec<String>,
}

/// By what he asked.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum By {
    Token,
    ApiKey,
}

// === impl Clearing ===

impl Clearing {
    /// What `action` deletes of `records`.
    pub(crate) fn new(
        action: &AdminAction,
        chosen: BTreeMap<String, String>,
        records: RecordsIn,
    ) -> Self {
        Self {
            records,
            chosen,
            at: action.at,
            admin: Who::of(&action.actor),
            address: action.address,
            user_agent: action.user_agent.as_deref().map(str::to_owned),
            request_id: action.request_id.to_string(),
            target: action.target.as_deref().map(str::to_owned),
        }
    }

    /// Deletes them, and records what came of it in the transaction that ends the order `id`.
    pub(super) async fn finish(
        self,
        shared: &Arc<Shared>,
        id: &str,
    ) -> Result<Carried, DatabaseError> {
        if self.records != RecordsIn::of(shared) {
            return Ok(Carried::NotNow);
        }
        let Some(action) = self.action() else { return Ok(Carried::NotNow) };
        let outcome = match self.delete(shared).await {
            Ok(()) => AuditOutcome::Done,
            Err(code) => AuditOutcome::Refused(code),
        };
        audit_table::record_ordered(&shared.database, &action, outcome, id).await?;
        Ok(Carried::Ended)
    }

    async fn delete(self, shared: &Arc<Shared>) -> Result<(), Code> {
        let analytics = shared.analytics.clone();
        let deleted = tokio::task::spawn_blocking(move || {
            let filter = routes::filter(self.chosen, &analytics).map_err(|error| error.code())?;
            analytics
                .delete(&filter)
                .map_err(|error| routes::unavailable(&error.to_string()).code())
        });
        deleted.await.map_err(|_| BROKEN)?.map(drop)
    }

    /// The action that the record tells.
    fn action(&self) -> Option<AdminAction> {
        let request_id: RequestId = self.request_id.parse().ok()?;
        let action = AdminAction {
            at: self.at,
            actor: self.admin.identity(),
            on_behalf_of: None,
            address: self.address,
            user_agent: self.user_agent.as_deref().map(Into::into),
            request_id,
            action: AdminAction::CLEAR_RECORDS,
            target: self.target.as_deref().map(Into::into),
            reason: None,
            detail: None,
            announced: None,
            caller: None,
        };
        Some(action.detail("finished when the server started again"))
    }
}

// === impl RecordsIn ===

impl RecordsIn {
    pub(crate) fn of(shared: &Shared) -> Self {
        if shared.records.is_some() { Self::File } else { Self::Memory }
    }
}

// === impl Who ===

impl Who {
    fn of(identity: &Identity) -> Self {
        let by = match identity.kind() {
            IdentityKind::ApiKey => By::ApiKey,
            _ => By::Token,
        };
        let roles = identity.roles().map(str::to_owned).collect();
        let issuer = identity.issuer().map(str::to_owned);
        Self { subject: identity.subject().to_owned(), issuer, by, roles }
    }

    fn identity(&self) -> Identity {
        let kind = match self.by {
            By::ApiKey => IdentityKind::ApiKey,
            By::Token => IdentityKind::Jwt,
        };
        let identity =
            Identity::new(&*self.subject, kind).with_roles(self.roles.iter().map(|role| &**role));
        self.issuer.iter().fold(identity, |identity, issuer| identity.issued_by(&**issuer))
    }
}
