//! What a start finishes of what the end before it cut off.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use palisade::{autoban::AutoBan, core::SECURITY_TARGET};
use palisade_database::{DatabaseError, OrderRow};

use super::{
    Order,
    carry_out::{self, Carried},
    outbox::{Given, State},
};
use crate::app::Shared;

/// Whose server did not come back for so long, his orders are nobody's any more.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(7 * 24);

/// Carries out what this server was ordered and is not known to have done: before the first request. Of other servers it takes over
/// their bans, where instances share them; to be ended they stay, for a week.
///
/// # Errors
///
/// If the database does not answer.
pub(crate) async fn resume(shared: &Arc<Shared>) -> Result<(), DatabaseError> {
    let orders = carry_out::orders(shared).await?;
    let (own, others): (Vec<_>, Vec<_>) =
        orders.iter().partition(|order| shared.outbox.is_own(&order.server));
    let (mut in_force, mut resumed) = (Vec::new(), 0_usize);
    for order in &own {
        let carried = carry_out::carry_out(shared, order).await?;
        if carried == Carried::InForce {
            in_force.push(settled(order));
        }
        resumed = resumed.saturating_add(usize::from(carried != Carried::NotNow));
    }
    if !own.is_empty() {
        let left = own.len().saturating_sub(resumed);
        tracing::warn!(target: SECURITY_TARGET, event = "orders.resumed", orders = resumed, left, "the server was ended before all that admins did was written down: it is carried out");
    }
    in_force.extend(forgotten(shared, &others));
    if let Err(error) = carry_out::end(shared, &in_force).await {
        tracing::warn!(%error, "orders could not be ended yet");
        shared.outbox.readmit(in_force);
    }
    Ok(())
}

fn settled(order: &OrderRow) -> Given {
    Given { id: order.id.clone(), kind: order.kind.clone(), state: State::Settled }
}

/// Takes over what other servers were ordered; those of their orders whose server did not come back.
fn forgotten(shared: &Shared, others: &[&OrderRow]) -> Vec<Given> {
    // Where nobody shares bans, those of others are theirs alone.
    let auto_ban = shared.auto_ban.as_ref().filter(|_| shared.instances.is_some());
    if let Some(auto_ban) = auto_ban {
        for order in others {
            take_over(auto_ban, order);
        }
    }
    let since = shared.clock.now().wall().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let week = i64::try_from(FORGOTTEN_AFTER.as_millis()).unwrap_or(i64::MAX);
    let is_old = |order: &&&OrderRow| order.at < now.saturating_sub(week);
    let old: Vec<_> = others.iter().filter(is_old).map(|order| settled(order)).collect();
    if !old.is_empty() {
        tracing::warn!(target: SECURITY_TARGET, event = "orders.forgotten", orders = old.len(), "orders of servers that did not come back for a week were forgotten");
    }
    old
}

fn take_over(auto_ban: &AutoBan, order: &OrderRow) {
    let Some(Order::Bans(changes)) = Order::read(order) else { return };
    for change in changes {
        // What became of it is in the security log.
        let _applied = auto_ban.apply(change);
    }
}
