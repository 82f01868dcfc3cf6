//! Which keys build, and which of them a token takes.

use jsonwebtoken::{Algorithm, EncodingKey};
use palisade_authn_jwt::{Issuer, Keys, Verifier};
use palisade_core::ConfigError;
use serde_json::{Value, json};

use crate::fixture::{ISSUER, claims, encode, keys, sign, sign_with, verdict_of};

const RSA: &str = include_str!("../vectors/keys/rsa.public.pem");
const RSA_PKCS1: &str = include_str!("../vectors/keys/rsa.pkcs1.public.pem");
const RSA_PRIVATE: &str = include_str!("../vectors/keys/rsa.private.pem");
const RSA_SHORT: &str = include_str!("../vectors/keys/rsa1024.public.pem");
const P256: &str = include_str!("../vectors/keys/ec.P-256.public.pem");
const P256_PRIVATE: &str = include_str!("../vectors/keys/ec.P-256.private.pem");
const P384: &str = include_str!("../vectors/keys/ec.P-384.public.pem");
const P384_PRIVATE: &str = include_str!("../vectors/keys/ec.P-384.private.pem");
const SECP256K1: &str = include_str!("../vectors/keys/ec.secp256k1.public.pem");
const ED25519: &str = include_str!("../vectors/keys/ed25519.public.pem");
const ED25519_PRIVATE: &str = include_str!("../vectors/keys/ed25519.private.pem");

/// A point on P-256 and an Ed25519 key, of RFC 7515 appendix A.3 and RFC 8037 appendix A.
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const ED: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn verifier(keys: Keys) -> Verifier {
    Verifier::new(Issuer::new(ISSUER, keys).audience("api")).expect("a verifier")
}

fn check(keys: Keys, signed: (Algorithm, EncodingKey), alg: &str) -> &'static str {
    let header = json!({"alg": alg}).to_string();
    let token = sign_with(signed.0, &signed.1, &header, claims().to_string());
    verdict_of(&verifier(keys), &token)
}

fn is_refused(keys: Result<Keys, ConfigError>, expected: &str) {
    let error = keys.expect_err("a mistake").to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_secret_is_as_long_as_the_hash() {
    for (length, accepted) in
        [(0, [0, 0, 0]), (31, [0, 0, 0]), (32, [1, 0, 0]), (48, [1, 1, 0]), (64, [1, 1, 1])]
    {
        let secret = vec![7; length];
        let built = [Keys::hs256(&secret), Keys::hs384(&secret), Keys::hs512(&secret)];
        assert_eq!(built.map(|keys| usize::from(keys.is_ok())), accepted, "{length}");
    }
    let error = Keys::hs256(b"hunter2").unwrap_err().to_string();
    assert_eq!(
        error,
        "`7 bytes` is not a valid secret for signing tokens: expected at least 32 random bytes"
    );
}

#[test]
fn j2_the_file_of_a_key_is_no_secret() {
    let indented = format!("\n  {RSA}");
    let ssh = format!("ssh-ed25519 {}", "A".repeat(68));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": ED}).to_string();
    for file in [RSA, RSA.trim(), &indented, P256, ED25519, RSA_PKCS1, P256_PRIVATE, &ssh, &jwk] {
        is_refused(Keys::hs256(file.as_bytes()), "random bytes that nobody else has");
    }
    let text = "{a secret that somebody wrote by hand, with braces}";
    assert!(Keys::hs256(text.as_bytes()).is_ok());
}

#[test]
fn every_algorithm_verifies_its_own_signature() {
    let secret = [7; 64];
    let hmac = || EncodingKey::from_secret(&secret);
    let rsa = || EncodingKey::from_rsa_pem(RSA_PRIVATE.as_bytes()).unwrap();
    let p256 = EncodingKey::from_ec_pem(P256_PRIVATE.as_bytes()).unwrap();
    let p384 = EncodingKey::from_ec_pem(P384_PRIVATE.as_bytes()).unwrap();
    let ed = || EncodingKey::from_ed_pem(ED25519_PRIVATE.as_bytes()).unwrap();
    assert_eq!(check(Keys::hs256(&secret).unwrap(), (Algorithm::HS256, hmac()), "HS256"), "ok");
    assert_eq!(check(Keys::hs384(&secret).unwrap(), (Algorithm::HS384, hmac()), "HS384"), "ok");
    assert_eq!(check(Keys::hs512(&secret).unwrap(), (Algorithm::HS512, hmac()), "HS512"), "ok");
    assert_eq!(check(Keys::rsa_pem(RSA).unwrap(), (Algorithm::RS256, rsa()), "RS256"), "ok");
    assert_eq!(check(Keys::rsa_pem(RSA_PKCS1).unwrap(), (Algorithm::RS256, rsa()), "RS256"), "ok");
    assert_eq!(check(Keys::rsa_pss_pem(RSA).unwrap(), (Algorithm::PS256, rsa()), "PS256"), "ok");
    assert_eq!(check(Keys::ec_pem(P256).unwrap(), (Algorithm::ES256, p256), "ES256"), "ok");
    assert_eq!(check(Keys::ec_pem(P384).unwrap(), (Algorithm::ES384, p384), "ES384"), "ok");
    assert_eq!(check(Keys::ed_pem(ED25519).unwrap(), (Algorithm::EdDSA, ed()), "EdDSA"), "ok");
    assert_eq!(check(Keys::ed_pem(ED25519).unwrap(), (Algorithm::EdDSA, ed()), "Ed25519"), "ok");
    assert_eq!(
        check(Keys::ed_pem(ED25519).unwrap(), (Algorithm::EdDSA, ed()), "Ed448"),
        "algorithm"
    );
}

#[test]
fn files_that_are_not_the_public_key_that_was_asked_for_do_not_build() {
    is_refused(Keys::rsa_pem(RSA_PRIVATE), "must not be able to sign");
    is_refused(Keys::ec_pem(P256_PRIVATE), "must not be able to sign");
    is_refused(Keys::ed_pem(ED25519_PRIVATE), "must not be able to sign");
    is_refused(Keys::rsa_pem(RSA_SHORT), "2048 to 4096 bits");
    is_refused(Keys::rsa_pem(P256), "one public key");
    is_refused(Keys::ec_pem(RSA), "one public key");
    is_refused(Keys::ec_pem(SECP256K1), "P-256 or P-384");
    is_refused(Keys::ed_pem(P256), "one public key");
    is_refused(Keys::rsa_pem(""), "one public key");
    is_refused(Keys::rsa_pem("ssh-rsa AAAA"), "one public key");
    is_refused(Keys::rsa_pem(&RSA.replace("PUBLIC KEY", "CERTIFICATE")), "one public key");
    is_refused(Keys::rsa_pem(&format!("{RSA}{RSA}")), "one public key");
    is_refused(Keys::rsa_pem(&"x".repeat(20_000)), "one public key");
    let error = Keys::rsa_pem(RSA_PRIVATE).unwrap_err().to_string();
    assert!(!error.contains("MII"), "{error}");
}

#[test]
fn a_jwk_must_be_a_public_key_to_sign_with() {
    let base = || json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "1"});
    let with = |changes: Value| {
        let mut jwk = base();
        for (name, value) in changes.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        Keys::jwk_json(&jwk.to_string())
    };
    assert_eq!(with(json!({})).unwrap().len(), 1);
    assert!(
        with(json!({"alg": "ES256", "use": "sig", "key_ops": ["verify"], "x5c": ["x"]})).is_ok()
    );
    is_refused(with(json!({"use": "enc"})), "sig");
    is_refused(with(json!({"key_ops": ["encrypt"]})), "verify");
    is_refused(with(json!({"alg": "RS256"})), "fits the key");
    is_refused(with(json!({"alg": "ES384"})), "fits the key");
    is_refused(with(json!({"alg": "none"})), "fits the key");
    is_refused(with(json!({"alg": null})), "fits the key");
    is_refused(with(json!({"kid": ""})), "kid");
    is_refused(with(json!({"kid": 7})), "kid");
    is_refused(with(json!({"kid": "k".repeat(257)})), "kid");
    is_refused(with(json!({"crv": "P-521"})), "P-256");
    is_refused(with(json!({"x": "AA"})), "full length");
    is_refused(with(json!({"x": null})), "members");
    is_refused(with(json!({"x": format!("{X}=")})), "base64url");
    is_refused(with(json!({"kty": "ec"})), "type RSA");
    is_refused(Keys::jwk_json(r#"{"kty":"oct","k":"AA","alg":"HS256"}"#), "own constructor");
    is_refused(Keys::jwk_json(r#"{"kty":"RSA","kty":"oct"}"#), "duplicate");
    is_refused(Keys::jwk_json("[]"), "JSON");
    is_refused(
        Keys::jwk_json(&format!(r#"{{"kty":"RSA","n":"{}","e":"Aw"}}"#, encode([0xff; 128]))),
        "2048",
    );
    is_refused(
        Keys::jwk_json(&format!(r#"{{"kty":"RSA","n":"{}","e":"AQ"}}"#, encode([0xff; 256]))),
        "exponent",
    );
    is_refused(
        Keys::jwk_json(&format!(r#"{{"kty":"RSA","n":"{}","e":"Ag"}}"#, encode([0xff; 256]))),
        "exponent",
    );
    is_refused(Keys::jwk_json(r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#), "32 bytes");
    is_refused(Keys::jwk_json(r#"{"kty":"OKP","crv":"Ed448","x":"AA"}"#), "type RSA");
}

#[test]
fn a_key_under_which_one_signature_fits_every_token_does_not_build() {
    let jwk = |x: [u8; 32]| {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(x)}).to_string();
        Keys::jwk_json(&jwk)
    };
    let (mut one, mut minus_one) = ([0; 32], [0xff; 32]);
    one[0] = 1;
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    for mut point in [[0; 32], one, minus_one] {
        is_refused(jwk(point), "large group");
        point[31] |= 0x80;
        is_refused(jwk(point), "large group");
    }
    // The neutral element, the zero signature, and any text at all.
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(one)}).to_string();
    let mut signature = [0; 64];
    signature[0] = 1;
    let token = format!("{}.e30.{}", encode(r#"{"alg":"EdDSA"}"#), encode(signature));
    assert!(palisade_authn_jwt::verify_jws(&token, &key).is_err());
}

#[test]
fn a_shared_secret_in_a_set_needs_its_own_constructor_and_its_alg() {
    let jwk = |alg: &str| format!(r#"{{"kty":"oct","kid":"1","k":"{}"{alg}}}"#, encode([7; 32]));
    assert!(Keys::jwk_json_with_secrets(&jwk(r#","alg":"HS256""#)).is_ok());
    is_refused(Keys::jwk_json_with_secrets(&jwk("")), "must name");
    is_refused(Keys::jwk_json_with_secrets(&jwk(r#","alg":"HS512""#)), "as long as the hash");
    let set = format!(r#"{{"keys":[{}]}}"#, jwk(r#","alg":"HS256""#));
    assert_eq!(Keys::jwks_json_with_secrets(&set).unwrap().len(), 1);
    is_refused(Keys::jwks_json(&set), "usable");
}

#[test]
fn a_set_skips_what_it_cannot_use_and_counts_it() {
    let ec = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "1"});
    let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": ED, "kid": "2"});
    let unknown = json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "3"});
    let encrypts = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "4", "use": "enc"});
    let set = json!({"keys": [ec, ed, unknown, encrypts, 7, ec]}).to_string();
    let keys = Keys::jwks_json(&set).unwrap();
    assert_eq!((keys.len(), keys.skipped()), (2, 4));
    // Nor does one spoil the set that no two readers read alike.
    let twice = ed.to_string().replacen('{', r#"{"kid":"3","#, 1);
    let keys = Keys::jwks_json(&format!(r#"{{"keys":[{twice},{ec}]}}"#)).unwrap();
    assert_eq!((keys.len(), keys.skipped()), (1, 1));
    is_refused(Keys::jwks_json(&format!(r#"{{"keys":[{ec}],"keys":[{ed}]}}"#)), "duplicate");
    is_refused(Keys::jwks_json(r#"{"keys":[]}"#), "usable");
    is_refused(Keys::jwks_json(r#"{"keys":{}}"#), "array");
    is_refused(Keys::jwks_json("<html>"), "JSON");
    is_refused(Keys::jwks_json(&json!({"keys": vec![ec; 65]}).to_string()), "64 keys");
    is_refused(Keys::jwks_json(&" ".repeat(256 * 1024 + 1)), "256 KiB");
}

#[test]
fn a_token_takes_the_key_it_names_or_the_one_without_a_name() {
    let other = || Keys::hs256(&[7; 32]).unwrap();
    let kid = |keys: Keys, kid: Option<&str>| {
        let header = kid.map_or(json!({"alg": "HS256"}), |kid| json!({"alg": "HS256", "kid": kid}));
        verdict_of(&verifier(keys), &sign(&header.to_string(), claims().to_string()))
    };
    // Alone and without a name.
    assert_eq!(kid(keys(), None), "ok");
    assert_eq!(kid(keys(), Some("x")), "ok");
    // Alone and with a name.
    assert_eq!(kid(keys().named("a").unwrap(), None), "ok");
    assert_eq!(kid(keys().named("a").unwrap(), Some("a")), "ok");
    assert_eq!(kid(keys().named("a").unwrap(), Some("b")), "unknown-key");
    // Of two with names.
    let two = || keys().named("a").unwrap().and(other().named("b").unwrap()).unwrap();
    assert_eq!(kid(two(), Some("a")), "ok");
    assert_eq!(kid(two(), Some("b")), "signature");
    assert_eq!(kid(two(), None), "unknown-key");
    // Of one with and one without.
    let mixed = || keys().and(other().named("b").unwrap()).unwrap();
    assert_eq!(kid(mixed(), None), "ok");
    assert_eq!(kid(mixed(), Some("b")), "signature");
    assert_eq!(kid(mixed(), Some("c")), "ok");
    is_refused(keys().and(other()), "no name");
    is_refused(two().and(other().named("a").unwrap()), "`a`");
    is_refused(keys().named(""), "1 to 256");
    is_refused(two().named("c"), "without a name");
}

#[test]
fn a_point_beside_its_curve_verifies_nothing() {
    let beside = format!("{}A", &Y[..Y.len() - 1]);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": X, "y": beside}).to_string();
    if let Ok(keys) = Keys::jwk_json(&jwk) {
        let key = EncodingKey::from_ec_pem(P256_PRIVATE.as_bytes()).unwrap();
        assert_eq!(check(keys, (Algorithm::ES256, key), "ES256"), "signature");
    }
}

#[test]
fn keys_are_replaced_for_an_issuer_that_exists() {
    let verifier = verifier(keys());
    assert!(verifier.replace_keys(Some("https://other.example"), keys()).is_err());
    assert!(verifier.replace_keys(None, keys()).is_err());
    assert!(verifier.replace_keys(Some(ISSUER), Keys::default()).is_err());
    assert!(verifier.replace_keys(Some(ISSUER), keys()).is_ok());
}
