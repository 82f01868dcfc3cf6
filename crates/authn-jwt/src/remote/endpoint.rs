//! Addresses that may be asked.

use http::Uri;
use palisade_core::ConfigError;

/// Which schemes an address may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Schemes {
    Https,
    HttpsAndHttp,
}

/// Reads an address: `https` unless word was given that `http` is accepted, and nothing in it that is secret.
pub(crate) fn parse(text: &str, schemes: Schemes) -> Result<Uri, ConfigError> {
    let mistake = |given: &str, expected: &str| {
        Err(ConfigError::new("address to fetch from", given).expected(expected))
    };
    let Ok(uri) = text.parse::<Uri>() else { return mistake("this text", "a URL") };
    let Some(authority) = uri.authority() else { return mistake(text, "a URL with a host") };
    if authority.as_str().contains('@') {
        return mistake("a URL with a user", "one without: it would be in logs");
    }
    if text.contains('#') {
        return mistake(text, "a URL without a fragment");
    }
    match (uri.scheme_str(), schemes) {
        (Some("https"), _) | (Some("http"), Schemes::HttpsAndHttp) => Ok(uri),
        (Some("http"), Schemes::Https) => mistake(text, "https"),
        _ => mistake(text, "a URL that starts with https://"),
    }
}
