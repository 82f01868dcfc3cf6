//! What is known of an answer.

use http::{HeaderMap, Response, StatusCode, Uri, header::AsHeaderName};

use super::Page;

/// What is known of an answer: its status and headers, and what else somebody looked at.
///
/// Over trusted HTTPS, if nothing else is said: so is a server's answer in a test meant to travel.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) scheme: Scheme,
    pub(super) host: Box<str>,
    pub(super) page: Option<Page>,
    pub(super) plain_http: Option<PlainHttp>,
    pub(super) cross_origin: Option<(Box<str>, HeaderMap)>,
    pub(super) is_preloaded: bool,
}

/// How the answer came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// Over TLS, with a certificate that counts.
    Https,
    /// Over TLS, with a certificate that does not: self-signed, expired, or for another host.
    UntrustedHttps,
    /// In the clear.
    Http,
}

/// What the host says to who asks without TLS.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PlainHttp {
    /// Nothing: nobody listens there.
    Closed,
    /// It leads to a certificate that does not count.
    Untrusted,
    /// The addresses that redirects lead through, the first and the last included.
    Route(Vec<Uri>),
}

// === impl Answer ===

impl Answer {
    /// An answer with `headers`.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            status,
            headers,
            scheme: Scheme::Https,
            host: Box::default(),
            page: None,
            plain_http: None,
            cross_origin: None,
            is_preloaded: false,
        }
    }

    /// Says how it came.
    #[must_use]
    pub fn over(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Says who was asked: without a port. Cookies for other hosts are then ignored, and scripts of the same site known.
    #[must_use]
    pub fn host(mut self, host: impl AsRef<str>) -> Self {
        self.host = host.as_ref().trim_end_matches('.').to_ascii_lowercase().into();
        self
    }

    /// Says what the page loads and declares.
    #[must_use]
    pub fn page(mut self, page: Page) -> Self {
        self.page = Some(page);
        self
    }

    /// Says what the host answers without TLS.
    #[must_use]
    pub fn plain_http(mut self, plain_http: PlainHttp) -> Self {
        self.plain_http = Some(plain_http);
        self
    }

    /// Says which headers a foreign `origin` got for a preflight. Where nobody asked, the answer's own are
    /// looked at, which do not show whether an origin is echoed.
    #[must_use]
    pub fn cross_origin(mut self, origin: impl Into<Box<str>>, headers: HeaderMap) -> Self {
        self.cross_origin = Some((origin.into(), headers));
        self
    }

    /// Says that browsers have the host in their list of those that are asked over TLS alone.
    #[must_use]
    pub fn preloaded(mut self) -> Self {
        self.is_preloaded = true;
        self
    }

    /// The value of a header, several joined by a comma (RFC 9110 section 5.3).
    pub(super) fn text(&self, name: impl AsHeaderName) -> Option<String> {
        joined(&self.headers, name)
    }

    /// The value of a header that counts once: the first.
    pub(super) fn first(&self, name: impl AsHeaderName) -> Option<String> {
        self.headers.get(name).map(|value| latin1(value.as_bytes()))
    }

    /// Each value of a header.
    pub(super) fn each(&self, name: impl AsHeaderName) -> impl Iterator<Item = String> {
        self.headers.get_all(name).into_iter().map(|value| latin1(value.as_bytes()))
    }

    /// Whether it is a page: what a browser draws and runs, however its type is written (RFC 9110 section 8.3.1).
    pub(super) fn is_page(&self) -> bool {
        let kind = self.kind().unwrap_or_default().trim().to_ascii_lowercase();
        ["text/html", "application/xhtml+xml", "image/svg+xml"].contains(&kind.as_str())
    }

    /// The same as the Observatory finds it: by these letters alone.
    pub(super) fn is_page_there(&self) -> bool {
        self.kind().is_some_and(|kind| ["text/html", "application/xhtml+xml"].contains(&&*kind))
    }

    /// Its media type without parameters, as it was written.
    fn kind(&self) -> Option<String> {
        let kind = self.first(http::header::CONTENT_TYPE)?;
        Some(kind.split(';').next().unwrap_or_default().to_owned())
    }
}

impl<B> From<&Response<B>> for Answer {
    /// Of the head alone.
    fn from(response: &Response<B>) -> Self {
        Self::new(response.status(), response.headers().clone())
    }
}

/// The values of a header, joined.
pub(super) fn joined(headers: &HeaderMap, name: impl AsHeaderName) -> Option<String> {
    let values: Vec<String> =
        headers.get_all(name).into_iter().map(|value| latin1(value.as_bytes())).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// Each byte is a character: a header has no coding of its own (RFC 9110 section 5.5).
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
