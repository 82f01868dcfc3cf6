//! A token: seen before, seen for the first time, and garbage.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{authn_jwt::Verifier, core::Clock};
use palisade_authn_jwt::mint::DevIssuer;

fn authn_jwt(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("authn-jwt");
    let issuer = DevIssuer::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let verifier = Verifier::new(issuer.issuer()).unwrap();
    let now = Clock::system().now();
    let token = issuer.token("alice", &["admin"], Duration::from_secs(3600), now.wall()).unwrap();
    let forged = format!("{}A", token.trim_end_matches(char::is_alphanumeric));
    group.bench_function("cached", |bench| {
        bench.iter(|| verifier.authenticate(black_box(&token), now).is_ok());
    });
    group.bench_function("verified, HS256", |bench| {
        bench.iter(|| verifier.verify(black_box(&token), now.wall()).is_ok());
    });
    group.bench_function("forged, again and again", |bench| {
        bench.iter(|| verifier.authenticate(black_box(&forged), now).is_ok());
    });
    group.bench_function("not a token", |bench| {
        bench.iter(|| verifier.verify(black_box("not.a.token"), now.wall()).is_ok());
    });
    group.finish();
}

criterion_group!(benches, authn_jwt);
criterion_main!(benches);
