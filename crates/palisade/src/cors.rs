//! Which other sites' pages may call this service (Fetch, CORS protocol), checked when it is built.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use palisade_core::ConfigError;
use tower_http::cors::{AllowOrigin, CorsLayer as Preflights};

use crate::cors_layer::CorsLayer;

/// How long a browser may remember a preflight: 10 minutes, as documented.
const MAX_AGE: Duration = Duration::from_secs(600);

/// What a page may send. The `x-stainless-*` headers are those of generated API clients.
const ALLOWED_HEADERS: [&str; 17] = [
    "accept",
    "authorization",
    "cache-control",
    "content-type",
    "if-match",
    "if-none-match",
    "last-event-id",
    "x-api-key",
    "x-org-slug",
    "x-requested-with",
    "x-stainless-arch",
    "x-stainless-lang",
    "x-stainless-os",
    "x-stainless-package-version",
    "x-stainless-retry-count",
    "x-stainless-runtime",
    "x-stainless-runtime-version",
];

/// Which other sites' pages may call this service.
///
/// As documented: methods GET, POST, PUT, DELETE, PATCH and OPTIONS; a preflight is remembered for 10 minutes;
/// credentials with a list of origins, none with `*`.
#[derive(Clone, Debug)]
pub struct Cors {
    origins: Origins,
}

/// Whose pages may read answers.
#[derive(Clone, Debug)]
pub(crate) enum Origins {
    Any,
    Listed(Arc<[HeaderValue]>),
}

/// Who may read one answer.
#[derive(Clone, Debug)]
pub(crate) enum Grant {
    Anyone,
    /// A page of this origin, which may send credentials.
    WithCredentials(HeaderValue),
}

// === impl Cors ===

impl Cors {
    /// Any site, without credentials: the documented fallback for development.
    pub fn any_origin() -> Self {
        Self { origins: Origins::Any }
    }

    /// These sites alone, with credentials. An origin is compared byte for byte.
    ///
    /// # Errors
    ///
    /// An origin that could never match, or would match more than it says: `*`, `null`, a wildcard, a path, an upper-case
    /// host, a default port, something other than http and https.
    pub fn origins<T: AsRef<str>>(
        origins: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        let origins =
            origins.into_iter().map(|origin| checked(origin.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { origins: Origins::Listed(origins) })
    }

    pub(crate) fn into_layer(self) -> CorsLayer {
        let preflights = match &self.origins {
            Origins::Any => base().allow_origin(AllowOrigin::any()),
            Origins::Listed(origins) => base()
                .allow_origin(AllowOrigin::list(origins.iter().cloned()))
                .allow_credentials(true),
        };
        CorsLayer::new(preflights, self.origins)
    }
}

// === impl Origins ===

impl Origins {
    /// What an answer depends on besides the target.
    pub(crate) const VARY: &str =
        "origin, access-control-request-method, access-control-request-headers";

    /// What a page may read.
    pub(crate) const EXPOSED_HEADERS: &str = "etag,ratelimit,ratelimit-limit,ratelimit-policy,\
        ratelimit-remaining,ratelimit-reset,retry-after,www-authenticate,x-request-id";

    /// Whether the page that a request is from may read the answer.
    pub(crate) fn grant(&self, headers: &HeaderMap) -> Option<Grant> {
        match self {
            Self::Any => Some(Grant::Anyone),
            Self::Listed(origins) => {
                let origin = headers.get(header::ORIGIN)?;
                origins.contains(origin).then(|| Grant::WithCredentials(origin.clone()))
            }
        }
    }
}

fn base() -> Preflights {
    let methods =
        [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];
    Preflights::new()
        .allow_methods(methods)
        .allow_headers(ALLOWED_HEADERS.map(HeaderName::from_static))
        .max_age(MAX_AGE)
        .vary([
            header::ORIGIN,
            header::ACCESS_CONTROL_REQUEST_METHOD,
            header::ACCESS_CONTROL_REQUEST_HEADERS,
        ])
}

/// Accepts an origin in the one form in which browsers send it (RFC 6454 section 6.2).
fn checked(origin: &str) -> Result<HeaderValue, ConfigError> {
    let wrong =
        |expected: &str| ConfigError::new("CORS origin", origin).expected(expected.to_owned());
    if matches!(origin, "*" | "null") || origin.contains('*') {
        return Err(wrong(
            "each origin by its name: with credentials, `*`, `null` and wildcards open the service to any page",
        ));
    }
    let uri: Uri = origin.parse().map_err(|_| wrong("`scheme://host` or `scheme://host:port`"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong("`scheme://host` or `scheme://host:port`"));
    };
    let port = match (scheme, authority.port_u16()) {
        ("https", Some(443)) | ("http", Some(80)) | ("https" | "http", None) => String::new(),
        ("https" | "http", Some(port)) => format!(":{port}"),
        _ => return Err(wrong("the scheme `https` or `http`")),
    };
    let canonical = format!("{scheme}://{}{port}", authority.host().to_ascii_lowercase());
    if canonical != origin {
        return Err(wrong(
            "the form in which browsers send it: lower case, no path, no user, no default port",
        )
        .meant(canonical));
    }
    HeaderValue::from_str(origin).map_err(|_| wrong("visible ASCII"))
}
