//! Whether a request was sent by a page of this service: what a browser says of it in headers that no page can write.

use http::{HeaderName, HeaderValue, Uri, header, request, uri::Authority};
use palisade::core::header::Sole;

/// Fetch Metadata section 2.4.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whose pages may send what changes something.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrustedOrigins {
    /// How the outside reaches this service, if it was told; else the `Host` of the request says so.
    own: Option<HeaderValue>,
    /// Other sites, byte for byte.
    others: Vec<HeaderValue>,
}

// === impl TrustedOrigins ===

impl TrustedOrigins {
    /// Trusts the pages of `public_url`, and those of `others`, which were checked before.
    pub(crate) fn new(public_url: Option<&str>, others: &[String]) -> Self {
        let own = public_url.and_then(|url| HeaderValue::from_str(&url.to_ascii_lowercase()).ok());
        let others = others.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
        Self { own, others: others.collect() }
    }

    /// Whether a request may be what it says. Evaluated in this order:
    ///
    /// 1. A listed `Origin`, or that of the public URL: yes, whatever else is said.
    /// 2. Where no public URL is set, an `Origin` with the host and port of the request, unless the browser says that the
    ///    two are not one: it alone knows about the scheme, which a proxy hides.
    /// 3. Any other `Origin`, `null` and several included: no.
    /// 4. Without one, `Sec-Fetch-Site` must be `same-origin` or `none` (typed by a person), or missing: then it is no
    ///    browser, which sends one or the other with everything that is not a plain reading (Fetch section 3.2).
    pub(crate) fn admit(&self, head: &request::Parts) -> bool {
        let site = Sole::of(&head.headers, &SEC_FETCH_SITE);
        match Sole::of(&head.headers, &header::ORIGIN) {
            Sole::Is(origin) if self.others.contains(origin) => true,
            Sole::Is(origin) => match &self.own {
                Some(own) => own == origin,
                None => !is_foreign(site) && is_of_host(origin, head),
            },
            Sole::Several => false,
            Sole::Missing => !is_foreign(site),
        }
    }
}

/// Whether a browser says that another site had it sent; a word that is not known says so too.
fn is_foreign(site: Sole<'_>) -> bool {
    match site {
        Sole::Missing => false,
        Sole::Is(site) => !["same-origin", "none"].iter().any(|own| *site == own),
        Sole::Several => true,
    }
}

/// Whether an origin has the host and port that the request was sent to.
fn is_of_host(origin: &HeaderValue, head: &request::Parts) -> bool {
    let origin = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok());
    let Some(origin) = origin else { return false };
    let scheme = origin.scheme_str();
    let bare = origin.path_and_query().is_none_or(|rest| rest == "/");
    if !matches!(scheme, Some("http" | "https")) || !bare {
        return false;
    }
    // HTTP/2 says it in the target.
    let host = match head.uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => match Sole::of(&head.headers, &header::HOST) {
            Sole::Is(host) => host.to_str().ok().and_then(|text| text.parse::<Authority>().ok()),
            Sole::Missing | Sole::Several => None,
        },
    };
    let default = if scheme == Some("https") { 443 } else { 80 };
    let port = |authority: &Authority| authority.port_u16().unwrap_or(default);
    match (origin.authority(), host) {
        (Some(origin), Some(host)) => {
            origin.host().eq_ignore_ascii_case(host.host()) && port(origin) == port(&host)
        }
        _ => false,
    }
}
