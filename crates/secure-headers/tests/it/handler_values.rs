//! What becomes of the headers a handler sets itself.

use palisade_secure_headers::{Handler, Header, HeaderSet, SecureHeadersPolicy};

use crate::{answer, lines};

#[test]
fn what_a_handler_sets_stays() {
    let own = [
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("permissions-policy", "camera=(self)"),
        ("content-security-policy", "sandbox"),
        ("cache-control", "public, max-age=60"),
    ];
    let answer = answer(&SecureHeadersPolicy::polymech(), &own);
    for (name, value) in own {
        assert_eq!(lines(&answer, name).as_deref(), Some(value), "{name}");
    }
}

#[test]
fn hsts_and_nosniff_are_written_over_what_a_handler_sets() {
    let own = [("strict-transport-security", "max-age=0"), ("x-content-type-options", "off")];
    let answer = answer(&SecureHeadersPolicy::polymech(), &own);
    let check = |name, value: &str| assert_eq!(lines(&answer, name).as_deref(), Some(value));
    check("strict-transport-security", "max-age=31536000; includeSubDomains");
    check("x-content-type-options", "nosniff");
}

#[test]
fn either_rule_can_be_chosen_for_each_header() {
    let headers = HeaderSet::polymech()
        .handler(Header::FrameOptions, Handler::Override)
        .handler(Header::Hsts, Handler::Keep);
    let own = [
        ("x-frame-options", "ALLOWALL"),
        ("x-frame-options", "DENY"),
        ("strict-transport-security", "max-age=60"),
    ];
    let answer = answer(&SecureHeadersPolicy::new(headers), &own);
    assert_eq!(lines(&answer, "x-frame-options").as_deref(), Some("SAMEORIGIN"), "both lines go");
    assert_eq!(lines(&answer, "strict-transport-security").as_deref(), Some("max-age=60"));
}

#[test]
fn a_dropped_header_of_a_handler_stays_and_a_stripped_one_goes() {
    let own = [("x-frame-options", "DENY")];
    let check = |headers, value: Option<&str>| {
        let answer = answer(&SecureHeadersPolicy::new(headers), &own);
        assert_eq!(lines(&answer, "x-frame-options").as_deref(), value);
    };
    check(HeaderSet::polymech().without(Header::FrameOptions), Some("DENY"));
    check(HeaderSet::polymech().strip(Header::FrameOptions), None);
}

#[test]
fn headers_that_tell_what_the_service_is_made_of_are_taken_away() {
    let own = [("server", "acme/1.2"), ("x-powered-by", "acme"), ("x-version", "3")];
    let usual = answer(&SecureHeadersPolicy::new(HeaderSet::empty()), &own);
    assert_eq!(lines(&usual, "server"), None);
    assert_eq!(lines(&usual, "x-powered-by"), None);
    assert_eq!(lines(&usual, "x-version").as_deref(), Some("3"));

    let version = HeaderSet::empty().disclosing([http::HeaderName::from_static("x-version")]);
    let other = answer(&SecureHeadersPolicy::new(version), &own);
    assert_eq!(lines(&other, "server").as_deref(), Some("acme/1.2"));
    assert_eq!(lines(&other, "x-version"), None);
}
