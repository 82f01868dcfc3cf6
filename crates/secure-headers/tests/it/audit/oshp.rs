//! Recommendations of the OWASP Secure Headers Project, each met and not met.

use palisade_secure_headers::audit::{Mark, RuleSet};

use super::{answer, verdict};

const PAGE: (&str, &str) = ("content-type", "text/html");

/// What the project says of a header with `value`, on a page.
fn check(name: &str, value: &str, expected: &str) {
    assert_eq!(verdict(RuleSet::oshp(), name, &[PAGE, (name, value)]), expected, "{name}: {value}");
}

#[test]
fn its_own_proposal_is_fine_but_for_what_says_nothing_about_scripts() {
    for (name, value) in [
        ("cache-control", "no-store, max-age=0"),
        ("clear-site-data", "\"cache\",\"cookies\",\"storage\""),
        (
            "content-security-policy",
            "default-src 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'none'; upgrade-insecure-requests",
        ),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "accelerometer=(), camera=(), geolocation=(), microphone=(), sync-xhr=(self)",
        ),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "deny"),
        ("x-permitted-cross-domain-policies", "none"),
    ] {
        check(name, value, "pass");
    }
}

#[test]
fn what_is_weaker_fails() {
    check("content-security-policy", "default-src 'self'; object-src 'none'", "FAIL");
    check(
        "content-security-policy",
        "default-src *; form-action 'self'; object-src 'none'; frame-ancestors 'none'",
        "FAIL",
    );
    let own = "default-src 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'none'";
    for scripts in ["script-src-elem * 'unsafe-inline'", "script-src-attr 'unsafe-inline'"] {
        check("content-security-policy", &format!("{own}; {scripts}"), "FAIL");
    }
    check("content-security-policy", &format!("{own}; script-src *:443"), "FAIL");
    check("cross-origin-opener-policy", "unsafe-none", "FAIL");
    check("permissions-policy", "camera=(), geolocation=()", "FAIL");
    check("permissions-policy", "camera=(), geolocation=(), microphone=*", "FAIL");
    check("permissions-policy", "camera=(), geolocation=(self), microphone=()", "pass");
    check("strict-transport-security", "max-age=31536000", "FAIL");
    check("clear-site-data", "\"cache\"", "FAIL");
    check("x-frame-options", "ALLOWALL", "FAIL");
    check("x-content-type-options", "sniff", "FAIL");
}

#[test]
fn what_only_pages_need_is_asked_of_pages_alone() {
    let data = [("content-type", "application/json")];
    for name in [
        "cache-control",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "permissions-policy",
    ] {
        assert_eq!(verdict(RuleSet::oshp(), name, &data), "n/a", "{name}");
    }
    assert_eq!(verdict(RuleSet::oshp(), "clear-site-data", &[PAGE]), "n/a");
    for kind in ["TEXT/html;charset=utf-8", "text/html ;charset=utf-8", "image/svg+xml"] {
        let page = [("content-type", kind)];
        assert_eq!(verdict(RuleSet::oshp(), "cache-control", &page), "FAIL", "{kind}");
    }
}

#[test]
fn the_policy_stands_in_for_frame_options() {
    let policy = |value| [PAGE, ("content-security-policy", value)];
    assert_eq!(
        verdict(RuleSet::oshp(), "x-frame-options", &policy("frame-ancestors 'self'")),
        "pass"
    );
    assert_eq!(verdict(RuleSet::oshp(), "x-frame-options", &policy("frame-ancestors *")), "FAIL");
    assert_eq!(
        verdict(RuleSet::oshp(), "x-frame-options", &policy("frame-ancestors *:443")),
        "FAIL"
    );
}

#[test]
fn headers_that_tell_what_runs_behind_are_named() {
    let report = RuleSet::oshp().audit(&answer(&[
        ("server", "x"),
        ("X-AspNet-Version", "4"),
        ("x-fine", "1"),
    ]));
    let row = super::row(&report, "headers to remove");
    assert_eq!((row.verdict.as_str(), &*row.found), ("FAIL", "server, x-aspnet-version"));
}

#[test]
fn its_mark_counts_what_applies() {
    let mark = RuleSet::oshp().audit(&answer(&[("x-content-type-options", "nosniff")])).mark();
    let Mark::Rules { passed, applicable } = mark else { panic!("{mark}") };
    assert_eq!((passed, applicable), (2, 8), "nosniff, and nothing to remove");
}
