//! Sealing, opening and rewrapping a kilobyte, beside AES-256-GCM alone.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    reason = "a benchmark that cannot be set up must fail"
)]

use std::hint::black_box;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use palisade_vault::{Context, Key, KeyRing, KeyVersion, Vault};

const VALUE: [u8; 1024] = [b'v'; 1024];

const PLACE: Context<'static> = Context {
    tenant: "acme",
    table: "customers",
    column: "iban",
    row: "0190b5f2-6a5e-7c3e-8f21-3b1f0d6f7a10",
    purpose: "payout",
    revision: Some(7),
};

fn vault(criterion: &mut Criterion) {
    let key = Key::generate().expect("random bytes");
    let vault = Vault::new(KeyRing::new([(KeyVersion::FIRST, key)]).expect("a ring"));
    let sealed = vault.seal_now(&PLACE, &VALUE).expect("a short value");

    let mut group = criterion.benchmark_group("vault");
    group.throughput(Throughput::Bytes(1024));
    group.bench_function("sealed", |bench| {
        bench.iter(|| vault.seal_now(black_box(&PLACE), black_box(&VALUE)));
    });
    group.bench_function("opened", |bench| {
        bench.iter(|| vault.open_now(black_box(&PLACE), black_box(&sealed)));
    });
    group.bench_function("rewrapped", |bench| {
        bench.iter(|| vault.rewrap_now(black_box(&PLACE), black_box(&sealed)));
    });
    let encoded = PLACE.encoded();
    let plain = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("a key"));
    let seal = || {
        let mut nonce = [0; 12];
        rand::fill(&mut nonce).expect("random bytes");
        let mut text = Vec::with_capacity(VALUE.len() + 28);
        text.extend_from_slice(&VALUE);
        let aad = Aad::from(&encoded);
        let unique = Nonce::assume_unique_for_key(nonce);
        plain.seal_in_place_append_tag(unique, aad, &mut text).expect("a short value");
        (nonce, text)
    };
    group.bench_function("sealed/aes_gcm_alone", |bench| bench.iter(&seal));
    let (nonce, text) = seal();
    group.bench_function("opened/aes_gcm_alone", |bench| {
        bench.iter(|| {
            let mut text = black_box(&text).clone();
            let aad = Aad::from(&encoded);
            let unique = Nonce::assume_unique_for_key(nonce);
            plain.open_in_place(unique, aad, &mut text).expect("what was sealed");
            text
        });
    });
    group.finish();
}

criterion_group!(benches, vault);
criterion_main!(benches);
