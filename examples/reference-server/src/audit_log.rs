//! The audit trail of a server without a database: one line of the security log for each action.

use jiff::Timestamp;
use palisade::core::{Identity, SECURITY_TARGET};

use crate::audit::{AdminAction, AuditEntry, AuditFailed, AuditOutcome, AuditTrail};

/// Writes each action into the security log, as the event `admin.action`, once it is known what became of it. It never
/// fails, and promises no more than the log does.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditLog;

impl AuditTrail for AuditLog {
    fn begin(&self, action: &AdminAction) -> Result<Box<dyn AuditEntry>, AuditFailed> {
        Ok(Box::new(Line(action.clone())))
    }
}

struct Line(AdminAction);

impl AuditEntry for Line {
    fn commit(self: Box<Self>, outcome: AuditOutcome) -> Result<(), AuditFailed> {
        let action = &self.0;
        let at = Timestamp::try_from(action.at).ok();
        // Texts are plain `str`s, which every format escapes: one event stays one line.
        tracing::info!(
            target: SECURITY_TARGET,
            event = "admin.action",
            action = action.action,
            %outcome,
            at = at.map(tracing::field::display),
            user_id = action.actor.subject(),
            issuer = action.actor.issuer(),
            on_behalf_of = action.on_behalf_of.as_ref().map(Identity::subject),
            address = action.address.map(tracing::field::display),
            user_agent = action.user_agent.as_deref(),
            request_id = %action.request_id,
            on = action.target.as_deref(),
            reason = action.reason.as_deref(),
            detail = action.detail.as_deref(),
            elevation = action.elevation(),
            "an admin acted"
        );
        Ok(())
    }
}
