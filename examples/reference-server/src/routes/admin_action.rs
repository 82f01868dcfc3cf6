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
    orders::{Order, Ticket},
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
    /// It is done, and stays so if the database keeps this with its record; the function takes it back.
    Kept(T, Kept, Box<dyn FnOnce(&Shared)>),
    /// It is in force, and stays so if the database keeps this with its record: then the function is called. Dropping it takes all
    /// back.
    OnceKept(Kept, Box<dyn FnOnce(&Shared) -> T>),
    /// A change of bans is done, and it is taken back unless it is settled. Its order is kept with the record.
    Unsettled(T, UnsettledChange),
    /// It is done, and nothing takes it back.
    ForGood(T),
    /// It is not done yet: it cannot fail and cannot be taken back, so it is done as soon as it is recorded.
    OnceRecorded(Box<dyn FnOnce(&Shared) -> T>),
    /// The same of what is written down elsewhere: its order is kept with the record.
    Ordered(Order, Box<dyn FnOnce(&Shared) -> T>),
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
    pub(super) fn kept(answer: T, kept: Kept, take_back: impl FnOnce(&Shared) + 'static) -> Self {
        Self::Kept(answer, kept, Box::new(take_back))
    }

    pub(super) fn once_kept(kept: Kept, settle: impl FnOnce(&Shared) -> T + 'static) -> Self {
        Self::OnceKept(kept, Box::new(settle))
    }

    pub(super) fn once_recorded(act: impl FnOnce(&Shared) -> T + 'static) -> Self {
        Self::OnceRecorded(Box::new(act))
    }

    pub(super) fn ordered(order: Order, act: impl FnOnce(&Shared) -> T + 'static) -> Self {
        Self::Ordered(order, Box::new(act))
    }

    /// Lets it hold: it is recorded.
    fn settle(self, shared: &Shared) -> T {
        match self {
            Self::Kept(answer, ..) | Self::ForGood(answer) => answer,
            Self::Unsettled(answer, change) => {
                drop(change.settle());
                answer
            }
            Self::OnceKept(_, act) | Self::OnceRecorded(act) | Self::Ordered(_, act) => act(shared),
        }
    }

    /// Takes it back, and says what of it is left.
    fn take_back(self, shared: &Shared) -> &'static str {
        match self {
            Self::Kept(_, _, take_back) => {
                take_back(shared);
                "taken-back"
            }
            Self::Unsettled(_, change) => {
                drop(change);
                "taken-back"
            }
            Self::OnceKept(_, settle) => {
                drop(settle);
                "taken-back"
            }
            Self::ForGood(_) => "stands",
            Self::OnceRecorded(_) | Self::Ordered(..) => "never-done",
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
    let done = tokio::task::spawn_blocking(move || recorded(&shared, action, act)).await;
    done.map_err(|error| answers::broken(&error))?
}

/// The order of steps, on one thread:
///
/// 1. The record is begun, in a transaction that nobody else sees. Of what may take minutes an order stands there instead.
/// 2. It is done, in memory.
/// 3. What outlives the process is kept in that transaction: what a user is from now on, or an order.
/// 4. Record and that are committed. From here on, a process that is killed finds the order when it starts again, and carries it out.
/// 5. It holds. Behind it, the outbox has it written down and ends the order.
fn recorded<T>(
    shared: &Shared,
    mut action: AdminAction,
    act: impl FnOnce(&Shared) -> Result<Done<T>, Rejection>,
) -> Result<T, Rejection> {
    let allowed = lent_rights::allow(&action.actor, action.action);
    if allowed.is_err() {
        // A start would carry it out.
        action.announced = None;
    }
    let action = &action;
    let entry = match shared.audit.begin(action) {
        Ok(entry) => entry,
        Err(error) => {
            // Its order may be there all the same, and is to be carried out by nobody.
            action.announced.iter().for_each(|order| shared.outbox.withdraw(order));
            return Err(unkept(action, "never-done", &error));
        }
    };
    let committed = match allowed.and_then(|()| act(shared)) {
        Ok(done) => hold(shared, entry, done),
        Err(refusal) => refuse(entry, refusal),
    };
    committed.unwrap_or_else(|(outcome, error)| {
        // Nobody knows how far the commit came.
        action.announced.iter().for_each(|order| shared.outbox.doubt(order));
        Err(unkept(action, outcome, &error))
    })
}

type Committed<T> = Result<Result<T, Rejection>, (&'static str, AuditFailed)>;

/// Records that it was refused.
fn refuse<T>(entry: Box<dyn AuditEntry>, refusal: Rejection) -> Committed<T> {
    let recorded = entry.commit(AuditOutcome::Refused(refusal.code()));
    recorded.map_or_else(|error| Err(("refused", error)), |()| Ok(Err(refusal)))
}

/// Keeps what was done with its record, and lets it hold; or takes it back, and says what of it is left.
fn hold<T>(shared: &Shared, mut entry: Box<dyn AuditEntry>, done: Done<T>) -> Committed<T> {
    let ticket = match keep(shared, &mut *entry, &done) {
        Ok(ticket) => ticket,
        Err(error) => {
            let left = done.take_back(shared);
            // What the database refuses is refused as by a rule of ours, and recorded as that.
            return match refusal(&error) {
                Some(refusal) => refuse(entry, refusal),
                None => Err((left, error)),
            };
        }
    };
    match entry.commit(AuditOutcome::Done) {
        Ok(()) => {
            let answer = done.settle(shared);
            ticket.into_iter().for_each(Ticket::settled);
            Ok(Ok(answer))
        }
        Err(error) => {
            let left = done.take_back(shared);
            ticket.into_iter().for_each(Ticket::doubtful);
            Err((left, error))
        }
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

/// Keeps what outlives the process in the transaction of the record. The ticket is that of an order.
fn keep<T>(
    shared: &Shared,
    entry: &mut dyn AuditEntry,
    done: &Done<T>,
) -> Result<Option<Ticket>, AuditFailed> {
    let order = match done {
        Done::Kept(_, kept, _) | Done::OnceKept(kept, _) => {
            return entry.keep(kept).map(|()| None);
        }
        Done::Unsettled(_, change) => Order::Bans(change.orders()),
        Done::Ordered(order, _) => order.clone(),
        Done::ForGood(_) | Done::OnceRecorded(_) => return Ok(None),
    };
    let order = shared.outbox.write(&order)?;
    let ticket = shared.outbox.enter(&order)?;
    entry.keep(&Kept::Order(order))?;
    Ok(Some(ticket))
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
