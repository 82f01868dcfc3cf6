//! The one way in which an admin changes something: recorded, done, recorded as done; and taken back where that failed.

use std::{sync::Arc, time::Duration};

use axum::extract::FromRequestParts;
use http::{HeaderValue, header, request};
use palisade::{
    autoban::UnsettledChange,
    core::{Code, Identity, Rejection, RejectionKind, SECURITY_TARGET, SecurityContext},
};
use palisade_database::DatabaseError;

use super::{answers, lent_rights};
use crate::{
    app::Shared,
    audit::{AdminAction, AuditEntry, AuditFailed, AuditOutcome},
    kept::Kept,
};

const AUDIT_UNAVAILABLE: Code =
    Code::new("audit-unavailable", "The action could not be recorded, so it was not carried out");
/// When to try again, if the audit does not answer.
const LATER: Duration = Duration::from_secs(5);

/// The admin who asks, with what the audit wants to know of the request.
pub(super) struct Admin {
    identity: Identity,
    context: SecurityContext,
    user_agent: Option<HeaderValue>,
}

/// What an action came to. `T` is what the admin is told.
pub(super) enum Done<T> {
    /// It is done, and the function takes it back.
    Revocable(T, Box<dyn FnOnce(&Shared)>),
    /// It is done, and stays so if the database keeps this with its record; the function takes it back.
    Kept(T, Kept, Box<dyn FnOnce(&Shared)>),
    /// A change of bans is done, and it is taken back unless it is settled.
    Unsettled(T, UnsettledChange),
    /// It is done, and nothing takes it back.
    ForGood(T),
    /// It is not done yet: it cannot fail and cannot be taken back, so it is done as soon as it is recorded.
    OnceRecorded(Box<dyn FnOnce(&Shared) -> T>),
}

// === impl Admin ===

impl Admin {
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn context(&self) -> &SecurityContext {
        &self.context
    }

    /// What is about to happen, for the audit.
    pub(super) fn does(&self, action: &'static str) -> AdminAction {
        let action = AdminAction::new(action, self.identity.clone(), &self.context);
        self.user_agent.iter().fold(action, AdminAction::sent_by)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut request::Parts, state: &S) -> Result<Self, Rejection> {
        let identity = <Identity as FromRequestParts<S>>::from_request_parts(head, state).await?;
        let context = SecurityContext::from_request_parts(head, state).await?;
        let user_agent = head.headers.get(header::USER_AGENT).cloned();
        Ok(Self { identity, context, user_agent })
    }
}

// === impl Done ===

impl<T> Done<T> {
    pub(super) fn revocable(answer: T, take_back: impl FnOnce(&Shared) + 'static) -> Self {
        Self::Revocable(answer, Box::new(take_back))
    }

    pub(super) fn kept(answer: T, kept: Kept, take_back: impl FnOnce(&Shared) + 'static) -> Self {
        Self::Kept(answer, kept, Box::new(take_back))
    }

    pub(super) fn once_recorded(act: impl FnOnce(&Shared) -> T + 'static) -> Self {
        Self::OnceRecorded(Box::new(act))
    }

    fn recorded(self, shared: &Shared) -> T {
        match self {
            Self::Revocable(answer, _) | Self::Kept(answer, ..) | Self::ForGood(answer) => answer,
            Self::Unsettled(answer, change) => {
                drop(change.settle());
                answer
            }
            Self::OnceRecorded(act) => act(shared),
        }
    }

    /// Takes it back, and says what of it is left.
    fn take_back(self, shared: &Shared) -> &'static str {
        match self {
            Self::Revocable(_, take_back) | Self::Kept(_, _, take_back) => {
                take_back(shared);
                "taken-back"
            }
            Self::Unsettled(_, change) => {
                drop(change);
                "taken-back"
            }
            Self::ForGood(_) => "stands",
            Self::OnceRecorded(_) => "never-done",
        }
    }
}

/// Carries out what an admin asks for, on a thread that may block and to its end: whoever asked may hang up meanwhile.
///
/// # Errors
///
/// 503 `audit-unavailable` where the action could not be recorded, and whatever `act` refuses.
pub(super) async fn carry_out<T: Send + 'static>(
    shared: &Arc<Shared>,
    action: AdminAction,
    act: impl FnOnce(&Shared) -> Result<Done<T>, Rejection> + Send + 'static,
) -> Result<T, Rejection> {
    let shared = Arc::clone(shared);
    let action = match action.caller {
        Some(_) => action,
        None => action.clone().acting_as(shared.directory.caller(&action.actor)),
    };
    let done = tokio::task::spawn_blocking(move || recorded(&shared, &action, act)).await;
    done.map_err(|error| answers::broken(&error))?
}

fn recorded<T>(
    shared: &Shared,
    action: &AdminAction,
    act: impl FnOnce(&Shared) -> Result<Done<T>, Rejection>,
) -> Result<T, Rejection> {
    let mut entry = match shared.audit.begin(action) {
        Ok(entry) => entry,
        Err(error) => return Err(unkept(action, "never-done", &error)),
    };
    let done = lent_rights::allow(&action.actor, action.action).and_then(|()| act(shared));
    let kept = match &done {
        Ok(Done::Kept(_, kept, _)) => entry.keep(kept),
        _ => Ok(()),
    };
    let (kept, done) = match (kept.as_ref().err().and_then(refusal), done) {
        // What the database refuses is refused as by a rule of ours, and recorded as that.
        (Some(refusal), Ok(done)) => {
            done.take_back(shared);
            (Ok(()), Err(refusal))
        }
        (_, done) => (kept, done),
    };
    match (kept.and_then(|()| commit(entry, &done)), done) {
        (Ok(()), Ok(done)) => Ok(done.recorded(shared)),
        (Ok(()), Err(refusal)) => Err(refusal),
        (Err(error), Ok(done)) => Err(unkept(action, done.take_back(shared), &error)),
        (Err(error), Err(_)) => Err(unkept(action, "refused", &error)),
    }
}

/// What the database does not let whoever asks do.
fn refusal(error: &AuditFailed) -> Option<Rejection> {
    let error = error.of_database()?;
    let is_one = matches!(
        error,
        DatabaseError::NotFound
            | DatabaseError::Denied
            | DatabaseError::Conflict
            | DatabaseError::Invalid
            | DatabaseError::Exhausted
    );
    is_one.then(|| answers::database(error))
}

/// Why nothing is kept: the right by which it was asked for ended meanwhile, which is recorded, or it could not be recorded.
fn unkept(action: &AdminAction, outcome: &'static str, error: &AuditFailed) -> Rejection {
    match error.of_database() {
        Some(lapsed @ DatabaseError::Lapsed) => answers::database(lapsed),
        _ => unrecorded(action, outcome, error),
    }
}

fn commit<T>(
    entry: Box<dyn AuditEntry>,
    done: &Result<Done<T>, Rejection>,
) -> Result<(), AuditFailed> {
    entry.commit(match done {
        Ok(_) => AuditOutcome::Done,
        Err(refusal) => AuditOutcome::Refused(refusal.code()),
    })
}

fn unrecorded(action: &AdminAction, outcome: &'static str, error: &AuditFailed) -> Rejection {
    tracing::error!(
        target: SECURITY_TARGET,
        event = "admin.unrecorded",
        outcome,
        action = action.action,
        user_id = action.actor.subject(),
        issuer = action.actor.issuer(),
        on = action.target.as_deref(),
        request_id = %action.request_id,
        %error,
        "what an admin asked for could not be recorded"
    );
    Rejection::new(RejectionKind::Unavailable, AUDIT_UNAVAILABLE)
        .retry_after(LATER)
        .reason(error.to_string())
}
