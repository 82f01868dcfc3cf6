//! Follows who is an admin for a while, as the database says it, and says there of what is over that it is.

use std::time::Duration;

use palisade::core::{Clock, SECURITY_TARGET};
use palisade_audit::{Action, Actor, Details, Event, Outcome, Target};
use palisade_database::{
    AuditLog as _, Caller, Database, DatabaseError, ElevationRow, Elevations as _, Lent,
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    directory::{Directory, id_named, read_name},
    elevations::{Right, Rights, time_of},
};

/// How often it is looked whether somebody changed something.
const LOOK: Duration = Duration::from_millis(500);
/// So many are said to be over at once.
const AT_ONCE: u32 = 100;
/// What ended is kept for so long; the audit keeps it for longer.
const KEPT: i64 = 30 * 24 * 60 * 60 * 1000;

/// Follows until it is dropped.
#[derive(Debug)]
#[must_use = "changes are taken over until this is dropped"]
pub(crate) struct ElevationsWatch {
    _tasks: JoinSet<()>,
}

/// Takes over what counts now, and follows it. Within a runtime.
pub(crate) async fn follow(
    database: &Database,
    directory: &Directory,
    clock: &Clock,
) -> Result<ElevationsWatch, DatabaseError> {
    look(database, directory, clock).await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_looking(database.clone(), directory.clone(), clock.clone()));
    Ok(ElevationsWatch { _tasks: tasks })
}

async fn keep_looking(database: Database, directory: Directory, clock: Clock) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        // Whether it answers is told elsewhere. As long as it does not, what it said grows old, and then counts no more.
        if let Err(error) = look(&database, &directory, &clock).await {
            tracing::debug!(%error, "whose admin rights count for a while is not known anew");
        }
    }
}

/// Takes over what counts, and says what is over.
pub(crate) async fn look(
    database: &Database,
    directory: &Directory,
    clock: &Clock,
) -> Result<(), DatabaseError> {
    take_over(database, directory, clock).await?;
    if directory.elevations().has_lapsed(clock.now()) {
        expire(database).await?;
        take_over(database, directory, clock).await?;
    }
    Ok(())
}

async fn take_over(
    database: &Database,
    directory: &Directory,
    clock: &Clock,
) -> Result<(), DatabaseError> {
    let known = directory.elevations();
    // Before it is asked: what is said is as old as the question.
    let now = clock.now();
    let mut act = database.read_as(Caller::service()).await?;
    let revision = act.elevations_revision().await?;
    if known.revision() == Some(revision) {
        known.confirm(now);
        return Ok(());
    }
    let lent = act.lent_rights().await?;
    let next_lapse = act.next_lapse().await?.map(time_of);
    let of = lent.iter().map(|lent| (id_named(&lent.user_id), right(lent)));
    let rights = Rights { revision: Some(revision), of: of.collect(), next_lapse };
    directory.take_over_rights(rights, now);
    Ok(())
}

/// Says of what is over that it is, and keeps that with a record of it; whoever is first.
async fn expire(database: &Database) -> Result<(), DatabaseError> {
    let lapsed = database.read_as(Caller::service()).await?.lapsed_elevations(AT_ONCE).await?;
    for row in &lapsed {
        let mut act = database.act_as(Caller::service()).await?;
        // The record first: so does everybody who takes both.
        act.record(expired(row)).await?;
        if !act.expire_elevation(&row.id).await? {
            act.roll_back().await?;
            continue;
        }
        act.clear_elevations(row.ends_at.saturating_sub(KEPT)).await?;
        act.commit().await?;
        let (issuer, user_id) = read_name(&row.user_id);
        let was_approved = row.approved_at.is_some();
        tracing::info!(target: SECURITY_TARGET, event = "elevation.expired", elevation = %row.id, user_id, issuer, was_approved, "admin rights for a while are over");
    }
    Ok(())
}

fn expired(row: &ElevationRow) -> Event {
    let was = if row.approved_at.is_some() { "approved" } else { "pending" };
    let details = Details::new().text("elevation", &row.id).text("was", was);
    let event = Event::new(Action::new("elevation.expired"), Actor::system(), Outcome::Done);
    event.target(Target::new("user", &read_name(&row.user_id).1)).details(details)
}

fn right(lent: &Lent) -> Right {
    Right { id: lent.id.as_str().into(), ends: time_of(lent.ends_at) }
}
