//! What becomes of the headers a handler sets itself.

use std::time::Duration;

use palisade_secure_headers::{Handler, Header, HeaderSet, SecureHeadersPolicy};

use crate::{answer, finished, lines};

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

/// A header, a set that sends it, what it says, and what a handler says.
type Case = (Header, fn(HeaderSet) -> HeaderSet, &'static str, &'static str);

const YEAR: Duration = Duration::from_secs(31_536_000);

fn every_header() -> [Case; 16] {
    use palisade_secure_headers as ours;
    [
        (
            Header::Hsts,
            |set| set.hsts(ours::Hsts::excluding_subdomains(YEAR)),
            "max-age=31536000",
            "max-age=1",
        ),
        (
            Header::FrameOptions,
            |set| set.frame_options(ours::FrameOptions::Deny),
            "DENY",
            "SAMEORIGIN",
        ),
        (
            Header::ReferrerPolicy,
            |set| set.referrer_policy(ours::ReferrerPolicy::Origin),
            "origin",
            "no-referrer",
        ),
        (
            Header::PermissionsPolicy,
            |set| set.permissions_policy(ours::PermissionsPolicy::new().deny("usb").unwrap()),
            "usb=()",
            "camera=()",
        ),
        (
            Header::Csp,
            |set| set.csp("base-uri 'none'".parse().unwrap()),
            "base-uri 'none'",
            "sandbox",
        ),
        (
            Header::CspReportOnly,
            |set| set.csp_report_only("base-uri 'none'".parse().unwrap()),
            "base-uri 'none'",
            "img-src *",
        ),
        (
            Header::ReportingEndpoints,
            |set| {
                set.reporting_endpoints(
                    ours::ReportingEndpoints::new().endpoint("a", "/a").unwrap(),
                )
            },
            "a=\"/a\"",
            "b=\"/b\"",
        ),
        (
            Header::CrossOriginResourcePolicy,
            |set| set.cross_origin_resource_policy(ours::CrossOriginResourcePolicy::SameSite),
            "same-site",
            "cross-origin",
        ),
        (
            Header::CrossOriginEmbedderPolicy,
            |set| set.cross_origin_embedder_policy(ours::CrossOriginEmbedderPolicy::RequireCorp),
            "require-corp",
            "unsafe-none",
        ),
        (
            Header::CrossOriginEmbedderPolicyReportOnly,
            |set| {
                let policy = ours::CrossOriginEmbedderPolicy::RequireCorp;
                set.cross_origin_embedder_policy_report_only(policy, "coep").unwrap()
            },
            "require-corp; report-to=\"coep\"",
            "unsafe-none",
        ),
        (
            Header::CrossOriginOpenerPolicy,
            |set| set.cross_origin_opener_policy(ours::CrossOriginOpenerPolicy::SameOrigin),
            "same-origin",
            "unsafe-none",
        ),
        (
            Header::CrossOriginOpenerPolicyReportOnly,
            |set| {
                let policy = ours::CrossOriginOpenerPolicy::SameOrigin;
                set.cross_origin_opener_policy_report_only(policy, "coop").unwrap()
            },
            "same-origin; report-to=\"coop\"",
            "unsafe-none",
        ),
        (
            Header::PermittedCrossDomainPolicies,
            |set| set.permitted_cross_domain_policies(ours::PermittedCrossDomainPolicies::None),
            "none",
            "all",
        ),
        (
            Header::DnsPrefetchControl,
            |set| set.dns_prefetch_control(ours::DnsPrefetchControl::Off),
            "off",
            "on",
        ),
        (
            Header::ContentTypeOptions,
            |set| set.content_type_options(ours::ContentTypeOptions::NoSniff),
            "nosniff",
            "off",
        ),
        (
            Header::CacheControl,
            |set| set.cache_control(ours::CacheControl::Always),
            "private, no-store",
            "public",
        ),
    ]
}

#[test]
fn each_header_is_set_where_there_is_none_kept_overridden_dropped_and_taken_away() {
    for (header, send, ours, own) in every_header() {
        let (name, set) = (header.name(), send(HeaderSet::empty()));
        // The handler says it twice: what goes goes whole, and what stays stays whole.
        let check = |set: &HeaderSet, own: &[&'static str], value: Option<&str>| {
            let mut answer = http::Response::new(());
            for own in own {
                answer.headers_mut().append(&name, own.parse().unwrap());
            }
            let answer = finished(&SecureHeadersPolicy::new(set.clone()), answer);
            assert_eq!(lines(&answer, name.as_str()).as_deref(), value, "{name}");
        };
        let both = format!("{own}\n{own}");
        check(&set, &[], Some(ours));
        check(&set.clone().handler(header, Handler::Keep), &[], Some(ours));
        check(&set.clone().handler(header, Handler::Keep), &[own, own], Some(&both));
        check(&set.clone().handler(header, Handler::Override), &[own, own], Some(ours));
        check(&set.clone().without(header), &[], None);
        check(&set.clone().without(header), &[own, own], Some(&both));
        check(&set.clone().strip(header), &[own, own], None);
        let usual = match header {
            Header::Hsts | Header::ContentTypeOptions => ours,
            _ => &both,
        };
        check(&set, &[own, own], Some(usual));
    }
}

#[test]
fn two_policies_of_a_handler_stay_two() {
    // A browser obeys both: to drop one would allow what the handler refuses.
    let own = [
        ("content-security-policy", "img-src 'self'"),
        ("content-security-policy", "script-src 'none'"),
    ];
    let answer = answer(&SecureHeadersPolicy::polymech(), &own);
    let policies = lines(&answer, "content-security-policy");
    assert_eq!(policies.as_deref(), Some("img-src 'self'\nscript-src 'none'"));
}

#[test]
fn every_line_that_discloses_is_taken_away() {
    let own =
        [("server", "acme/1.2"), ("server", "hyper"), ("x-powered-by", "a"), ("x-powered-by", "b")];
    let answer = answer(&SecureHeadersPolicy::polymech(), &own);
    assert_eq!((lines(&answer, "server"), lines(&answer, "x-powered-by")), (None, None));
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
