//! Sealing, opening and rewrapping a kilobyte, and objects in chunks, beside AES-256-GCM alone.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    reason = "a benchmark that cannot be set up must fail"
)]

use std::hint::black_box;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use palisade_vault::{ChunkSize, Context, Key, KeyRing, KeyVersion, StreamHeader, Vault};

const VALUE: [u8; 1024] = [b'v'; 1024];

const PLACE: Context<'static> = Context {
    tenant: "acme",
    table: "customers",
    column: "iban",
    row: "0190b5f2-6a5e-7c3e-8f21-3b1f0d6f7a10",
    purpose: "payout",
    revision: Some(7),
};

fn ring() -> Vault {
    let key = Key::generate().expect("random bytes");
    Vault::new(KeyRing::new([(KeyVersion::FIRST, key)]).expect("a ring"))
}

fn vault(criterion: &mut Criterion) {
    let vault = ring();
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

/// An object of 4 MiB, in chunks of 64 KiB, each in its buffer.
const OBJECT: usize = 4 * 1024 * 1024;

/// What is stored behind a chunk.
type Tag = [u8; 16];

fn sealed_object(vault: &Vault, object: &mut [u8]) -> (StreamHeader, Vec<Tag>) {
    let mut sealer = vault.begin_stream_now(&PLACE, ChunkSize::DEFAULT).expect("a ring");
    let header = sealer.header().clone();
    let size = ChunkSize::DEFAULT.bytes();
    let (front, last) = object.split_at_mut(OBJECT - size);
    let seal = |chunk| sealer.seal_chunk(chunk).expect("a whole chunk");
    let mut tags: Vec<_> = front.chunks_exact_mut(size).map(seal).collect();
    tags.push(sealer.finish(last).expect("a whole chunk"));
    (header, tags)
}

/// Chunks with their tags behind them.
fn stored(object: &[u8], tags: &[Tag]) -> Vec<u8> {
    let chunks = object.chunks_exact(ChunkSize::DEFAULT.bytes()).zip(tags);
    chunks.flat_map(|(chunk, tag)| [chunk, tag].concat()).collect()
}

fn open_object(vault: &Vault, header: &StreamHeader, stored: &mut [u8]) {
    let length = stored.len() as u64;
    let stream = vault.open_stream_now(&PLACE, header, length).expect("a header");
    let whole = ChunkSize::DEFAULT.bytes() + 16;
    let (front, last) = stored.split_at_mut(stored.len() - whole);
    let (opener, _) = stream.prove(last).expect("the last chunk");
    let chunks = opener.chunks_of(0..opener.length() - ChunkSize::DEFAULT.bytes() as u64);
    for (chunk, sealed) in chunks.zip(front.chunks_exact_mut(whole)) {
        black_box(opener.open(&chunk, sealed).expect("a chunk"));
    }
}

fn streams(criterion: &mut Criterion) {
    let vault = ring();
    let size = ChunkSize::DEFAULT.bytes();
    let mut group = criterion.benchmark_group("vault-streams");
    group.throughput(Throughput::Bytes(OBJECT as u64));
    let mut object = vec![b'v'; OBJECT];
    group.bench_function("4 MiB sealed", |bench| {
        bench.iter(|| sealed_object(&vault, black_box(&mut object)));
    });
    let plain = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("a key"));
    let nonce = |number: usize| {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&(number as u64).to_be_bytes());
        Nonce::assume_unique_for_key(nonce)
    };
    let seal_alone = |object: &mut [u8]| -> Vec<Tag> {
        let chunks = object.chunks_exact_mut(size).enumerate();
        let tags = chunks.map(|(number, chunk)| {
            let sealed = plain.seal_in_place_separate_tag(nonce(number), Aad::empty(), chunk);
            sealed.expect("a chunk").as_ref().try_into().expect("16 bytes")
        });
        tags.collect()
    };
    group.bench_function("peer: AES-256-GCM alone, 4 MiB sealed", |bench| {
        bench.iter(|| seal_alone(black_box(&mut object)));
    });

    let (header, tags) = sealed_object(&vault, &mut object);
    let ours = stored(&object, &tags);
    group.bench_function("4 MiB opened", |bench| {
        let open = |stored: &mut Vec<u8>| open_object(&vault, &header, stored);
        bench.iter_batched_ref(|| ours.clone(), open, BatchSize::LargeInput);
    });
    let tags = seal_alone(&mut object);
    let alone = stored(&object, &tags);
    group.bench_function("peer: AES-256-GCM alone, 4 MiB opened", |bench| {
        let open = |stored: &mut Vec<u8>| {
            for (number, chunk) in stored.chunks_exact_mut(size + 16).enumerate() {
                black_box(plain.open_in_place(nonce(number), Aad::empty(), chunk).expect("sealed"));
            }
        };
        bench.iter_batched_ref(|| alone.clone(), open, BatchSize::LargeInput);
    });
    group.finish();
}

criterion_group!(benches, vault, streams);
criterion_main!(benches);
