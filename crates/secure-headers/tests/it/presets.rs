//! The presets `strict` and `api`, and every header alone.

use palisade_secure_headers::{
    CrossOriginEmbedderPolicy, CrossOriginOpenerPolicy, CrossOriginResourcePolicy, Csp, Directive,
    DnsPrefetchControl, FrameOptions, HeaderSet, PermissionsPolicy, PermittedCrossDomainPolicies,
    ReferrerPolicy, SecureHeadersPolicy,
};

use crate::{answer, lines, split_nonces};

const STRICT: &str = "default-src 'none'; script-src 'nonce' 'strict-dynamic'; style-src 'self' 'nonce'; \
    font-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; \
    form-action 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

#[test]
fn strict_runs_scripts_by_nonce_alone_and_shares_nothing_with_other_sites() {
    let answer = answer(&SecureHeadersPolicy::strict(), &[]);
    let (csp, nonces) = split_nonces(&lines(&answer, "content-security-policy").unwrap());
    assert_eq!(csp, STRICT);
    assert!(nonces.len() == 2 && nonces[0] == nonces[1], "one nonce in both places");
    strict_beside_its_policy(&answer);
}

#[test]
fn strict_without_a_nonce_is_strict_but_for_its_scripts_and_styles() {
    let answer = answer(&SecureHeadersPolicy::new(HeaderSet::strict_static()), &[]);
    let of_files = STRICT
        .replace("script-src 'nonce' 'strict-dynamic'", "script-src 'self'")
        .replace("style-src 'self' 'nonce'", "style-src 'self'");
    assert_eq!(lines(&answer, "content-security-policy"), Some(of_files));
    strict_beside_its_policy(&answer);
}

/// Every other header of OWASP Secure Headers, and those of ASVS 5 chapter 3.4.
fn strict_beside_its_policy(answer: &http::Response<()>) {
    let check = |name, value: &str| assert_eq!(lines(answer, name).as_deref(), Some(value));
    check("strict-transport-security", "max-age=63072000; includeSubDomains");
    check("x-frame-options", "DENY");
    check("referrer-policy", "no-referrer");
    check("cross-origin-resource-policy", "same-origin");
    check("cross-origin-embedder-policy", "require-corp");
    check("cross-origin-opener-policy", "same-origin");
    check("x-permitted-cross-domain-policies", "none");
    check("x-dns-prefetch-control", "off");
    check("x-content-type-options", "nosniff");
    let permissions = lines(answer, "permissions-policy").unwrap();
    let denied: Vec<_> = permissions.split(", ").collect();
    assert!(denied.iter().all(|feature| feature.ends_with("=()")), "{permissions}");
    assert!(denied.is_sorted() && denied.len() >= 30, "{permissions}");
    assert_eq!(answer.headers().len(), 11, "and nothing else: {:?}", answer.headers());
}

#[test]
fn the_documentation_counts_what_strict_denies() {
    let permissions =
        lines(&answer(&SecureHeadersPolicy::strict(), &[]), "permissions-policy").unwrap();
    let denied = permissions.split(", ").count();
    let told = format!("| four features | {denied} features denied |");
    assert!(include_str!("../../src/lib.rs").contains(&told), "{told}");
}

#[test]
fn what_strict_denies_is_allowed_by_name() {
    let headers = HeaderSet::strict()
        .change_permissions_policy(|policy| policy.allow_self("fullscreen"))
        .and_then(|headers| {
            headers.change_csp(|csp| csp.directive(Directive::TrustedTypes, ["app"]))
        })
        .unwrap();
    let answer = answer(&SecureHeadersPolicy::new(headers), &[]);
    let permissions = lines(&answer, "permissions-policy").unwrap();
    assert!(permissions.contains(", fullscreen=(self), gamepad=()"), "{permissions}");
    assert!(lines(&answer, "content-security-policy").unwrap().ends_with("; trusted-types app"));
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
    let nothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    assert_eq!(csp.as_deref(), Some(nothing));
    assert_eq!(lines(&answer, "x-content-type-options").as_deref(), Some("nosniff"));
    assert!(context.attached::<palisade_secure_headers::CspNonce>().is_none());
}

#[test]
fn what_a_preset_always_says_is_sent_without_a_copy() {
    let presets = [
        ("polymech", HeaderSet::polymech()),
        ("strict", HeaderSet::strict()),
        ("strict_static", HeaderSet::strict_static()),
        ("api", HeaderSet::api()),
    ];
    for (name, preset) in presets {
        let policy = SecureHeadersPolicy::new(preset);
        let (one, other) = (answer(&policy, &[]), answer(&policy, &[]));
        for (header, value) in one.headers() {
            let again = other.headers()[header].as_bytes();
            let differs = value.to_str().unwrap().contains("'nonce-");
            let same = std::ptr::eq(value.as_bytes(), again);
            assert_eq!(same, !differs, "{name}: {header}");
        }
    }
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
    assert_eq!("NONE".parse(), Ok(PermittedCrossDomainPolicies::None));
    assert_eq!("off".parse(), Ok(DnsPrefetchControl::Off));
    assert_eq!("noopener-allow-popups".parse(), Ok(CrossOriginOpenerPolicy::NoopenerAllowPopups));
}
