//! Carries orders out, has what they say written down, and ends them.

use std::{error::Error, sync::Arc};

use palisade::autoban::{Applied, AutoBan, BanChange};
use palisade_database::{Caller, DatabaseError, OrderRow, Orders as _};

use super::{
    Order,
    order::{BANS, FORGET_LOCATIONS},
    outbox::{Given, State},
};
use crate::app::Shared;

/// Why an order could not be ended.
pub(super) type Unended = Box<dyn Error + Send + Sync>;

/// What became of an order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Carried {
    /// It is in force, and has to be written down before it is ended.
    InForce,
    /// It is done and ended.
    Ended,
    /// It cannot be done now: what it is about is switched off, full, or of another version. It stands.
    NotNow,
}

/// All orders, the oldest first.
pub(super) async fn orders(shared: &Shared) -> Result<Vec<OrderRow>, DatabaseError> {
    shared.database.read_as(Caller::service()).await?.orders().await
}

/// Carries an order of this server out, for the first time or once more.
pub(super) async fn carry_out(
    shared: &Arc<Shared>,
    row: &OrderRow,
) -> Result<Carried, DatabaseError> {
    Ok(match Order::read(row) {
        Some(Order::Bans(changes)) => {
            shared.auto_ban.as_ref().map_or(Carried::NotNow, |auto_ban| bans(auto_ban, &changes))
        }
        Some(Order::ForgetLocations) => forget_locations(shared),
        Some(Order::ClearRecords(clearing)) => clearing.finish(shared, &row.id).await?,
        None => Carried::NotNow,
    })
}

fn bans(auto_ban: &AutoBan, changes: &[BanChange]) -> Carried {
    let applied: Vec<_> = changes.iter().map(|change| auto_ban.resume(change)).collect();
    if applied.contains(&Applied::NoRoom) { Carried::NotNow } else { Carried::InForce }
}

fn forget_locations(shared: &Shared) -> Carried {
    match &shared.locations {
        Some(locations) if locations.geo().has_provider() => {
            locations.geo().forget();
            Carried::InForce
        }
        _ => Carried::NotNow,
    }
}

/// Those of `given` that are in force. Of those in doubt they are the ones that the database kept: they are carried out.
pub(super) async fn in_force(
    shared: &Arc<Shared>,
    given: Vec<Given>,
) -> Result<Vec<Given>, Unended> {
    let is_settled = |given: &Given| given.state == State::Settled;
    let (mut in_force, doubtful): (Vec<_>, Vec<_>) = given.into_iter().partition(is_settled);
    let kept = if doubtful.is_empty() { Vec::new() } else { orders(shared).await? };
    for given in doubtful {
        let Some(row) = kept.iter().find(|row| row.id == given.id) else { continue };
        if carry_out(shared, row).await? == Carried::InForce {
            in_force.push(given);
        }
    }
    Ok(in_force)
}

/// Has all that is in force written down, and ends these orders. One about a file that is a cache, and cannot be written, stands
/// until the next start: others do not wait for it.
pub(super) async fn end(shared: &Arc<Shared>, given: &[Given]) -> Result<(), Unended> {
    if given.is_empty() {
        return Ok(());
    }
    let is_any = |kind| given.iter().any(|given| given.kind == kind);
    if is_any(BANS) {
        write_bans(shared).await?;
    }
    let forgets = is_any(FORGET_LOCATIONS) && write_locations(shared).await.is_ok();
    let is_written = |given: &&Given| forgets || given.kind != FORGET_LOCATIONS;
    let ids: Vec<_> = given.iter().filter(is_written).map(|given| given.id.clone()).collect();
    let mut act = shared.database.act_as(Caller::service()).await?;
    act.carried_out(&ids).await?;
    Ok(act.commit().await?)
}

/// Bans are on the disk, and other instances know of them.
async fn write_bans(shared: &Shared) -> Result<(), Unended> {
    if let Some(auto_ban) = shared.auto_ban.clone() {
        tokio::task::spawn_blocking(move || auto_ban.flush()).await??;
    }
    let Some(instances) = &shared.instances else { return Ok(()) };
    match instances.flush().await {
        0 => Ok(()),
        untold => Err(format!("{untold} bans or lifts are not told to other instances").into()),
    }
}

/// What was forgotten is not on the disk either.
async fn write_locations(shared: &Shared) -> Result<(), Unended> {
    let Some(locations) = &shared.locations else { return Ok(()) };
    let geo = locations.geo().clone();
    Ok(tokio::task::spawn_blocking(move || geo.flush()).await??)
}
