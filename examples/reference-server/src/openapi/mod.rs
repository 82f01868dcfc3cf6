//! Describes the server by `OpenAPI` 3.1: what routes say of themselves, and what follows from who may ask them.
//!
//! Each file of [`routes`](crate::routes) describes its routes beside them. Who may ask, how to prove it, the refusals that
//! every route has and the headers of all answers are added here, from the registry that decides: no route says them itself.

mod components;
mod follows;
mod operation;
mod shapes;

use std::collections::BTreeSet;

use palisade::{authn_jwt::ProtectedRoutes, route_registry::Registry};
use utoipa::openapi::{
    HttpMethod, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths, server::ServerBuilder,
    tag::TagBuilder,
};

pub(crate) use self::{
    operation::Operation,
    shapes::{
        Members, address, any, anything, count, decimal, filled, flag, formed, list_of, number,
        object, or_null, text, time, word,
    },
};

/// What belongs together on a page of the description.
pub(crate) struct Chapter {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) operations: Vec<Operation>,
}

const ABOUT: &str = "The reference server of Palisade: every layer of the documented security stack stands in front of \
these endpoints. `x-access` says who may ask: `public`, `protected` (an identity only with `REQUIRE_AUTH=true`), \
`authenticated` or `admin`. A credential that is presented must be valid, on public endpoints too. `GET` answers `HEAD` as \
well. Every refusal is a problem (RFC 9457) whose `instance` is the id of the request, and stays what it is: `code` is \
stable.";

/// Describes the operations whose routes are declared; one of a route that this server does not have is left out.
pub(crate) fn document(
    registry: &Registry,
    chapters: Vec<Chapter>,
    protected_routes: ProtectedRoutes,
) -> OpenApi {
    let mut paths = Paths::new();
    let mut tags = Vec::new();
    let mut refusals = BTreeSet::new();
    for Chapter { name, about, operations } in chapters {
        let mut is_empty = true;
        for operation in operations {
            let method = operation.method();
            let Some(known) = follows::of(registry, &method, operation.pattern()) else {
                continue;
            };
            let described = operation.describe(name, &known, protected_routes);
            is_empty = false;
            refusals.extend(described.responses.responses.keys().cloned());
            paths.add_path_operation(known.template, vec![http_method(&method)], described);
        }
        if !is_empty {
            tags.push(TagBuilder::new().name(name).description(Some(about)).build());
        }
    }
    OpenApiBuilder::new()
        .info(info().build())
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("The host that this description came from"))
            .build()]))
        .tags(Some(tags))
        .components(Some(components::components(&refusals)))
        .paths(paths)
        .build()
}

fn info() -> InfoBuilder {
    let licence = LicenseBuilder::new().name("MIT OR Apache-2.0");
    InfoBuilder::new()
        .title("Palisade")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(licence.identifier(Some("MIT OR Apache-2.0")).build()))
}

fn http_method(method: &http::Method) -> HttpMethod {
    match method.as_str() {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
