//! Clients that bring tokens whose signature is wrong.

use std::{net::IpAddr, time::Duration};

use palisade_authn_jwt::{LenientAuth, OptionalAuth, StrictAuth, TokenError, Verifier};
use palisade_core::{
    Access, ClientIp, ClientIpSource, IpKey, Ipv6Prefix, ManualClock, Policies, Rejection, Route,
    SecurityContext, ViolationKind,
};
use palisade_test_support::Ask;
use proptest::prelude::*;
use serde_json::json;

use crate::fixture::{HS256, NOW, claims_with, encode, issuer, token};

fn verifier(at_once: u32, per_second: u32) -> Verifier {
    Verifier::builder().issuer(issuer()).failure_budget(at_once, per_second).build().unwrap()
}

fn client(address: &str) -> IpKey {
    IpKey::new(address.parse().unwrap(), Ipv6Prefix::default())
}

/// A good token of this user.
fn good(user: &str) -> String {
    token(&claims_with(json!({"sub": user})))
}

/// The same with a signature of zeros.
fn forged(user: &str) -> String {
    let token = good(user);
    let (signed, _) = token.rsplit_once('.').unwrap();
    format!("{signed}.{}", encode([0; 32]))
}

/// How many different forged tokens of `client` are computed until it is refused, of this many.
fn computed(verifier: &Verifier, client: IpKey, clock: &ManualClock, of: usize) -> usize {
    let before = verifier.computed_signatures();
    let verdicts = (0..of).map(|number| {
        let token = forged(&format!("{before}-{number}"));
        verifier.authenticate_from(client, &token, clock.now()).unwrap_err()
    });
    let computed = verdicts.take_while(|error| *error == TokenError::Signature).count();
    assert_eq!(verifier.computed_signatures() - before, u64::try_from(computed).unwrap());
    computed
}

#[test]
fn who_fails_too_often_is_refused_before_anything_is_computed() {
    let (clock, verifier) = (ManualClock::new(), verifier(5, 2));
    let attacker = client("203.0.113.9");
    assert_eq!(computed(&verifier, attacker, &clock, 20), 5);
    assert_eq!(computed(&verifier, attacker, &clock, 20), 0);
    let error = verifier.authenticate_from(attacker, &good("alice"), clock.now()).unwrap_err();
    assert_eq!(error, TokenError::TooManyFailures);
    // One more every half second.
    clock.advance(Duration::from_millis(499));
    assert_eq!(computed(&verifier, attacker, &clock, 20), 0);
    clock.advance(Duration::from_millis(1));
    assert_eq!(computed(&verifier, attacker, &clock, 20), 1);
    clock.advance(Duration::from_secs(60));
    assert_eq!(computed(&verifier, attacker, &clock, 20), 5);
    // Others are not concerned, and neither is who does not say where it is from.
    assert!(verifier.authenticate_from(client("203.0.113.8"), &good("bob"), clock.now()).is_ok());
    assert!(verifier.authenticate(&good("carol"), clock.now()).is_ok());
}

#[test]
fn what_is_remembered_of_a_client_without_budget_is_still_good() {
    let (clock, verifier) = (ManualClock::new(), verifier(5, 1));
    let shared = client("203.0.113.9");
    assert!(verifier.authenticate_from(shared, &good("alice"), clock.now()).is_ok());
    assert_eq!(computed(&verifier, shared, &clock, 20), 5);
    assert!(verifier.authenticate_from(shared, &good("alice"), clock.now()).is_ok());
    // A bad one that is remembered is refused for what it is.
    let known = forged("alice");
    clock.advance(Duration::from_secs(1));
    for _ in 0..3 {
        let error = verifier.authenticate_from(shared, &known, clock.now()).unwrap_err();
        assert_eq!(error, TokenError::Signature);
    }
}

#[test]
fn only_signatures_that_were_computed_and_wrong_count() {
    let (clock, verifier) = (ManualClock::new(), verifier(1, 1));
    let client = client("203.0.113.9");
    let mut harmless = vec!["a.b.c".to_owned(), "x".repeat(9_000)];
    for number in 0..20 {
        harmless.push(good(&format!("user-{number}")));
        harmless.push(token(&claims_with(json!({"exp": NOW - number}))));
        harmless.push(token(&claims_with(json!({"aud": format!("aud-{number}")}))));
        harmless.push(format!("{}.{}.AAAA", encode(r#"{"alg":"none"}"#), encode(HS256)));
    }
    for token in &harmless {
        let verdict = verifier.authenticate_from(client, token, clock.now());
        assert_ne!(verdict.err(), Some(TokenError::TooManyFailures));
    }
    // Expired ones are refused without a signature, also when theirs is wrong.
    let before = verifier.computed_signatures();
    let expired = token(&claims_with(json!({"exp": NOW - 100})));
    let expired = format!("{}AAAA", &expired[..expired.len() - 4]);
    let error = verifier.authenticate_from(client, &expired, clock.now()).unwrap_err();
    assert_eq!(error, TokenError::Expired);
    assert_eq!(verifier.computed_signatures(), before);
    // One token over and over is one failure.
    for _ in 0..20 {
        let error =
            verifier.authenticate_from(client, &forged("mallory"), clock.now()).unwrap_err();
        assert_eq!(error, TokenError::Signature);
    }
    assert_eq!(computed(&verifier, client, &clock, 20), 0);
}

#[test]
fn an_ipv6_network_is_one_client() {
    let (clock, verifier) = (ManualClock::new(), verifier(4, 1));
    for (address, expected) in [
        ("2001:db8::1", 4),
        ("2001:db8::ffff:2", 0),
        ("2001:db8:0:1::1", 4),
        ("::ffff:203.0.113.9", 4),
        ("203.0.113.9", 0),
    ] {
        assert_eq!(computed(&verifier, client(address), &clock, 10), expected, "{address}");
    }
}

#[test]
fn a_verifier_without_a_budget_computes_for_everybody() {
    let clock = ManualClock::new();
    let verifier = Verifier::builder().issuer(issuer()).without_failure_budget().build().unwrap();
    assert_eq!(computed(&verifier, client("203.0.113.9"), &clock, 300), 300);
    let usual = Verifier::new(issuer()).unwrap();
    assert_eq!(computed(&usual, client("203.0.113.9"), &clock, 300), 100);
    for (at_once, per_second) in [(0, 1), (1, 0), (1_000_001, 1), (1, 1_001)] {
        let builder = Verifier::builder().issuer(issuer());
        let error = builder.failure_budget(at_once, per_second).build().unwrap_err();
        assert_eq!(error.what(), "budget of failures");
    }
}

/// What a request with `token` from this address gets: the status and the code, if it was refused.
fn asked(
    policies: impl Policies,
    token: &str,
    from: Option<&str>,
    clock: &ManualClock,
) -> (u16, &'static str) {
    let context = SecurityContext::new(clock.now());
    context.learn_route(Route::new("x", Access::Public));
    if let Some(address) = from {
        let address: IpAddr = address.parse().unwrap();
        let client = ClientIp::new(address, ClientIpSource::Peer, Ipv6Prefix::default());
        context.learn_client_ip(client);
    }
    let answer = Ask::get("/").bearer(token).context(&context).policies(policies);
    let Some(rejection) = answer.extensions().get::<Rejection>() else {
        return (answer.status().as_u16(), "");
    };
    if rejection.code().problem() == "quota-exceeded" {
        assert_eq!(rejection.violation_kind(), Some(ViolationKind::RateLimit));
        assert_eq!(rejection.violated_policies().collect::<Vec<_>>(), ["invalid-tokens"]);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert!(!answer.headers().contains_key("www-authenticate"));
    }
    (answer.status().as_u16(), rejection.code().as_str())
}

#[test]
fn a_flood_of_forged_tokens_is_429_in_every_mode() {
    const OVER: (u16, &str) = (429, "quota-exceeded.invalid-tokens");
    const WRONG: (u16, &str) = (401, "invalid-token.signature");
    let (clock, verifier) = (ManualClock::new(), verifier(2, 1));
    let strict = |token: &str, from| asked(StrictAuth::new(verifier.clone()), token, from, &clock);
    let address = Some("203.0.113.9");
    assert_eq!(strict(&forged("a"), address), WRONG);
    assert_eq!(strict(&forged("b"), address), WRONG);
    assert_eq!(strict(&forged("c"), address), OVER);
    // All that share the verifier share the budget.
    let optional = OptionalAuth::new(verifier.clone());
    assert_eq!(asked(optional, &forged("c"), address, &clock), OVER);
    let lenient = LenientAuth::new(verifier.clone());
    assert_eq!(asked(lenient, &good("alice"), address, &clock), OVER);
    assert_eq!(strict(&good("alice"), Some("203.0.113.8")), (200, ""));
    // Now it is remembered.
    assert_eq!(strict(&good("alice"), address), (200, ""));
    // Where nobody learnt the address, there is nobody to count for.
    for number in 0..10 {
        assert_eq!(strict(&forged(&number.to_string()), None), WRONG);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Law: within any time, no client has more signatures computed than its budget allows for that time, whoever else fails.
    #[test]
    fn no_client_gets_more_than_its_budget(
        turns in prop::collection::vec((0_u8..3, 0_u64..700), 1..40),
        at_once in 1_u32..5,
        per_second in 1_u32..4,
    ) {
        let (clock, verifier) = (ManualClock::new(), verifier(at_once, per_second));
        let mut computed = [0_u64; 3];
        let mut passed = 0;
        for (turn, (who, wait)) in turns.into_iter().enumerate() {
            let client = client(&format!("203.0.113.{who}"));
            let token = forged(&turn.to_string());
            let error = verifier.authenticate_from(client, &token, clock.now()).unwrap_err();
            if error == TokenError::Signature {
                computed[usize::from(who)] += 1;
            }
            let most = u64::from(at_once) + passed * u64::from(per_second) / 1_000 + 1;
            prop_assert!(computed[usize::from(who)] <= most);
            clock.advance(Duration::from_millis(wait));
            passed += wait;
        }
    }
}
