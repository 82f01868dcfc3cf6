//! The keys an issuer publishes, and tokens signed with them.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::fixture::{encode, sign_with};

const ED25519: &str = include_str!("../vectors/keys/ed25519.public.pem");
const ED25519_PRIVATE: &str = include_str!("../vectors/keys/ed25519.private.pem");
/// The key of RFC 8037 appendix A, and what stands in front of the private half in PKCS #8 (RFC 8410 section 7).
const OTHER_ED25519: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const OTHER_ED25519_PRIVATE: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const P256: &str = include_str!("../vectors/keys/ec.P-256.public.pem");
const P256_PRIVATE: &str = include_str!("../vectors/keys/ec.P-256.private.pem");

/// The last bytes of a public key in PEM: its coordinates.
pub(crate) fn last_bytes(pem: &str, count: usize) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).unwrap();
    der[der.len() - count..].to_vec()
}

/// The Ed25519 key, as the issuer publishes it under this name.
pub(crate) fn ed25519_jwk(kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": encode(last_bytes(ED25519, 32))})
}

/// Another Ed25519 key.
pub(crate) fn other_ed25519_jwk(kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": OTHER_ED25519})
}

/// The same without a name.
pub(crate) fn unnamed(mut jwk: Value) -> Value {
    jwk.as_object_mut().unwrap().remove("kid");
    jwk
}

/// The key on P-256.
pub(crate) fn p256_jwk(kid: &str) -> Value {
    let point = last_bytes(P256, 64);
    let (x, y) = point.split_at(32);
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": encode(x), "y": encode(y)})
}

pub(crate) fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// A token signed with the Ed25519 key under this name.
pub(crate) fn ed25519_token(kid: &str, claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(ED25519_PRIVATE.as_bytes()).unwrap();
    let header = json!({"alg": "EdDSA", "kid": kid}).to_string();
    sign_with(Algorithm::EdDSA, &key, &header, claims.to_string())
}

/// A token signed with the other Ed25519 key.
pub(crate) fn other_ed25519_token(kid: &str, claims: &Value) -> String {
    let private = URL_SAFE_NO_PAD.decode(OTHER_ED25519_PRIVATE).unwrap();
    let key = EncodingKey::from_ed_der(&[&PKCS8[..], &private[..]].concat());
    let header = json!({"alg": "EdDSA", "kid": kid}).to_string();
    sign_with(Algorithm::EdDSA, &key, &header, claims.to_string())
}

/// A token signed with the key on P-256.
pub(crate) fn p256_token(kid: &str, claims: &Value) -> String {
    let key = EncodingKey::from_ec_pem(P256_PRIVATE.as_bytes()).unwrap();
    let header = json!({"alg": "ES256", "kid": kid}).to_string();
    sign_with(Algorithm::ES256, &key, &header, claims.to_string())
}
