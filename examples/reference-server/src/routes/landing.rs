//! `GET /`: what is worth trying.

use axum::{response::Html, routing::get};
use palisade::{route_registry::AccessRouter, secure_headers::CspNonce};

use super::Routes;
use crate::render;

pub(super) fn routes() -> Routes {
    AccessRouter::new().public("/", get(async |nonce: CspNonce| Html(render::landing(&nonce))))
}
