//! The API's description, and the two programs that show it: for anybody in development, for admins everywhere.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Bytes,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, header};
use palisade::{
    core::{Rejection, RouteTag},
    route_registry::{AccessRouter, Declare},
    secure_headers::CspNonce,
};

use super::{Routes, answers};
use crate::{
    app::Shared,
    openapi::{Operation, any},
    render,
    settings::Secret,
};

/// What a page shows that runs one of the two programs: the strict policy knows it by this.
pub(crate) const SHOWN: RouteTag = RouteTag::new("reference");

const DESCRIPTION: &str = "/openapi.json";
const SWAGGER: &str = "/docs";
const SCALAR: &str = "/reference";
const GUARDED: &str = "/admin/reference";
const GUARDED_DESCRIPTION: &str = "/admin/reference/openapi.json";

/// A program changes with the server alone.
const AN_HOUR: HeaderValue = HeaderValue::from_static("private, max-age=3600");

/// For admins.
pub(super) fn guarded() -> Routes {
    AccessRouter::new()
        .route(
            Declare::admin(GUARDED).tag(SHOWN),
            get(async |nonce: CspNonce| {
                Html(render::scalar(GUARDED, GUARDED_DESCRIPTION, None, &nonce))
            }),
        )
        .admin("/admin/reference/scalar.js", get(scalar_program))
        .admin(GUARDED_DESCRIPTION, get(description))
}

/// For anybody.
pub(super) fn open() -> Routes {
    AccessRouter::new()
        .route(Declare::public(DESCRIPTION).tag(RouteTag::UNTRACKED), get(description))
        .route(
            Declare::public(SWAGGER).tag(SHOWN),
            get(async |nonce: CspNonce| Html(render::swagger(SWAGGER, DESCRIPTION, &nonce))),
        )
        .public("/docs/swagger-ui.css", get(async || swagger_file("swagger-ui.css")))
        .public("/docs/swagger-ui-bundle.js", get(async || swagger_file("swagger-ui-bundle.js")))
        .route(Declare::public(SCALAR).tag(SHOWN), get(scalar))
        .public("/reference/scalar.js", get(scalar_program))
}

pub(super) fn operations() -> Vec<Operation> {
    let page = |path, summary| {
        Operation::get(path, summary).content(["text/html; charset=utf-8"], "The page")
    };
    let program = |path| {
        let get = Operation::get(path, "The program of the page");
        get.content(["text/javascript; charset=utf-8"], "The program")
    };
    let description =
        |path| Operation::get(path, "This description").json(200, "OpenAPI 3.1", any());
    vec![
        description(DESCRIPTION),
        page(SWAGGER, "This description, shown by Swagger UI"),
        Operation::get("/docs/swagger-ui.css", "The style of the page")
            .content(["text/css; charset=utf-8"], "The style"),
        program("/docs/swagger-ui-bundle.js"),
        page(SCALAR, "This description, shown by Scalar"),
        program("/reference/scalar.js"),
        description(GUARDED_DESCRIPTION),
        page(GUARDED, "This description, shown by Scalar, in production too"),
        program("/admin/reference/scalar.js"),
    ]
}

async fn description(State(shared): State<Arc<Shared>>) -> Result<Response, Rejection> {
    let description = shared.reference.description().ok_or_else(answers::not_found)?;
    Ok(answers::of_type("application/json", description))
}

async fn scalar(State(shared): State<Arc<Shared>>, nonce: CspNonce) -> Html<String> {
    let token = shared.reference.token().map(Secret::exposed);
    Html(render::scalar(SCALAR, DESCRIPTION, token, &nonce))
}

async fn scalar_program(State(shared): State<Arc<Shared>>) -> Result<Response, Rejection> {
    let program = shared.reference.scalar().ok_or_else(answers::not_found)?;
    Ok(program_of("text/javascript; charset=utf-8", program))
}

fn swagger_file(name: &str) -> Result<Response, Rejection> {
    let media_type = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
    let config = Arc::new(utoipa_swagger_ui::Config::<'static>::default());
    let file = utoipa_swagger_ui::serve(name, config).ok().flatten();
    let file = file.ok_or_else(answers::not_found)?;
    let program = match file.bytes {
        Cow::Borrowed(program) => Bytes::from_static(program),
        Cow::Owned(program) => Bytes::from(program),
    };
    Ok(program_of(media_type, program))
}

fn program_of(media_type: &'static str, program: Bytes) -> Response {
    ([(header::CACHE_CONTROL, AN_HOUR)], answers::of_type(media_type, program)).into_response()
}
