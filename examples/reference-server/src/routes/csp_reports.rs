//! `POST /api/csp-reports`: what browsers report about pages, for the security log.

use std::sync::Arc;

use axum::{body::Body, extract::State, routing::post};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use palisade::{
    core::{Code, Rejection, RejectionKind, SecurityContext},
    route_registry::AccessRouter,
    secure_headers::{Reports, Unreadable},
};

use super::{Routes, answers};
use crate::{
    app::Shared,
    openapi::{Operation, any, anything, list_of, object},
};

/// Where browsers report to.
pub(crate) const CSP_REPORTS: &str = "/api/csp-reports";

const CONTENT_TOO_LARGE: Code = Code::new("content-too-large", "The content is too large");

pub(super) fn routes() -> Routes {
    AccessRouter::new().public(CSP_REPORTS, post(take))
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post(CSP_REPORTS, "Takes what a browser reports of a page")
            .about("At most 64 KiB, and of a body the first 16 reports. Its own limit is 20 a minute for each address.")
            .takes_type("application/reports+json", list_of(anything()))
            .takes_type("application/csp-report", object().has("csp-report", any()))
            .nothing(204, "It is taken"),
    ]
}

/// 204, whatever was reported: who sends it is a browser, and reads nothing.
async fn take(
    State(shared): State<Arc<Shared>>,
    context: SecurityContext,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Rejection> {
    shared.reports.admit(&context)?;
    let body = axum::body::to_bytes(body, Reports::MOST_BYTES).await.map_err(|_| too_large())?;
    let media_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    match Reports::read(media_type.and_then(Result::ok).unwrap_or_default(), &body) {
        Ok(reports) => {
            shared.reports.tell(&reports, &context);
            Ok(StatusCode::NO_CONTENT)
        }
        Err(Unreadable::MediaType) => Ok(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        Err(Unreadable::TooLarge) => Err(too_large()),
        Err(error) => {
            Err(answers::invalid("The content is no list of reports.").reason(error.to_string()))
        }
    }
}

fn too_large() -> Rejection {
    Rejection::new(RejectionKind::ContentTooLarge, CONTENT_TOO_LARGE)
        .detail(format!("At most {} bytes of reports are accepted.", Reports::MOST_BYTES))
}
