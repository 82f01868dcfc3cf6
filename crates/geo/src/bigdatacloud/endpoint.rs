//! The URL of a question.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use http::Uri;
use palisade_core::ConfigError;

/// The longest key.
const LONGEST_KEY: usize = 128;

/// How a question travels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scheme {
    /// Encrypted.
    Https,
    /// In the clear, within this machine.
    Http,
}

/// Where to ask, and in whose name.
#[derive(Clone)]
pub(super) struct Endpoint {
    /// Up to the path.
    base: Arc<str>,
    key: Option<Arc<str>>,
    scheme: Scheme,
}

// === impl Endpoint ===

impl Endpoint {
    pub(super) fn new(base: &str, key: Option<&str>) -> Result<Self, ConfigError> {
        // What it is must not be repeated: somebody may have put the key into it.
        let mistake = |given: &str, expected: &str| {
            Err(ConfigError::new("address to ask for locations", given).expected(expected))
        };
        let base = base.trim_end_matches('/');
        let Ok(uri) = base.parse::<Uri>() else { return mistake("this text", "a URL") };
        let Some(authority) = uri.authority() else {
            return mistake("this text", "a URL that begins with https://");
        };
        if authority.as_str().contains('@') {
            return mistake("a URL with a user", "one without: it would be in logs");
        }
        if uri.query().is_some() || base.contains('#') {
            return mistake("a URL with a query or fragment", "one that ends with its path");
        }
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") if is_here(authority.host()) => Scheme::Http,
            Some("http") => {
                return mistake(
                    "an http:// URL",
                    "https://, because addresses of clients and the key are in the question; http:// is for 127.0.0.1, [::1] and localhost",
                );
            }
            _ => return mistake("this text", "a URL that begins with https://"),
        };
        let is_key = |key: &&str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(plain)
        };
        if key.is_some_and(|key| !is_key(&key)) {
            return Err(ConfigError::new("key to ask for locations", "…")
                .expected("1 to 128 letters, digits, `_` or `-`"));
        }
        Ok(Self { base: base.into(), key: key.map(Arc::from), scheme })
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The question about `address`.
    pub(super) fn question(&self, address: IpAddr) -> Option<Uri> {
        let Self { base, key, .. } = self;
        let mut text = format!("{base}/data/ip-geolocation?ip={address}&localityLanguage=en");
        if let Some(key) = key {
            text.push_str("&key=");
            text.push_str(key);
        }
        text.parse().ok()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.as_ref().map(|_| "…");
        let mut shown = f.debug_struct("Endpoint");
        shown.field("base", &self.base).field("key", &key).finish_non_exhaustive()
    }
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host == "localhost"
        || host.parse().is_ok_and(|v4: Ipv4Addr| v4.is_loopback())
        || v6.and_then(|v6| v6.parse().ok()).is_some_and(|v6: Ipv6Addr| v6.is_loopback())
}
