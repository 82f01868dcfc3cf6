//! The development issuer.

use std::time::Duration;

use palisade_authn_jwt::{Verifier, mint::DevIssuer};

use crate::fixture::{NOW, SECRET, at, now};

#[test]
fn a_verifier_of_the_issuer_accepts_its_tokens() {
    let issuer = DevIssuer::hs256(SECRET).unwrap().name("dev").audience("me");
    let verifier = Verifier::new(issuer.issuer()).unwrap();
    let token = issuer.token("alice", &["admin"], Duration::from_secs(60), now()).unwrap();
    let verified = verifier.verify(&token, now()).unwrap();
    assert_eq!(verified.identity().subject(), "alice");
    assert!(verified.identity().is_admin());
    assert_eq!(verified.identity().issuer(), Some("dev"));
    assert_eq!(verified.claims().get("aud"), Some("me"));
    assert!(verifier.verify(&token, at(NOW + 59)).is_ok());
    assert!(verifier.verify(&token, at(NOW + 60)).is_err());
}

#[test]
fn no_two_tokens_are_the_same() {
    let issuer = DevIssuer::hs256(SECRET).unwrap();
    let token = || issuer.token("alice", &[], Duration::from_secs(60), now()).unwrap();
    assert_ne!(token(), token());
}

#[test]
fn nothing_is_signed_for_nobody_or_for_no_time() {
    let issuer = DevIssuer::hs256(SECRET).unwrap();
    assert!(issuer.token(" ", &[], Duration::from_secs(60), now()).is_err());
    assert!(issuer.token("alice", &[], Duration::from_millis(999), now()).is_err());
    assert!(DevIssuer::hs256(b"short").is_err());
    assert!(!format!("{issuer:?}").contains("secret"));
}
