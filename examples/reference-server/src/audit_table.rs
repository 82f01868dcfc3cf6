//! The audit trail in the database: a record for each action, in a transaction that ends as the action does.

use palisade::core::Code;
use palisade_audit::{Action, Actor, Details, Event, Outcome, Person, Target};
use palisade_database::{
    Act, AuditLog as _, Caller, Database, DatabaseError, NewOrder, Orders as _,
};
use tokio::runtime::Handle;

use crate::{
    audit::{AdminAction, AuditEntry, AuditFailed, AuditOutcome, AuditTrail},
    audit_log::AuditLog,
    kept::Kept,
};

/// Why something was refused that was asked for by a right that had ended.
pub(crate) const LAPSED: Code =
    Code::new("elevation-ended", "The admin rights that you had for a while are over");

/// Adds a record to the database for each action, and then a line to the security log.
///
/// The record is written before the action, so what would keep it away does so before anything happened; and it is committed
/// behind the action, so there is none of what never came to an end. Of an action that may take minutes it is tried before, and
/// written behind it: everybody else's records would wait for it; in between stands its order. On threads that may block, within a
/// runtime.
#[derive(Clone, Debug)]
pub struct AuditTable {
    database: Database,
}

/// An action whose record is written, and not committed.
struct Pending {
    database: Database,
    action: AdminAction,
    /// The transaction with the record in it; none, where it was only tried.
    act: Option<Act>,
}

// === impl AuditTable ===

impl AuditTable {
    /// Into this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

impl AuditTrail for AuditTable {
    fn begin(&self, action: &AdminAction) -> Result<Box<dyn AuditEntry>, AuditFailed> {
        let begun = Handle::current().block_on(async {
            let act = begin(&self.database, action, AuditOutcome::Done).await?;
            let Some(order) = &action.announced else { return Ok(Some(act)) };
            act.roll_back().await?;
            announce(&self.database, action, order).await?;
            Ok::<_, DatabaseError>(None)
        });
        let act = begun.or_else(|error| Err(refused(&self.database, action, error)?))?;
        Ok(Box::new(Pending { database: self.database.clone(), action: action.clone(), act }))
    }
}

// === impl Pending ===

impl AuditEntry for Pending {
    fn keep(&mut self, kept: &Kept) -> Result<(), AuditFailed> {
        let Some(act) = &mut self.act else { return Ok(()) };
        Handle::current().block_on(kept.keep(act)).map_err(AuditFailed::new)
    }

    fn commit(self: Box<Self>, outcome: AuditOutcome) -> Result<(), AuditFailed> {
        let Self { database, action, act } = *self;
        let kept = Handle::current().block_on(async {
            match (act, outcome) {
                (Some(act), AuditOutcome::Done) => return act.commit().await,
                (Some(act), AuditOutcome::Refused(_)) => act.roll_back().await?,
                (None, _) => {}
            }
            match &action.announced {
                Some(order) => end_announced(&database, &action, outcome, &order.id).await,
                None => begin(&database, &action, outcome).await?.commit().await,
            }
        });
        kept.or_else(|error| Err(refused(&database, &action, error)?))?;
        AuditLog.begin(&action)?.commit(outcome)
    }
}

/// Where the right ended by which somebody acts, that stands in the log: as of the user that he is without it.
fn refused(
    database: &Database,
    action: &AdminAction,
    error: DatabaseError,
) -> Result<AuditFailed, AuditFailed> {
    if !matches!(error, DatabaseError::Lapsed) {
        return Ok(AuditFailed::new(error));
    }
    let user = caller(action).user_id().map_or_else(Caller::nobody, Caller::user);
    let action = action.clone().acting_as(user);
    let outcome = AuditOutcome::Refused(LAPSED);
    let kept = Handle::current()
        .block_on(async { begin(database, &action, outcome).await?.commit().await });
    kept.map_err(AuditFailed::new)?;
    AuditLog.begin(&action)?.commit(outcome)?;
    Ok(AuditFailed::new(error))
}

fn caller(action: &AdminAction) -> Caller {
    let known = action.caller.clone();
    known.unwrap_or_else(|| Caller::of(&action.actor, action.actor.subject()))
}

/// A transaction with the record in it.
async fn begin(
    database: &Database,
    action: &AdminAction,
    outcome: AuditOutcome,
) -> Result<Act, DatabaseError> {
    let mut act = database.act_as(caller(action)).await?;
    act.record(event(action, outcome)).await?;
    Ok(act)
}

/// Keeps the order to do it, before it is begun.
async fn announce(
    database: &Database,
    action: &AdminAction,
    order: &NewOrder,
) -> Result<(), DatabaseError> {
    let mut act = database.act_as(caller(action)).await?;
    act.order(order).await?;
    act.commit().await
}

/// Records what came of an action that was ordered before, and ends the order: as the service, which alone may.
async fn end_announced(
    database: &Database,
    action: &AdminAction,
    outcome: AuditOutcome,
    order: &str,
) -> Result<(), DatabaseError> {
    let mut act = database.act_as(Caller::service()).await?;
    act.carried_out(&[order.to_owned()]).await?;
    act.record(event(action, outcome)).await?;
    act.commit().await
}

/// Records what came of an action that another process was ordered, and ends the order: in the database, then in the security log.
pub(crate) async fn record_ordered(
    database: &Database,
    action: &AdminAction,
    outcome: AuditOutcome,
    order: &str,
) -> Result<(), DatabaseError> {
    end_announced(database, action, outcome, order).await?;
    // A line never fails.
    drop(AuditLog.begin(action).and_then(|line| line.commit(outcome)));
    Ok(())
}

/// What the record says of an action.
pub(crate) fn event(action: &AdminAction, outcome: AuditOutcome) -> Event {
    let actor = action.address.into_iter().fold(Actor::of(&action.actor), Actor::address);
    let actor = action.user_agent.as_deref().into_iter().fold(actor, Actor::user_agent);
    let event = Event::new(Action::new(action.action), actor, told(outcome));
    let event = event.request(action.request_id);
    let event = action.on_behalf_of.iter().map(Person::from).fold(event, Event::on_behalf_of);
    let target = action.target.as_deref().map(|target| Target::new(kind_of(action.action), target));
    let event = target.into_iter().fold(event, Event::target);
    let event = action.reason.as_deref().into_iter().fold(event, Event::reason);
    let mut details = Details::new();
    if let Some(detail) = &action.detail {
        details = details.text("detail", detail);
    }
    if let Some(elevation) = action.elevation() {
        details = details.text("elevation", elevation);
    }
    event.details(details)
}

fn told(outcome: AuditOutcome) -> Outcome {
    match outcome {
        AuditOutcome::Done => Outcome::Done,
        AuditOutcome::Refused(code) if is_failure(code) => Outcome::Failed(code),
        AuditOutcome::Refused(code) => Outcome::Refused(code),
    }
}

/// Whether it was allowed and went wrong.
fn is_failure(code: Code) -> bool {
    ["internal-error", "temporarily-unavailable"].contains(&code.as_str())
}

/// What sort of thing an action is about.
fn kind_of(action: &str) -> &'static str {
    match action {
        "ban.ip" | "unban.ip" => "address",
        "ban.token" | "unban.token" => "token",
        "api-key.rotate" | "api-key.revoke" => "api-key",
        "analytics.clear" => "records",
        "secret.written" | "secret.removed" => "secret",
        "organisation.founded" | "organisation.entered" => "organisation",
        "page.written" | "page.edited" | "page.removed" | "page.shared" | "page.unshared" => "page",
        "mount.put" | "mount.removed" => "mount",
        "rule.added" | "rule.removed" => "rule",
        "file.read" | "file.written" | "file.removed" => "file",
        _ => "user",
    }
}
