//! Tokens: any text, any keys, and any header and claims under a signature that is right.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::rust_crypto::DEFAULT_PROVIDER};
use palisade_authn_jwt::{Issuer, Keys, Verifier, verify_jws};
use palisade_core::{ConfigError, ManualClock};
use serde_json::Value;

/// TEST KEYS, those of the tests: the tokens there are good seeds.
const SECRET: &[u8] = b"forty bytes that are secret to the tests";
const KEYS: &str = include_str!("../../crates/authn-jwt/tests/foreign/jwks.json");
const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "api";

static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::new().expect("the keys of the tests"));

/// What tokens are judged by.
struct Bench {
    /// One issuer, whatever `iss` says until the signature is right.
    one: Verifier,
    /// Several, of which `iss` chooses.
    several: Verifier,
    /// Stands still.
    clock: ManualClock,
    signing: EncodingKey,
}

impl Bench {
    fn new() -> Result<Self, ConfigError> {
        let one = Issuer::new(ISSUER, Keys::hs256(SECRET)?).audience(AUDIENCE);
        let people = Issuer::new(ISSUER, Keys::jwks_json_with_secrets(KEYS)?).audience(AUDIENCE);
        let machines =
            Issuer::new("https://other.example", Keys::hs256(SECRET)?).accept_any_audience();
        Ok(Self {
            one: Verifier::new(one)?,
            several: Verifier::builder().issuer(people).issuer(machines).build()?,
            clock: ManualClock::new(),
            signing: EncodingKey::from_secret(SECRET),
        })
    }
}

/// Takes the input for a token; and its first line for a token and the rest for keys; and the first line for a header and
/// the rest for claims.
pub fn token(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let text = &*text;
    judged(text);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    judged_by(first, rest);
    signed(first, rest);
}

/// A verdict is the same at first sight and from memory; who is let in has a name.
fn judged(token: &str) {
    let now = BENCH.clock.now();
    for verifier in [&BENCH.one, &BENCH.several] {
        let fresh = verifier.verify(token, now.wall()).map(|verified| verified.identity().clone());
        for _ in 0..2 {
            let kept =
                verifier.authenticate(token, now).map(|verified| verified.identity().clone());
            assert_eq!(fresh, kept, "memory changes the verdict");
        }
        if let Ok(identity) = fresh {
            assert!(!identity.subject().trim().is_empty(), "somebody without a name is let in");
        }
    }
}

/// What a signature proves is the middle part of the token, and no text is too odd to be read as keys.
fn judged_by(token: &str, keys: &str) {
    if let Ok(payload) = verify_jws(token, keys) {
        let middle = URL_SAFE_NO_PAD.encode(payload);
        assert_eq!(token.split('.').nth(1), Some(&*middle), "another payload than what is signed");
    }
    if let Ok(public) = Keys::jwks_json(keys) {
        let all = Keys::jwks_json_with_secrets(keys).expect("a set with public keys");
        assert!(public.len() <= all.len(), "secrets push public keys out");
    }
    drop((Keys::jwk_json(keys), Keys::jwk_json_with_secrets(keys)));
    drop((Keys::rsa_pem(keys), Keys::rsa_pss_pem(keys), Keys::ec_pem(keys), Keys::ed_pem(keys)));
}

/// Behind a good signature, what passes says what it must, as a plain reading of its JSON shows.
fn signed(header: &str, claims: &str) {
    let token = sign(header, claims);
    judged(&token);
    let now = BENCH.clock.now();
    let Ok(verified) = BENCH.one.verify(&token, now.wall()) else { return };
    assert_eq!(verified.claims().json(), claims);

    let header: Value = serde_json::from_str(header).expect("a header that passed");
    assert_eq!(header["alg"], "HS256", "{header}");
    for name in ["crit", "b64", "enc", "zip"] {
        assert!(header.get(name).is_none(), "{header}");
    }

    let claims: Value = serde_json::from_str(claims).expect("claims that passed");
    assert_eq!(claims["iss"], ISSUER, "{claims}");
    assert_eq!(claims["sub"], verified.identity().subject(), "{claims}");
    let audience = &claims["aud"];
    let is_named = |all: &Vec<Value>| all.iter().any(|one| one == AUDIENCE);
    assert!(audience == AUDIENCE || audience.as_array().is_some_and(is_named), "{claims}");
    let end = claims["exp"].as_f64().expect("a time");
    assert!(end > now.unix_seconds() as f64, "{claims}");
}

fn sign(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signer = (DEFAULT_PROVIDER.signer_factory)(&Algorithm::HS256, &BENCH.signing)
        .expect("a secret that signs");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signer.sign(signed.as_bytes())))
}
