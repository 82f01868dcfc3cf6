//! What an admin for a while may do: what he did can be undone, and none of it keeps him an admin.

use palisade::core::{Code, Identity, Rejection, RejectionKind};

use crate::{
    app::Shared,
    elevations::{self, elevation_of},
};

const ELEVATED: Code = Code::new("elevated-admin", "An admin for a while may not do this");

/// All that he may change. What is not here is refused, so that nobody has to think of him: users and their roles, API keys,
/// elevations, records of requests.
const MAY: [&str; 11] = [
    "ban.ip",
    "ban.token",
    "ban.user",
    "cache.flush",
    "cache.invalidate",
    "elevation.asked",
    "elevation.withdrawn",
    "system.restart",
    "unban.ip",
    "unban.token",
    "unban.user",
];

/// Refuses an action of an admin for a while that is not one of those.
///
/// # Errors
///
/// 403 `elevated-admin`.
pub(super) fn allow(who: &Identity, action: &str) -> Result<(), Rejection> {
    if MAY.contains(&action) { Ok(()) } else { for_good(who) }
}

/// Refuses an admin for a while.
///
/// # Errors
///
/// 403 `elevated-admin`.
pub(super) fn for_good(who: &Identity) -> Result<(), Rejection> {
    match elevation_of(who) {
        None => Ok(()),
        Some(elevation) => Err(Rejection::new(RejectionKind::Forbidden, ELEVATED)
            .detail("An admin who is one for good can do this.")
            .reason(format!("an admin by the elevation {elevation}"))),
    }
}

/// Refuses an admin for a while who would keep an admin away, who could withdraw his right.
///
/// # Errors
///
/// 403 `elevated-admin`.
pub(super) fn spares_admins(
    shared: &Shared,
    who: &Identity,
    (subject, issuer): (&str, Option<&str>),
) -> Result<(), Rejection> {
    if shared.directory.names_an_admin(subject, issuer) { for_good(who) } else { Ok(()) }
}

/// Whether a role is a mark of such rights, and nobody's to give.
pub(super) fn is_reserved(role: &str) -> bool {
    elevations::is_mark(role)
}
