//! `POST /api/logout`: takes back the token that was presented, and no other.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use http::StatusCode;
use palisade::{
    core::{IdentityKind, Rejection, RejectionKind, SECURITY_TARGET, SecurityContext},
    route_registry::AccessRouter,
    secure_headers::ClearSiteData,
    users::Proof,
};

use super::{Routes, answers};
use crate::{app::Shared, openapi::Operation};

pub(super) fn routes() -> Routes {
    AccessRouter::new().authenticated("/api/logout", post(logout))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/logout", "Takes back the token that was presented")
            .about("An API key is no token: 422.")
            .nothing(204, "It is good no more")
            .refuses([422]),
    ]
}

/// The next request with this token is refused, and the streams that it opened end.
async fn logout(
    State(shared): State<Arc<Shared>>,
    context: SecurityContext,
) -> Result<(StatusCode, ClearSiteData), Rejection> {
    let proof = Proof::of(&context).filter(|proof| proof.identity().kind() == IdentityKind::Jwt);
    let Some(proof) = proof else {
        return Err(Rejection::new(RejectionKind::Invalid, answers::INVALID)
            .detail("There is no token to take back: an API key is revoked where keys are kept."));
    };
    shared.revocations.revoke_token(&proof);
    let (user_id, issuer) = (proof.identity().subject(), proof.identity().issuer());
    tracing::info!(target: SECURITY_TARGET, event = "token.revoked", user_id, issuer, "a token was taken back");
    Ok((StatusCode::NO_CONTENT, ClearSiteData::of_who_leaves()))
}
