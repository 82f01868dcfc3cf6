//! `POST /api/logout`: takes back the token that was presented, and no other.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use http::StatusCode;
use palisade::{
    core::{IdentityKind, Rejection, RejectionKind, SECURITY_TARGET},
    route_registry::AccessRouter,
    secure_headers::ClearSiteData,
    users::Proof,
};

use super::{Routes, acting, admin_action::Admin, answers};
use crate::{app::Shared, openapi::Operation, sign_outs::KeptSignOut};

pub(super) fn routes() -> Routes {
    AccessRouter::new().authenticated("/api/logout", post(logout))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/logout", "Takes back the token that was presented")
            .about("An API key is no token: 422. 503: it is good no more here, but other instances may not know.")
            .nothing(204, "It is good no more")
            .refuses([422, 503]),
    ]
}

/// The next request with this token is refused, and the streams that it opened end; on other instances as soon as they read of it.
async fn logout(
    State(shared): State<Arc<Shared>>,
    who: Admin,
) -> Result<(StatusCode, ClearSiteData), Rejection> {
    let proof = Proof::of(who.context());
    let proof = proof.filter(|proof| proof.identity().kind() == IdentityKind::Jwt);
    let Some(proof) = proof else {
        return Err(Rejection::new(RejectionKind::Invalid, answers::INVALID)
            .detail("There is no token to take back: an API key is revoked where keys are kept."));
    };
    let left = tokio::spawn(async move { leave(&shared, &who, &proof).await });
    // To its end, whoever hangs up meanwhile.
    left.await.map_err(|error| answers::broken(&error))??;
    Ok((StatusCode::NO_CONTENT, ClearSiteData::of_who_leaves()))
}

/// Takes the token back here, whatever becomes of the rest; then for all, and for good.
async fn leave(shared: &Shared, who: &Admin, proof: &Proof) -> Result<(), Rejection> {
    let revocation = shared.revocations.revoke_token(proof);
    let (user_id, issuer) = (proof.identity().subject(), proof.identity().issuer());
    tracing::info!(target: SECURITY_TARGET, event = "token.revoked", user_id, issuer, "a token was taken back");
    let kept = KeptSignOut::new(&revocation, &shared.directory);
    let act = shared.database.act_as(shared.directory.caller(proof.identity())).await;
    let written = async {
        let mut act = act?;
        kept.keep(&mut act).await?;
        Ok(act)
    };
    let act = written.await.map_err(|error| answers::database(&error))?;
    acting::keep(act, &who.does("user.logout")).await
}
