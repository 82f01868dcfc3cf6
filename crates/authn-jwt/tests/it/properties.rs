//! Laws that hold for every token.

use palisade_authn_jwt::{Keys, verify_jws};
use palisade_core::ManualClock;
use proptest::prelude::*;
use serde_json::json;

use crate::fixture::{HS256, claims, encode, now, sign, token, verifier};

/// Every byte that may stand in a token, and a few that may not.
const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= ";

#[test]
fn every_change_of_one_character_is_refused() {
    let good = token(&claims());
    let (clock, verifier) = (ManualClock::new(), verifier());
    assert!(verifier.authenticate(&good, clock.now()).is_ok());
    for place in 0..good.len() {
        for other in ALPHABET.chars() {
            let mut bad = good.clone();
            bad.replace_range(place..=place, other.encode_utf8(&mut [0; 4]));
            if bad != good {
                assert!(verifier.verify(&bad, now()).is_err(), "{other} at {place}");
            }
        }
        let mut shorter = good.clone();
        shorter.remove(place);
        assert!(verifier.verify(&shorter, now()).is_err(), "without {place}");
        let mut longer = good.clone();
        longer.insert(place, 'A');
        assert!(verifier.verify(&longer, now()).is_err(), "A at {place}");
    }
}

proptest! {
    /// Whatever is sent, it is judged without a panic, and it is not good.
    #[test]
    fn arbitrary_text_never_verifies(text in "\\PC{0,200}") {
        prop_assert!(verifier().verify(&text, now()).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_verify(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verifier().verify(&String::from_utf8_lossy(&bytes), now()).is_err());
    }

    /// The same, past the outside checks.
    #[test]
    fn arbitrary_parts_never_verify(
        header in prop::collection::vec(any::<u8>(), 0..60),
        payload in prop::collection::vec(any::<u8>(), 0..60),
        signature in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let text = format!("{}.{}.{}", encode(header), encode(&payload), encode(&signature));
        prop_assert!(verifier().verify(&text, now()).is_err());
        let text = format!("{}.{}.{}", encode(HS256), encode(payload), encode(signature));
        prop_assert!(verifier().verify(&text, now()).is_err());
    }

    /// A payload that is signed and yet nonsense is refused, or is an object with a subject and a future end.
    #[test]
    fn signed_nonsense_never_panics(payload in "\\PC{0,80}", name in "[a-z]{1,8}", number in any::<i64>()) {
        prop_assert!(verifier().verify(&sign(HS256, &payload), now()).is_err());
        let mut claims = claims();
        claims[name.as_str()] = json!(number);
        let _verdict = verifier().verify(&token(&claims), now());
    }

    /// Asking the memory gives the same verdict as asking the verifier, first and later. Only the reason of a refusal may
    /// be an older one: a token that names no subject stays refused for that when it expires as well.
    #[test]
    fn memory_never_changes_a_verdict(aud in "api|x", sub in "[ab]?", end in -2_i64..3, times in 1..4) {
        let clock = ManualClock::new();
        let verifier = verifier();
        let end = i64::try_from(crate::fixture::NOW).unwrap() + end;
        let token = token(&crate::fixture::claims_with(json!({"aud": aud, "sub": sub, "exp": end})));
        for turn in 0..times {
            let fresh = verifier.verify(&token, clock.now().wall()).map(|v| v.identity().clone());
            let remembered = verifier.authenticate(&token, clock.now()).map(|v| v.identity().clone());
            if turn == 0 {
                prop_assert_eq!(&fresh, &remembered);
            }
            prop_assert_eq!(fresh.ok(), remembered.ok());
            clock.advance(std::time::Duration::from_secs(1));
        }
    }

    /// Key sets come from files and, one day, from the network.
    #[test]
    fn arbitrary_key_sets_never_panic(text in "\\PC{0,200}", member in "[a-zA-Z0-9_-]{0,90}", kty in "RSA|EC|OKP|oct") {
        prop_assert!(Keys::jwks_json(&text).is_err());
        let jwk = json!({
            "kty": kty, "crv": "P-256", "kid": member, "n": member, "e": member, "x": member, "y": member, "k": member, "alg": "HS256",
        });
        let _keys = Keys::jwk_json_with_secrets(&jwk.to_string());
        let okp = json!({"kty": "OKP", "crv": "Ed25519", "x": member});
        if Keys::jwk_json(&okp.to_string()).is_ok() {
            let token = format!("{}.{}.{}", encode(r#"{"alg":"EdDSA"}"#), encode("{}"), encode([7; 64]));
            prop_assert!(verify_jws(&token, &okp.to_string()).is_err());
        }
        let _keys = Keys::ec_pem(&format!("-----BEGIN PUBLIC KEY-----\n{member}\n-----END PUBLIC KEY-----"));
    }
}
