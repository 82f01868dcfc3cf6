//! The security log: one structured event per security fact, by `tracing`.

use http::request;
use tracing::Level;

use crate::{Enforce, Rejection, SecurityContext};

/// The target of every event of the security log.
pub const SECURITY_TARGET: &str = "palisade::security";

/// Logs a refusal. Fields that clients write are formatted with `?`, which escapes control characters, so that one event
/// stays one line; the query is left out, because tokens travel there.
pub(crate) fn refusal(
    rejection: &Rejection,
    enforce: Enforce,
    head: &request::Parts,
    context: &SecurityContext,
) {
    if !tracing::event_enabled!(target: SECURITY_TARGET, Level::WARN) {
        return;
    }
    tracing::event!(
        target: SECURITY_TARGET,
        Level::WARN,
        event = "request.refused",
        code = rejection.code().as_str(),
        policy = rejection.policy(),
        status = rejection.status().as_u16(),
        enforced = enforce == Enforce::Block,
        request_id = %context.request_id(),
        client_ip = context.client_ip().map(tracing::field::display),
        user_id = context.identity().map(|identity| tracing::field::debug(identity.subject())),
        method = %head.method,
        path = ?head.uri.path(),
        reason = rejection.private_reason().map(tracing::field::debug),
        "refused"
    );
}
