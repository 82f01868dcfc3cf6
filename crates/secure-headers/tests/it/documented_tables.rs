//! The preset `polymech` is the documented table, byte for byte.

use palisade_core::RouteTag;
use palisade_secure_headers::SecureHeadersPolicy;

use crate::{answer, lines, on_route, split_nonces};

const CSP: &str = "default-src 'self'; \
script-src 'self' 'nonce' cdn.jsdelivr.net; \
style-src 'self' 'unsafe-inline' fonts.googleapis.com cdn.jsdelivr.net; \
font-src 'self' fonts.gstatic.com cdn.jsdelivr.net fonts.scalar.com; \
img-src 'self' data: blob: *.supabase.co *.polymech.info; \
connect-src 'self' *.supabase.co wss://*.supabase.co api.openai.com assets.polymech.info cdn.jsdelivr.net proxy.scalar.com; \
media-src 'self' blob: *.supabase.co assets.polymech.info stream.mux.com; \
frame-src 'self' *.supabase.co; \
frame-ancestors 'self'; \
object-src 'none'; \
base-uri 'self'";

#[test]
fn every_documented_header_has_its_documented_value() {
    let answer = answer(&SecureHeadersPolicy::polymech(), &[]);
    let check = |name, value: Option<&str>| {
        assert_eq!(lines(&answer, name).as_deref(), value, "{name}");
    };
    check("strict-transport-security", Some("max-age=31536000; includeSubDomains"));
    check("x-frame-options", Some("SAMEORIGIN"));
    check("referrer-policy", Some("strict-origin-when-cross-origin"));
    check("permissions-policy", Some("camera=(), microphone=(), geolocation=(), payment=(self)"));
    check("cross-origin-resource-policy", None);
    check("cross-origin-embedder-policy", None);
    check("cross-origin-opener-policy", None);
    check("x-content-type-options", Some("nosniff"));
    check("cache-control", None);
    assert_eq!(answer.headers().len(), 6, "and nothing else: {:?}", answer.headers());
}

#[test]
fn the_policy_has_its_documented_directives_in_their_documented_order() {
    let answer = answer(&SecureHeadersPolicy::polymech(), &[]);
    let (text, nonces) = split_nonces(&lines(&answer, "content-security-policy").unwrap());
    assert_eq!(text, CSP);
    assert_eq!(nonces.len(), 1);
}

#[test]
fn headers_are_written_in_a_fixed_order() {
    let answer = answer(&SecureHeadersPolicy::polymech(), &[("content-type", "text/html")]);
    let names: Vec<_> = answer.headers().keys().map(http::HeaderName::as_str).collect();
    let expected = [
        "content-type",
        "strict-transport-security",
        "x-frame-options",
        "referrer-policy",
        "permissions-policy",
        "content-security-policy",
        "x-content-type-options",
        "cache-control",
    ];
    assert_eq!(names, expected);
}

#[test]
fn embed_routes_have_no_frame_options_and_any_ancestor_and_all_else_as_usual() {
    let policy = SecureHeadersPolicy::polymech();
    let (embed, usual) =
        (on_route(&policy, "embed", &[RouteTag::EMBED]), on_route(&policy, "x", &[]));
    let csp = lines(&embed, "content-security-policy").unwrap();
    let widened = CSP.replace("frame-ancestors 'self'", "frame-ancestors *");
    assert_eq!(split_nonces(&csp).0, widened);
    assert_eq!(lines(&embed, "x-frame-options"), None);
    for name in [
        "strict-transport-security",
        "referrer-policy",
        "permissions-policy",
        "x-content-type-options",
    ] {
        assert_eq!(lines(&embed, name), lines(&usual, name), "{name}");
    }
}
