//! A token of 1 KiB: seen before, seen for the first time, and refused; a cache and a verifier of others beside it.
//! Stores of verified tokens are compared in `token_stores`.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{hint::black_box, net::Ipv4Addr, sync::Arc};

use criterion::{Criterion, criterion_group, criterion_main};
#[cfg(feature = "aws-lc-rs")]
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
#[cfg(not(feature = "aws-lc-rs"))]
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, crypto::verify, decode, encode,
};
use moka::sync::Cache;
use palisade::{
    authn_jwt::{Issuer, Keys, TokenError, Verifier},
    core::{Clock, IpKey, Ipv6Prefix, Moment},
};
use palisade_benches::{draws, most};
use serde::Deserialize;
use serde_json::json;

const SECRET: &[u8] = b"a test secret of thirty-two bytes or more";
const ISSUER: &str = "https://id.example";

const RSA: &str = include_str!("../../crates/authn-jwt/tests/vectors/keys/rsa.public.pem");
const RSA_PRIVATE: &str = include_str!("../../crates/authn-jwt/tests/vectors/keys/rsa.private.pem");
const P256: &str = include_str!("../../crates/authn-jwt/tests/vectors/keys/ec.P-256.public.pem");
const P256_PRIVATE: &str =
    include_str!("../../crates/authn-jwt/tests/vectors/keys/ec.P-256.private.pem");
const P384: &str = include_str!("../../crates/authn-jwt/tests/vectors/keys/ec.P-384.public.pem");
const P384_PRIVATE: &str =
    include_str!("../../crates/authn-jwt/tests/vectors/keys/ec.P-384.private.pem");
const ED25519: &str = include_str!("../../crates/authn-jwt/tests/vectors/keys/ed25519.public.pem");
const ED25519_PRIVATE: &str =
    include_str!("../../crates/authn-jwt/tests/vectors/keys/ed25519.private.pem");

const TOKENS: u32 = most(10_000);
/// The figures of both libraries stand side by side.
const GROUP: &str = if cfg!(feature = "aws-lc-rs") { "authn-jwt, aws-lc-rs" } else { "authn-jwt" };

/// What a service usually reads of a token.
#[derive(Deserialize)]
struct Claims {
    sub: String,
}

fn secret() -> EncodingKey {
    EncodingKey::from_secret(SECRET)
}

/// A token that lives for an hour.
fn signed(algorithm: Algorithm, key: &EncodingKey, subject: &str, issued: u64) -> String {
    let departments: Vec<String> = (0..28).map(|n| format!("department-{n:02}/team")).collect();
    let claims = json!({
        "iss": ISSUER,
        "aud": "api",
        "sub": subject,
        "roles": ["user"],
        "iat": issued,
        "exp": issued.saturating_add(3_600),
        "departments": departments,
    });
    encode(&Header::new(algorithm), &claims, key).unwrap()
}

/// Remembers more tokens than there are, so that none gives way to another.
fn verifier(keys: Keys) -> Verifier {
    let issuer = Issuer::new(ISSUER, keys).audience("api");
    Verifier::builder().issuer(issuer).cache_capacity(20_000).build().unwrap()
}

fn cached(criterion: &mut Criterion, now: Moment) {
    let mut group = criterion.benchmark_group(GROUP);
    let ours = verifier(Keys::hs256(SECRET).unwrap());
    let peer: Cache<Box<str>, Arc<str>> = Cache::new(20_000);
    let (key, issued) = (secret(), now.unix_seconds());
    let token = |n: u32| signed(Algorithm::HS256, &key, &format!("user-{n}"), issued);
    let tokens: Vec<String> = (0..TOKENS).map(token).collect();
    for token in &tokens {
        ours.authenticate(token, now).unwrap();
        peer.insert(token.as_str().into(), token.as_str().into());
    }
    peer.run_pending_tasks();
    let hot = tokens.first().unwrap().as_str();
    // Drawn on from sample to sample, so that each takes tokens that the one before did not.
    let mut draw = draws();
    let mut any = || tokens.get(usize::try_from(draw(TOKENS)).unwrap()).unwrap().as_str();
    group.bench_function("cached", |bench| {
        bench.iter(|| ours.authenticate(black_box(hot), now).is_ok());
    });
    group.bench_function("cached, 10 k at random", |bench| {
        bench.iter(|| ours.authenticate(any(), now).is_ok());
    });
    group.bench_function("peer: moka alone", |bench| {
        bench.iter(|| peer.get(black_box(hot)).is_some());
    });
    group.bench_function("peer: moka alone, 10 k at random", |bench| {
        bench.iter(|| peer.get(any()).is_some());
    });
    group.finish();
}

fn verified(criterion: &mut Criterion, now: Moment) {
    let mut group = criterion.benchmark_group(GROUP);
    let (time, issued) = (now.wall(), now.unix_seconds());
    let rsa = EncodingKey::from_rsa_pem(RSA_PRIVATE.as_bytes()).unwrap();
    let p256 = EncodingKey::from_ec_pem(P256_PRIVATE.as_bytes()).unwrap();
    let p384 = EncodingKey::from_ec_pem(P384_PRIVATE.as_bytes()).unwrap();
    let ed25519 = EncodingKey::from_ed_pem(ED25519_PRIVATE.as_bytes()).unwrap();
    let own_rsa = DecodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    let own_p256 = DecodingKey::from_ec_pem(P256.as_bytes()).unwrap();
    let own_p384 = DecodingKey::from_ec_pem(P384.as_bytes()).unwrap();
    let own_ed25519 = DecodingKey::from_ed_pem(ED25519.as_bytes()).unwrap();
    let own_secret = DecodingKey::from_secret(SECRET);
    for (algorithm, key, keys, own) in [
        (Algorithm::HS256, secret(), Keys::hs256(SECRET), own_secret),
        (Algorithm::RS256, rsa.clone(), Keys::rsa_pem(RSA), own_rsa.clone()),
        (Algorithm::PS256, rsa, Keys::rsa_pss_pem(RSA), own_rsa),
        (Algorithm::ES256, p256, Keys::ec_pem(P256), own_p256),
        (Algorithm::ES384, p384, Keys::ec_pem(P384), own_p384),
        (Algorithm::EdDSA, ed25519, Keys::ed_pem(ED25519), own_ed25519),
    ] {
        let ours = verifier(keys.unwrap());
        let token = signed(algorithm, &key, "alice", issued);
        ours.verify(&token, time).unwrap();
        group.bench_function(format!("verified, {algorithm:?}"), |bench| {
            bench.iter(|| ours.verify(black_box(&token), time).is_ok());
        });
        // The floor: nothing but the signature, computed by the same library.
        let (message, signature) = token.rsplit_once('.').unwrap();
        group.bench_function(format!("peer: signature alone, {algorithm:?}"), |bench| {
            bench.iter(|| verify(signature, message.as_bytes(), &own, algorithm).unwrap());
        });
    }
    let token = signed(Algorithm::HS256, &secret(), "alice", issued);
    let key = DecodingKey::from_secret(SECRET);
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&["api"]);
    validation.set_issuer(&[ISSUER]);
    group.bench_function("peer: jsonwebtoken, HS256", |bench| {
        bench.iter(|| decode::<Claims>(black_box(&token), &key, &validation).unwrap().claims.sub);
    });
    group.finish();
}

fn refused(criterion: &mut Criterion, now: Moment) {
    let mut group = criterion.benchmark_group(GROUP);
    let ours = verifier(Keys::hs256(SECRET).unwrap());
    let (time, issued) = (now.wall(), now.unix_seconds());
    let other = signed(Algorithm::HS384, &secret(), "alice", issued);
    let expired = signed(Algorithm::HS256, &secret(), "alice", issued.saturating_sub(7_200));
    for (name, token) in [
        ("not a token", "not.a.token"),
        ("of another algorithm", other.as_str()),
        ("expired", expired.as_str()),
    ] {
        assert!(ours.verify(token, time).is_err());
        group.bench_function(name, |bench| {
            bench.iter(|| ours.verify(black_box(token), time).is_err());
        });
    }
    let stranger = EncodingKey::from_secret(b"another secret of thirty-two bytes or more");
    let forged = signed(Algorithm::HS256, &stranger, "alice", issued);
    group.bench_function("forged, again and again", |bench| {
        bench.iter(|| ours.authenticate(black_box(&forged), now).is_err());
    });
    // New ones, of a client that may bring no more.
    let client = IpKey::new(Ipv4Addr::new(203, 0, 113, 9).into(), Ipv6Prefix::default());
    let forged = |n: u32| signed(Algorithm::HS256, &stranger, &format!("user-{n}"), issued);
    let refusal = |n| ours.authenticate_from(client, &forged(n), now).unwrap_err();
    let beyond = forged((0..1_000).find(|n| refusal(*n) == TokenError::TooManyFailures).unwrap());
    group.bench_function("forged, over the budget", |bench| {
        bench.iter(|| ours.authenticate_from(client, black_box(&beyond), now).is_err());
    });
    group.finish();
}

fn authn_jwt(criterion: &mut Criterion) {
    // The same library computes for all.
    DEFAULT_PROVIDER.install_default().unwrap();
    let now = Clock::system().now();
    cached(criterion, now);
    verified(criterion, now);
    refused(criterion, now);
}

criterion_group!(benches, authn_jwt);
criterion_main!(benches);
