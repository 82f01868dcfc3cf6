//! What the audit is told of files.

use palisade::core::ClientIp;
use palisade_audit::{Action, Actor, ActorKind, Details, Event, Outcome, Target};
use palisade_database::{AuditLog as _, Caller, DatabaseError};

use super::{DAMAGED, allowed::Allowed};
use crate::app::Shared;

/// What was done with a file, by whom, from where, and what became of it.
pub(super) fn event(
    allowed: &Allowed,
    action: &'static str,
    outcome: Outcome,
    details: Details,
) -> Event {
    let context = &allowed.context;
    let actor = context.identity().map_or_else(|| Actor::new(ActorKind::Anonymous), Actor::of);
    let actor = context.client_ip().map(ClientIp::addr).into_iter().fold(actor, Actor::address);
    let actor = match allowed.user_agent.as_ref().and_then(|agent| agent.to_str().ok()) {
        Some(agent) => actor.user_agent(agent),
        None => actor,
    };
    let details = match &allowed.question.who.organisation {
        Some(organisation) => details.text("organisation", organisation.as_str()),
        None => details,
    };
    Event::new(Action::new(action), actor, outcome)
        .request(context.request_id())
        .target(Target::new("file", allowed.question.path.as_str()))
        .details(details)
}

/// Records that what is kept of a file is not what was written, and counts it. The storage told the security log.
pub(super) async fn damaged(shared: &Shared, allowed: &Allowed) -> Result<(), DatabaseError> {
    shared.sources.count_damaged_file();
    let event = event(allowed, "file.read", Outcome::Failed(DAMAGED), Details::new());
    let mut act = shared.database.act_as(Caller::service()).await?;
    act.record(event).await?;
    act.commit().await
}
