//! HSTS: its value, and over which transport it is sent.

use std::time::Duration;

use palisade_core::{Clock, Policy, SecurityContext, Transport};
use palisade_secure_headers::{Handler, Header, HeaderSet, Hsts, HstsWhen, SecureHeadersPolicy};
use palisade_test_support::{Ask, head_of};

use crate::{answer_of, lines};

const YEAR: Duration = Duration::from_secs(31_536_000);
const NAME: &str = "strict-transport-security";

fn by_default() -> SecureHeadersPolicy {
    SecureHeadersPolicy::new(HeaderSet::empty().hsts(Hsts::including_subdomains(YEAR)))
}

/// What an answer says, by the connection alone, to a handler that sets none.
fn sent_over(policy: &SecureHeadersPolicy, transport: Option<Transport>) -> Option<String> {
    let ask = Ask::get("/").header("x-forwarded-proto", "https");
    let ask = match transport {
        Some(transport) => ask.over(transport),
        None => ask,
    };
    lines(&answer_of(policy, ask, None, &[]).0, NAME)
}

#[test]
fn values_are_written_as_in_the_rfc() {
    assert_eq!(Hsts::including_subdomains(YEAR).to_string(), "max-age=31536000; includeSubDomains");
    assert_eq!(Hsts::excluding_subdomains(YEAR).to_string(), "max-age=31536000");
    assert_eq!(Hsts::forget().to_string(), "max-age=0");
    let preload = Hsts::including_subdomains(YEAR).preload().unwrap().to_string();
    assert_eq!(preload, "max-age=31536000; includeSubDomains; preload");
}

#[test]
fn what_the_preload_list_would_not_take_is_refused_at_build() {
    assert!(Hsts::excluding_subdomains(YEAR).preload().is_err());
    let month = Duration::from_secs(2_592_000);
    let error = Hsts::including_subdomains(month).preload().unwrap_err().to_string();
    assert!(error.contains("at least one year"), "{error}");
}

#[test]
fn over_plain_http_none_is_sent_and_a_handlers_own_is_taken_away() {
    let own = [(NAME, "max-age=60")];
    let forged = Ask::get("/").header("x-forwarded-proto", "https");
    let (answer, _) = answer_of(&by_default(), forged, None, &own);
    assert_eq!(lines(&answer, NAME), None);
}

#[test]
fn every_preset_sends_it_over_tls_alone() {
    let presets =
        [HeaderSet::polymech(), HeaderSet::api(), HeaderSet::strict(), HeaderSet::strict_static()];
    for preset in presets {
        let policy = SecureHeadersPolicy::new(preset);
        assert!(sent_over(&policy, Some(Transport::Secure)).is_some());
        assert_eq!(sent_over(&policy, Some(Transport::Plain)), None);
        assert_eq!(sent_over(&policy, None), None, "what is not known is not TLS");
    }
}

#[test]
fn who_cannot_know_sends_it_always_by_name() {
    let hsts = Hsts::including_subdomains(YEAR).when(HstsWhen::Always);
    let policy = SecureHeadersPolicy::new(HeaderSet::empty().hsts(hsts));
    for transport in [None, Some(Transport::Plain), Some(Transport::Secure)] {
        assert!(sent_over(&policy, transport).is_some());
    }
}

#[test]
fn a_handlers_own_that_is_to_stay_also_stays_over_plain_http() {
    let headers = HeaderSet::empty()
        .hsts(Hsts::including_subdomains(YEAR))
        .handler(Header::Hsts, Handler::Keep);
    let policy = SecureHeadersPolicy::new(headers);
    let (answer, _) = answer_of(&policy, Ask::get("/"), None, &[(NAME, "max-age=60")]);
    assert_eq!(lines(&answer, NAME).as_deref(), Some("max-age=60"));
}

#[test]
fn over_tls_it_is_sent_whoever_says_so() {
    let policy = by_default();
    let sent = |socket: Option<Transport>, proxy: Option<Transport>| {
        let ask = Ask::get("/");
        let mut head = head_of(match socket {
            Some(transport) => ask.over(transport),
            None => ask,
        });
        let context = SecurityContext::ensure(&mut head, &Clock::system());
        let _passed = policy.check(&mut head, &context);
        if let Some(transport) = proxy {
            context.learn_transport(transport);
        }
        let (mut parts, ()) = http::Response::new(()).into_parts();
        policy.finish(&context, &mut parts);
        parts.headers.contains_key(NAME)
    };
    assert!(sent(Some(Transport::Secure), None));
    assert!(sent(None, Some(Transport::Secure)));
    // A proxy that is trusted knows of the client's connection; the socket tells of the proxy's.
    assert!(sent(Some(Transport::Plain), Some(Transport::Secure)));
    assert!(!sent(Some(Transport::Secure), Some(Transport::Plain)));
    assert!(!sent(None, None));
}
