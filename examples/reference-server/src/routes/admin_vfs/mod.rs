//! `/api/admin/vfs/…`: mounts of files, their rules, and questions about both.

mod asked;
mod mounts;
mod named;
mod questions;
mod rules;

use std::sync::Arc;

use palisade::core::Rejection;

use super::{
    Routes,
    admin_action::{Admin, Done, carry_out},
    answers,
};
use crate::{app::Shared, audit::AdminAction, kept::Kept, openapi::Operation, vfs::KeptVfs};

/// So many are on a page, if nothing is said, and at most.
const PAGE: u32 = 100;
const LONGEST_PAGE: u32 = 1000;

pub(super) fn routes() -> Routes {
    mounts::routes().merge(rules::routes()).merge(questions::routes())
}

pub(super) fn operations() -> Vec<Operation> {
    [mounts::operations(), rules::operations(), questions::operations()]
        .into_iter()
        .flatten()
        .collect()
}

/// As many as are asked for on a page.
fn page_of(limit: Option<u32>) -> Result<u32, Rejection> {
    let most = limit.unwrap_or(PAGE);
    let is_fine = (1..=LONGEST_PAGE).contains(&most);
    is_fine.then_some(most).ok_or_else(|| answers::invalid("`limit` is 1 to 1000."))
}

/// Those of a page, and the `next` of it: one more was read than belongs to it.
fn cut<T>(mut rows: Vec<T>, most: u32, place: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let has_next = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| has_next).map(place);
    (rows, next)
}

/// Has a change kept with its record if `check` finds nothing against it, by what all instances changed until now; it counts here when this
/// returns. To its end: whoever asked may hang up meanwhile.
async fn changed(
    shared: &Arc<Shared>,
    action: AdminAction,
    change: KeptVfs,
    check: impl FnOnce(&Shared) -> Result<(), Rejection> + Send + 'static,
) -> Result<(), Rejection> {
    let shared = Arc::clone(shared);
    let done = tokio::spawn(async move {
        refreshed(&shared).await?;
        carry_out(&shared, action, move |shared| {
            check(shared)?;
            Ok(Done::once_kept(Kept::Vfs(change), |_| ()))
        })
        .await?;
        refreshed(&shared).await
    });
    done.await.map_err(|error| answers::broken(&error))?
}

/// Takes over what anybody changed.
async fn refreshed(shared: &Shared) -> Result<(), Rejection> {
    shared.vfs.refresh().await.map_err(|error| answers::database(&error))
}

/// A change that an admin asks for: by a token, since what a stolen key granted would outlive its own end.
fn by_token(admin: &Admin) -> Result<(), Rejection> {
    answers::by_token_alone(admin.identity())
}
