//! `GET /api/me`: the caller, as the server sees it.

use axum::{Extension, Json, routing::get};
use palisade::{core::Identity, route_registry::AccessRouter};
use serde_json::{Value, json};

use super::Routes;
use crate::{
    openapi::{Operation, flag, list_of, object, text},
    tls::ClientCertificate,
};

pub(super) fn routes() -> Routes {
    AccessRouter::new().authenticated("/api/me", get(me))
}

pub(super) fn operations() -> Vec<Operation> {
    let certificate = object().has("subject", text()).has("sha256", text());
    let me = object().has("sub", text()).has("roles", list_of(text()));
    let me = me.has("authenticatedBy", text()).has("isAdmin", flag());
    let me = me.may_have("clientCertificate", certificate);
    vec![Operation::get("/api/me", "The caller, as the server sees it").json(200, "The caller", me)]
}

async fn me(identity: Identity, client: Option<Extension<ClientCertificate>>) -> Json<Value> {
    let mut me = json!({
        "sub": identity.subject(),
        "roles": identity.roles().collect::<Vec<_>>(),
        "authenticatedBy": identity.kind().as_str(),
        "isAdmin": identity.is_admin(),
    });
    if let (Some(Extension(client)), Some(me)) = (client, me.as_object_mut()) {
        let certificate = client.certificate();
        let shown =
            json!({ "subject": certificate.subject(), "sha256": certificate.fingerprint() });
        me.insert("clientCertificate".into(), shown);
    }
    Json(me)
}
