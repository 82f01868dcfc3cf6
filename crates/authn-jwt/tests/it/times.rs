//! `exp`, `nbf` and `iat`.

use std::time::Duration;

use palisade_authn_jwt::{Issuer, Verifier};
use serde_json::{Value, json};

use crate::fixture::{ISSUER, NOW, at, claims_with, issuer, keys, token, verdict, verifier};

fn check(changes: Value, expected: &str) {
    assert_eq!(verdict(&token(&claims_with(changes.clone()))), expected, "{changes}");
}

#[test]
fn the_end_is_required_and_exact() {
    check(json!({"exp": NOW + 1}), "ok");
    check(json!({"exp": NOW}), "expired");
    check(json!({"exp": NOW - 1}), "expired");
    check(json!({"exp": 0}), "expired");
    check(json!({"exp": null}), "malformed");
}

#[test]
fn the_start_may_be_a_little_ahead_of_us() {
    for name in ["nbf", "iat"] {
        check(json!({name: NOW + 10}), "ok");
        check(json!({name: NOW + 11}), "not-yet-valid");
        check(json!({name: 0}), "ok");
        check(json!({name: null}), "ok");
    }
}

#[test]
fn dates_may_have_fractions_and_must_be_dates() {
    check(json!({"exp": 1_767_225_600.5}), "ok");
    check(json!({"exp": 1_767_225_599.5}), "expired");
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!("1767225700"),
            json!(-1),
            json!(-0.5),
            json!(1e300),
            json!(u64::MAX),
            json!([]),
            json!(true),
        ] {
            check(json!({name: value}), "malformed");
        }
    }
}

#[test]
fn a_leeway_holds_at_both_ends() {
    let verifier =
        Verifier::builder().issuer(issuer()).leeway(Duration::from_secs(30)).build().unwrap();
    let token = token(&claims_with(json!({"iat": NOW, "exp": NOW + 60})));
    assert!(verifier.verify(&token, at(NOW - 30)).is_ok());
    assert!(verifier.verify(&token, at(NOW - 31)).is_err());
    assert!(verifier.verify(&token, at(NOW + 89)).is_ok());
    assert!(verifier.verify(&token, at(NOW + 90)).is_err());
}

#[test]
fn the_time_that_counts_is_the_one_that_was_given() {
    let token = token(&claims_with(json!({"exp": NOW + 60})));
    assert!(verifier().verify(&token, at(NOW + 59)).is_ok());
    assert!(verifier().verify(&token, at(NOW + 61)).is_err());
    assert!(verifier().verify(&token, std::time::UNIX_EPOCH).is_err());
}

#[test]
fn limits_out_of_range_do_not_build() {
    let build = |change: fn(_) -> _| {
        let builder: palisade_authn_jwt::VerifierBuilder =
            change(Verifier::builder().issuer(issuer()));
        builder.build().map(drop).map_err(|error| error.what().to_owned())
    };
    assert_eq!(build(|b: palisade_authn_jwt::VerifierBuilder| b), Ok(()));
    assert_eq!(build(|b| b.leeway(Duration::from_secs(301))), Err("leeway".into()));
    assert_eq!(build(|b| b.longest_token(255)), Err("length of the longest token".into()));
    assert_eq!(build(|b| b.cache_life(Duration::from_secs(31))), Err("life of a verdict".into()));
    assert_eq!(
        build(|b| b.cache_capacity(1_000_001)),
        Err("number of verdicts to remember".into())
    );
    assert_eq!(build(|b| b.issuer(issuer())), Err("issuer beside others".into()));
    let any =
        |b: palisade_authn_jwt::VerifierBuilder| b.issuer(Issuer::any_name(keys()).audience("api"));
    assert_eq!(build(any), Err("issuer beside others".into()));
    assert_eq!(
        build(|b| b.issuer(Issuer::new("", keys()).audience("api"))),
        Err("name of an issuer".into())
    );
    assert_eq!(build(|b| b.issuer(Issuer::new("x", keys()).audience(""))), Err("issuer".into()));
    let none = palisade_authn_jwt::Keys::default();
    assert!(Verifier::new(Issuer::new(ISSUER, none).audience("api")).is_err());
    assert!(Verifier::builder().build().is_err());
}
