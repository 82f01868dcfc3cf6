//! `GET /`: what is worth trying.

use axum::{response::Html, routing::get};
use palisade::{route_registry::AccessRouter, secure_headers::CspNonce};

use super::Routes;
use crate::{openapi::Operation, render};

pub(super) fn routes() -> Routes {
    AccessRouter::new().public("/", get(async |nonce: CspNonce| Html(render::landing(&nonce))))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/", "What is worth trying")
            .content(["text/html; charset=utf-8"], "The landing page"),
    ]
}
