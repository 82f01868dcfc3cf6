//! `GET /api/me`: the caller, as the server sees it.

use axum::{Extension, Json, routing::get};
use palisade::{core::Identity, route_registry::AccessRouter};
use serde_json::{Value, json};

use super::Routes;
use crate::tls::ClientCertificate;

pub(super) fn routes() -> Routes {
    AccessRouter::new().authenticated("/api/me", get(me))
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
