//! What many operations refer to: credentials, headers and refusals.

use std::collections::BTreeSet;

use utoipa::openapi::{
    Components, ComponentsBuilder, Content, Header, HeaderBuilder, Ref, Response, ResponseBuilder,
    Schema,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::shapes::{list_of, number, object, text};

pub(super) const BEARER: &str = "bearer";
pub(super) const API_KEY: &str = "apiKey";
pub(super) const QUERY_TOKEN: &str = "streamToken";
pub(super) const QUERY_TICKET: &str = "streamTicket";

/// The header of all answers.
pub(super) const REQUEST_ID: &str = "X-Request-Id";
/// The headers of answers under the rate limit.
pub(super) const LIMITS: [&str; 4] =
    ["RateLimit-Limit", "RateLimit-Policy", "RateLimit-Remaining", "RateLimit-Reset"];
const RETRY_AFTER: &str = "Retry-After";
const AUTHENTICATE: &str = "WWW-Authenticate";

const PROBLEM: &str = "Problem";
const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal: its status, the name of its component, what it says, the headers it has beside the usual ones.
type Refusal = (u16, &'static str, &'static str, &'static [&'static str]);

const REFUSALS: [Refusal; 14] = [
    (
        400,
        "Malformed",
        "The path, the query or what is presented can be read in more than one way, or in none.",
        &[],
    ),
    (
        401,
        "Unauthenticated",
        "A credential is missing where one is needed, or the one that was presented is not valid.",
        &[AUTHENTICATE],
    ),
    (
        403,
        "Forbidden",
        "Who asks is known and may not, is blocked, or is banned. Ask again after `Retry-After`, where there is one.",
        &[RETRY_AFTER],
    ),
    (404, "NotFound", "There is no such thing, or it is not for who asks to know.", &[]),
    (408, "TooSlow", "The content came too slowly.", &[]),
    (409, "Conflict", "What is there says otherwise.", &[]),
    (412, "PreconditionFailed", "What is there is not what the request makes its condition.", &[]),
    (413, "TooLarge", "The content is larger than is accepted.", &[]),
    (
        415,
        "UnsupportedMediaType",
        "The content is of a media type or in a coding that is not accepted.",
        &[],
    ),
    (416, "RangeNotSatisfiable", "Nothing of what is there is in the range.", &[]),
    (
        422,
        "Invalid",
        "The content is not what the endpoint asks for; `detail` says what would be.",
        &[],
    ),
    (
        429,
        "TooMany",
        "A limit is used up; `violated-policies` names it.",
        &[RETRY_AFTER, LIMITS[0], LIMITS[1], LIMITS[2], LIMITS[3]],
    ),
    (500, "Broken", "Something broke; the log says what, under the id of the request.", &[]),
    (
        503,
        "Unavailable",
        "A part of the server that must answer does not. Ask again after `Retry-After`.",
        &[RETRY_AFTER],
    ),
];

/// Where the refusal with this status is described.
pub(super) fn refusal(status: u16) -> Option<Ref> {
    let (_, name, ..) = REFUSALS.iter().find(|(known, ..)| *known == status)?;
    Some(Ref::from_response_name(*name))
}

/// What operations refer to that refuse with these statuses.
pub(super) fn components(refusals: &BTreeSet<String>) -> Components {
    let mut components = ComponentsBuilder::new().schema(PROBLEM, problem());
    for (name, scheme) in credentials() {
        components = components.security_scheme(name, scheme);
    }
    for (name, about, schema) in headers() {
        let header: HeaderBuilder = HeaderBuilder::new().schema(Some(schema));
        let header: Header = header.description(Some(about)).build();
        components = components.header(name, header);
    }
    let is_used = |status: u16| refusals.contains(&status.to_string());
    for (_, name, about, own) in REFUSALS.iter().filter(|(status, ..)| is_used(*status)) {
        components = components.response(*name, refused(about, own));
    }
    components.build()
}

fn refused(about: &str, own: &[&str]) -> Response {
    let content = Content::new(Some(Ref::from_schema_name(PROBLEM)));
    let answer = ResponseBuilder::new().description(about).content(PROBLEM_JSON, content);
    let names = [REQUEST_ID].into_iter().chain(own.iter().copied());
    let refer = |name: &str| Ref::new(format!("#/components/headers/{name}"));
    names.fold(answer, |answer, name| answer.header_ref(name, refer(name))).build()
}

/// RFC 9457, as `palisade-problem` writes it.
fn problem() -> Schema {
    object()
        .has("type", text())
        .has("title", text())
        .has("status", number(400, Some(599)))
        .has("code", text())
        .has("instance", text())
        .may_have("detail", text())
        .may_have("violated-policies", list_of(text()))
        .into()
}

fn credentials() -> [(&'static str, SecurityScheme); 4] {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    let bearer = bearer.description(Some("A token of an issuer that this server trusts."));
    let key = "A key that an admin made.";
    let token = "The token, for `EventSource`, which sends no header. Streams alone take it.";
    let ticket = "A one-time ticket of `POST /api/stream-tickets`. Streams alone take it.";
    let in_query = |name: &str, about: &str| {
        SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::with_description(name, about)))
    };
    [
        (BEARER, SecurityScheme::Http(bearer.build())),
        (
            API_KEY,
            SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("X-API-Key", key))),
        ),
        (QUERY_TOKEN, in_query("token", token)),
        (QUERY_TICKET, in_query("ticket", ticket)),
    ]
}

fn headers() -> [(&'static str, &'static str, Schema); 7] {
    [
        (REQUEST_ID, "The id of the request, by which the log and a refusal name it.", text()),
        (RETRY_AFTER, "In so many seconds it may be worth asking again.", number(1, None)),
        (AUTHENTICATE, "How to prove who asks (RFC 6750).", text()),
        (LIMITS[0], "Requests that the tightest limit allows.", number(0, None)),
        (LIMITS[1], "All limits that were asked: how many requests in how many seconds.", text()),
        (LIMITS[2], "Requests that are left of it.", number(0, None)),
        (LIMITS[3], "Seconds until all of them are there again.", number(0, None)),
    ]
}
