//! Tokens that other libraries minted: what they signed is accepted, what was changed is refused.

use std::collections::BTreeSet;

use palisade_authn_jwt::{Issuer, Keys, Verifier, verify_jws};
use serde_json::Value;

use crate::{
    fixture::{ISSUER, now, verdict_of},
    published::set,
};

const ALGORITHMS: [&str; 6] = ["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"];

/// A token, as `tests/foreign` keeps it.
struct Minted {
    library: String,
    algorithm: String,
    subject: String,
    token: String,
}

fn minted() -> Vec<Minted> {
    let tokens: Vec<Value> = serde_json::from_str(include_str!("../foreign/tokens.json")).unwrap();
    let read = |token: &Value| {
        let text = |name: &str| token[name].as_str().expect(name).to_owned();
        Minted {
            library: text("library"),
            algorithm: text("algorithm"),
            subject: text("subject"),
            token: text("token"),
        }
    };
    tokens.iter().map(read).collect()
}

/// The keys that check them, one for each algorithm.
fn keys() -> Vec<Value> {
    let keys: Value = serde_json::from_str(include_str!("../foreign/jwks.json")).unwrap();
    keys["keys"].as_array().expect("an array").clone()
}

/// Trusts these keys and no others.
fn trusting(keys: &[Value]) -> Verifier {
    let keys = Keys::jwks_json_with_secrets(&set(keys)).unwrap();
    Verifier::new(Issuer::new(ISSUER, keys).audience("api")).unwrap()
}

/// Where each part begins, its middle, and where it ends.
fn places(token: &str) -> Vec<usize> {
    let mut start = 0;
    let of_part = |part: &str| {
        let (first, last) = (start, start + part.len() - 1);
        start = last + 2;
        [first, (first + last) / 2, last]
    };
    token.split('.').flat_map(of_part).collect()
}

#[test]
fn what_three_libraries_sign_by_six_algorithms_is_accepted() {
    let minted = minted();
    let pairs: BTreeSet<(&str, &str)> =
        minted.iter().map(|token| (&*token.library, &*token.algorithm)).collect();
    let by_all = |library| ALGORITHMS.map(|algorithm| (library, algorithm));
    let expected = ["PyJWT", "authlib", "jose"].into_iter().flat_map(by_all);
    assert_eq!(pairs, expected.collect::<BTreeSet<_>>());

    let verifier = trusting(&keys());
    for Minted { subject, token, .. } in &minted {
        let verified = verifier.verify(token, now()).expect(subject);
        assert_eq!(verified.identity().subject(), subject);
        let payload = verify_jws(token, &set(&keys())).expect(subject);
        assert_eq!(payload, verified.claims().json().as_bytes(), "{subject}");
    }
}

#[test]
fn one_character_changed_in_any_part_is_refused() {
    let verifier = trusting(&keys());
    for Minted { subject, token, .. } in minted() {
        let places = places(&token);
        assert_eq!(places.len(), 9, "{subject}");
        for place in places {
            let other = if token[place..].starts_with('A') { "B" } else { "A" };
            let mut changed = token.clone();
            changed.replace_range(place..=place, other);
            assert_ne!(verdict_of(&verifier, &changed), "ok", "{subject}, {other} at {place}");
        }
    }
}

#[test]
fn the_key_of_another_algorithm_is_refused_by_any_name() {
    let keys = keys();
    for Minted { algorithm, subject, token, .. } in minted() {
        let own = keys.iter().find(|key| key["alg"] == *algorithm).expect("a key");
        let others: Vec<&Value> = keys.iter().filter(|key| key["alg"] != *algorithm).collect();
        assert_eq!(others.len(), 5);
        for other in others {
            let verdict = |key: Value| verdict_of(&trusting(&[key]), &token);
            assert_eq!(verdict(other.clone()), "unknown-key", "{subject} by {}", other["alg"]);
            let mut renamed = other.clone();
            renamed["kid"] = own["kid"].clone();
            assert_eq!(verdict(renamed.clone()), "algorithm", "{subject} by {}", other["alg"]);
            assert!(verify_jws(&token, &renamed.to_string()).is_err(), "{subject}");
        }
    }
}
