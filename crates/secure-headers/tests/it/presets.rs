//! The presets `strict` and `api`, and every header alone.

use palisade_secure_headers::{
    CacheControl, ContentTypeOptions, CrossOriginEmbedderPolicy, CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy, Csp, FrameOptions, Header, HeaderSet, PermissionsPolicy,
    ReferrerPolicy, SecureHeadersPolicy,
};

use crate::{answer, header_of, lines, split_nonces};

#[test]
fn strict_runs_scripts_by_nonce_alone_and_shares_nothing_with_other_sites() {
    let answer = answer(&SecureHeadersPolicy::strict(), &[]);
    let (csp, nonces) = split_nonces(&lines(&answer, "content-security-policy").unwrap());
    assert_eq!(
        csp,
        "default-src 'none'; script-src 'nonce' 'strict-dynamic'; style-src 'self' 'nonce'; font-src 'self'; \
         img-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; object-src 'none'; base-uri 'none'"
    );
    assert!(nonces.len() == 2 && nonces[0] == nonces[1], "one nonce in both places");
    let check = |name, value: &str| assert_eq!(lines(&answer, name).as_deref(), Some(value));
    check("strict-transport-security", "max-age=63072000; includeSubDomains");
    check("x-frame-options", "DENY");
    check("referrer-policy", "no-referrer");
    check("cross-origin-resource-policy", "same-origin");
    check("cross-origin-opener-policy", "same-origin");
    check("x-content-type-options", "nosniff");
    let permissions = lines(&answer, "permissions-policy").unwrap();
    assert!(permissions.split(", ").all(|feature| feature.ends_with("=()")), "{permissions}");
}

#[test]
fn api_lets_nothing_run_load_or_frame_and_draws_no_nonce() {
    let (answer, context) = crate::answer_of(
        &SecureHeadersPolicy::api(),
        palisade_test_support::Ask::get("/"),
        None,
        &[],
    );
    let csp = lines(&answer, "content-security-policy");
    assert_eq!(csp.as_deref(), Some("default-src 'none'; frame-ancestors 'none'"));
    assert_eq!(lines(&answer, "x-content-type-options").as_deref(), Some("nosniff"));
    assert!(context.attached::<palisade_secure_headers::CspNonce>().is_none());
}

#[test]
fn each_header_can_be_sent_alone_and_be_dropped() {
    let csp: Csp = "default-src 'self'".parse().unwrap();
    let permissions = PermissionsPolicy::new().allow_everyone("fullscreen").unwrap();
    let empty = HeaderSet::empty;
    let check = |header: Header, set: HeaderSet, value: &str| {
        let name = header.name();
        assert_eq!(header_of(set.clone(), name.as_str()).as_deref(), Some(value), "{name}");
        assert_eq!(header_of(set.without(header), name.as_str()), None, "{name}");
    };
    check(Header::FrameOptions, empty().frame_options(FrameOptions::Deny), "DENY");
    check(Header::ReferrerPolicy, empty().referrer_policy(ReferrerPolicy::Origin), "origin");
    check(Header::PermissionsPolicy, empty().permissions_policy(permissions), "fullscreen=*");
    check(Header::Csp, empty().csp(csp.clone()), "default-src 'self'");
    check(Header::CspReportOnly, empty().csp_report_only(csp), "default-src 'self'");
    check(
        Header::CrossOriginResourcePolicy,
        empty().cross_origin_resource_policy(CrossOriginResourcePolicy::SameSite),
        "same-site",
    );
    check(
        Header::CrossOriginEmbedderPolicy,
        empty().cross_origin_embedder_policy(CrossOriginEmbedderPolicy::RequireCorp),
        "require-corp",
    );
    check(
        Header::CrossOriginOpenerPolicy,
        empty().cross_origin_opener_policy(CrossOriginOpenerPolicy::SameOriginAllowPopups),
        "same-origin-allow-popups",
    );
    check(
        Header::ContentTypeOptions,
        empty().content_type_options(ContentTypeOptions::NoSniff),
        "nosniff",
    );
    check(Header::CacheControl, empty().cache_control(CacheControl::Always), "private, no-store");
}

#[test]
fn an_empty_set_and_empty_policies_send_nothing() {
    let set = HeaderSet::empty().csp(Csp::new()).permissions_policy(PermissionsPolicy::new());
    assert!(answer(&SecureHeadersPolicy::new(set), &[]).headers().is_empty());
}

#[test]
fn words_of_the_small_headers_are_read_as_they_are_written() {
    for policy in
        [ReferrerPolicy::NoReferrer, ReferrerPolicy::UnsafeUrl, ReferrerPolicy::SameOrigin]
    {
        assert_eq!(policy.as_str().parse(), Ok(policy));
    }
    assert_eq!("DENY".parse(), Ok(FrameOptions::Deny));
    assert_eq!("sameorigin".parse(), Ok(FrameOptions::SameOrigin));
    assert_eq!("same-site".parse(), Ok(CrossOriginResourcePolicy::SameSite));
    assert_eq!("credentialless".parse(), Ok(CrossOriginEmbedderPolicy::Credentialless));
    assert_eq!("noopener-allow-popups".parse(), Ok(CrossOriginOpenerPolicy::NoopenerAllowPopups));
}
