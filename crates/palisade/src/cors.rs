//! Which other sites' pages may call this service (Fetch, CORS protocol), checked when it is built.

mod headers;
mod layer;
mod origin;
mod origins;
mod preflight;

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use palisade_core::ConfigError;
use tower_http::cors::{AllowOrigin, CorsLayer as Preflights};

pub use self::layer::{CorsFuture, CorsLayer, CorsService};
use self::{headers::Headers, origins::Origins, preflight::METHODS};

/// How long a browser may remember a preflight: 10 minutes, as documented.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Which other sites' pages may call this service.
///
/// As documented: methods GET, POST, PUT, DELETE, PATCH and OPTIONS; a preflight is remembered for 10 minutes;
/// credentials with a list of origins, none with `*`.
///
/// A page may send `Accept`, `Authorization`, `Cache-Control`, `Content-Type`, `If-Match`, `If-None-Match`,
/// `Last-Event-ID`, `X-API-Key`, `X-Org-Slug`, `X-Requested-With` and the `X-Stainless-*` of generated API clients, and read
/// `ETag`, `RateLimit` and `RateLimit-*`, `Retry-After`, `WWW-Authenticate` and `X-Request-Id`; more of both can be named.
///
/// A preflight that asks for anything else is a 403 that grants nothing. It counts nowhere: any page can have its visitor's browser
/// send one. Preflights are answered before anyone is asked for anything, and cost what little there is to compare: nothing is
/// kept of them, and of what they ask for 1 KiB is read at most. What bounds a flood of them is what bounds connections.
///
/// ```
/// use palisade::Cors;
/// # fn cors() -> Result<Cors, palisade::core::ConfigError> {
/// let cors = Cors::origins(["https://app.example"])?
///     .allow_headers(["x-acme-client"])?
///     .expose_headers(["x-total-count"])?;
/// # Ok(cors) }
/// # cors().unwrap();
/// let error = Cors::origins(["https://App.example/"]).unwrap_err().to_string();
/// assert!(error.ends_with("did you mean `https://app.example`?"));
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    origins: Origins,
    /// What a page may send.
    allowed: Headers,
    /// What a page may read.
    exposed: Headers,
}

// === impl Cors ===

impl Cors {
    /// Any site, without credentials: the documented fallback for development.
    #[must_use]
    pub fn any_origin() -> Self {
        Self::of(Origins::Any)
    }

    /// These sites alone, with credentials. An origin is compared byte for byte.
    ///
    /// # Errors
    ///
    /// An origin that could never match, or would match more than it says: `*`, `null`, a wildcard, a path, a user, an
    /// upper-case host, one that ends with a dot or is not in ASCII, an address in another form than browsers write it, a
    /// default port, something other than http and https.
    pub fn origins<T: AsRef<str>>(
        origins: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        let origins = origins.into_iter().map(|origin| origin::checked(origin.as_ref()));
        Ok(Self::of(Origins::Listed(origins.collect::<Result<_, _>>()?)))
    }

    fn of(origins: Origins) -> Self {
        Self {
            origins,
            allowed: Headers::documented_allowed(),
            exposed: Headers::documented_exposed(),
        }
    }

    /// Lets pages send these headers, too.
    ///
    /// # Errors
    ///
    /// What is no header's name; `*`, which never covers `Authorization`; what no page can set, such as `Cookie` (Fetch, "forbidden
    /// request-header"); what an answer carries; more names than a preflight may ask for, which are 1 KiB.
    pub fn allow_headers<T: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        for name in names {
            self.allowed.allow(name.as_ref())?;
        }
        Ok(self)
    }

    /// Lets pages read these headers, too.
    ///
    /// # Errors
    ///
    /// What is no header's name; `*`, which counts for nothing with credentials; `Set-Cookie`, which no page can read; names of
    /// more than 1 KiB in all.
    pub fn expose_headers<T: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        for name in names {
            self.exposed.expose(name.as_ref())?;
        }
        Ok(self)
    }

    /// The layer that does it, for a stack of one's own.
    #[must_use]
    pub fn layer(self) -> CorsLayer {
        let base = Preflights::new()
            .allow_methods(METHODS)
            .allow_headers(self.allowed.iter().collect::<Vec<HeaderName>>())
            .max_age(MAX_AGE)
            // What depends on the request is said by our own layer.
            .vary([]);
        let preflights = match &self.origins {
            Origins::Any => base.allow_origin(AllowOrigin::any()),
            Origins::Listed(origins) => base
                .allow_origin(AllowOrigin::list(
                    origins.iter().cloned().collect::<Vec<HeaderValue>>(),
                ))
                .allow_credentials(true),
        };
        CorsLayer::new(preflights, self.origins, self.allowed, self.exposed.joined())
    }
}
