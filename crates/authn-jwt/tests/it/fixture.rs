//! A signing side of our own, so that tests can also make what no honest issuer makes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::rust_crypto::DEFAULT_PROVIDER};
use palisade_authn_jwt::{Issuer, Keys, TokenError, Verified, Verifier};
use palisade_core::Identity;
use serde_json::{Value, json};

pub(crate) const SECRET: &[u8] = b"forty bytes that are secret to the tests";
pub(crate) const OTHER_SECRET: &[u8] = b"another secret that is long enough too";
pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What `ManualClock::new` shows: 2026-01-01.
pub(crate) const NOW: u64 = 1_767_225_600;

/// Who a token is from, or the last part of the code with which it is refused.
pub(crate) type Verdict = Result<Identity, &'static str>;

pub(crate) fn now() -> SystemTime {
    at(NOW)
}

pub(crate) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

pub(crate) fn encode(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// Good claims, an hour long.
pub(crate) fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "api", "sub": "alice", "iat": NOW, "exp": NOW + 3600})
}

/// Good claims, with these changed; `null` removes.
pub(crate) fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    let members = claims.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    claims
}

/// Signs any header over any payload.
pub(crate) fn sign_with(
    algorithm: Algorithm,
    key: &EncodingKey,
    header: &str,
    payload: impl AsRef<[u8]>,
) -> String {
    let signed = format!("{}.{}", encode(header), encode(payload));
    let signer = (DEFAULT_PROVIDER.signer_factory)(&algorithm, key).expect("a key to sign with");
    format!("{signed}.{}", encode(signer.sign(signed.as_bytes())))
}

/// Signs with the tests' secret.
pub(crate) fn sign(header: &str, payload: impl AsRef<[u8]>) -> String {
    sign_with(Algorithm::HS256, &EncodingKey::from_secret(SECRET), header, payload)
}

pub(crate) fn token(claims: &Value) -> String {
    sign(HS256, claims.to_string())
}

/// A secret as a JSON Web Key without a name.
pub(crate) fn secret_jwk(secret: &[u8]) -> Value {
    json!({"kty": "oct", "alg": "HS256", "k": encode(secret)})
}

pub(crate) fn keys() -> Keys {
    Keys::hs256(SECRET).expect("a long secret")
}

pub(crate) fn issuer() -> Issuer {
    Issuer::new(ISSUER, keys()).audience("api")
}

pub(crate) fn verifier() -> Verifier {
    Verifier::new(issuer()).expect("a verifier")
}

/// The last part of the code with which our verifier refuses `token`, or `ok`.
pub(crate) fn verdict(token: &str) -> &'static str {
    verdict_of(&verifier(), token)
}

pub(crate) fn verdict_of(verifier: &Verifier, token: &str) -> &'static str {
    word(said(verifier.verify(token, now())))
}

/// What our verifier said.
pub(crate) fn said(verdict: Result<Verified, TokenError>) -> Verdict {
    let last_part = |error: TokenError| error.code().as_str().strip_prefix("invalid-token.");
    verdict
        .map(|verified| verified.identity().clone())
        .map_err(|error| last_part(error).expect("one problem"))
}

/// A verdict in a word: the code, or `ok`.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    verdict.map_or_else(|code| code, |_| "ok")
}
