//! Which headers pages may send and read.

use http::{HeaderName, HeaderValue};
use palisade_core::ConfigError;

/// Names of headers, in small letters, each once.
#[derive(Clone, Debug)]
pub(crate) struct Headers {
    names: Vec<HeaderName>,
}

/// The longest list, and the most that is read of what a preflight asks for. Browsers ask for what a page sets itself: some
/// names, of some 200 bytes.
pub(crate) const LONGEST: usize = 1024;

/// What a page may send. The `x-stainless-*` headers are those of generated API clients.
const ALLOWED: [&str; 17] = [
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

/// What a page may read, beside what every page may (Fetch, "CORS-safelisted response-header name"). As it stands in an answer: a
/// copy of it counts nothing.
const EXPOSED: &str = "etag,ratelimit,ratelimit-limit,ratelimit-policy,ratelimit-remaining,ratelimit-reset,\
    retry-after,www-authenticate,x-request-id";

/// What no page can set: the browser does (Fetch, "forbidden request-header").
const BROWSERS_OWN: [&str; 20] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// What proxies set, and layers behind them believe.
const PROXIES_OWN: [&str; 4] = ["forwarded", "x-forwarded-", "x-real-ip", "x-client-ip"];

// === impl Headers ===

impl Headers {
    pub(crate) fn documented_allowed() -> Self {
        Self { names: ALLOWED.map(HeaderName::from_static).to_vec() }
    }

    pub(crate) fn documented_exposed() -> Self {
        Self { names: EXPOSED.split(',').map(HeaderName::from_static).collect() }
    }

    /// Adds what a page may send.
    pub(crate) fn allow(&mut self, name: &str) -> Result<(), ConfigError> {
        let wrong = |expected: &str| wrong("header that pages may send", name, expected);
        if name == "*" {
            return Err(wrong(
                "each header by its name: `*` counts for nothing with credentials, and never covers `authorization`",
            ));
        }
        let lower = name.to_ascii_lowercase();
        let begins = |starts: &[&str]| starts.iter().any(|start| lower.starts_with(start));
        if BROWSERS_OWN.contains(&&*lower) || begins(&["proxy-", "sec-"]) {
            return Err(wrong("a header that a page can set: this one is the browser's own"));
        }
        if begins(&PROXIES_OWN) {
            return Err(wrong(
                "a header that is the client's to set: this one is a proxy's word about it",
            ));
        }
        if lower == "set-cookie" || begins(&["access-control-"]) {
            return Err(wrong("a header of a request: this one stands in answers"));
        }
        self.add(&lower).map_err(wrong)
    }

    /// Adds what a page may read.
    pub(crate) fn expose(&mut self, name: &str) -> Result<(), ConfigError> {
        let wrong = |expected: &str| wrong("header that pages may read", name, expected);
        if name == "*" {
            return Err(wrong("each header by its name: `*` counts for nothing with credentials"));
        }
        let lower = name.to_ascii_lowercase();
        if matches!(&*lower, "set-cookie" | "set-cookie2") {
            return Err(wrong("a header that a page can read: no browser shows this one"));
        }
        self.add(&lower).map_err(wrong)
    }

    fn add(&mut self, lower: &str) -> Result<(), &'static str> {
        let name = HeaderName::from_bytes(lower.as_bytes()).map_err(
            |_| "a header's name, of letters, digits and hyphens (RFC 9110 section 5.1)",
        )?;
        if self.names.contains(&name) {
            return Ok(());
        }
        self.names.push(name);
        // With a comma behind each.
        let long: usize = self.names.iter().map(|name| name.as_str().len().saturating_add(1)).sum();
        if long > LONGEST { Err("names of 1024 bytes in all, with commas") } else { Ok(()) }
    }

    /// Whether a header of this name, in any case, is one of them.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.names.iter().any(|known| known.as_str().as_bytes().eq_ignore_ascii_case(name))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = HeaderName> {
        self.names.iter().cloned()
    }

    /// As they stand in an answer.
    pub(crate) fn joined(&self) -> HeaderValue {
        let names: Vec<&str> = self.names.iter().map(HeaderName::as_str).collect();
        let joined = names.join(",");
        if joined == EXPOSED {
            return HeaderValue::from_static(EXPOSED);
        }
        // Names and commas are always a value.
        HeaderValue::try_from(joined).unwrap_or_else(|_| HeaderValue::from_static(EXPOSED))
    }
}

fn wrong(what: &'static str, name: &str, expected: &str) -> ConfigError {
    ConfigError::new(what, name).expected(expected)
}
