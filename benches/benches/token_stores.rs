//! Where verified tokens are remembered: moka and `quick_cache`, with the same hasher, tokens of 1 KiB and verdicts.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    hint::black_box,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use criterion::{Criterion, criterion_group, criterion_main};
use jsonwebtoken::{Algorithm, EncodingKey, Header, crypto::rust_crypto::DEFAULT_PROVIDER, encode};
use palisade::{
    authn_jwt::{Issuer, Keys, Verified, Verifier},
    core::{Clock, KeyedHash, Moment},
};
use palisade_benches::{draws, most};
use quick_cache::{UnitWeighter, sync::DefaultLifecycle};
use serde_json::json;

const SECRET: &[u8] = b"a test secret of thirty-two bytes or more";
const ISSUER: &str = "https://id.example";
const TOKENS: u32 = most(10_000);
/// Room for all tokens.
const ROOMY: u64 = 20_000;

/// What is kept of a token: its verdict, and since when.
type Entry = (Verified, Moment);
type Moka = moka::sync::Cache<Box<str>, Entry, KeyedHash>;
type Quick = quick_cache::sync::Cache<Box<str>, Entry, UnitWeighter, KeyedHash>;

/// What both stores can do.
trait Store: Sync {
    const NAME: &'static str;

    fn with_room(entries: u64) -> Self;
    fn find(&self, token: &str) -> Option<Entry>;
    fn keep(&self, token: &str, entry: Entry);
}

impl Store for Moka {
    const NAME: &'static str = "moka";

    fn with_room(entries: u64) -> Self {
        moka::sync::Cache::builder().max_capacity(entries).build_with_hasher(KeyedHash::random())
    }

    fn find(&self, token: &str) -> Option<Entry> {
        self.get(token)
    }

    fn keep(&self, token: &str, entry: Entry) {
        self.insert(token.into(), entry);
    }
}

impl Store for Quick {
    const NAME: &'static str = "quick_cache";

    fn with_room(entries: u64) -> Self {
        let items = usize::try_from(entries).unwrap();
        Self::with(items, entries, UnitWeighter, KeyedHash::random(), DefaultLifecycle::default())
    }

    fn find(&self, token: &str) -> Option<Entry> {
        self.get(token)
    }

    fn keep(&self, token: &str, entry: Entry) {
        self.insert(token.into(), entry);
    }
}

/// Tokens of 1 KiB, and what one of them says.
struct Scene {
    tokens: Vec<String>,
    entry: Entry,
}

impl Scene {
    fn new() -> Self {
        let now = Clock::system().now();
        let (second, key) = (now.unix_seconds(), EncodingKey::from_secret(SECRET));
        let teams: Vec<String> = (0..28).map(|n| format!("department-{n:02}/team")).collect();
        let token = |n: u32| {
            let claims = json!({
                "iss": ISSUER,
                "aud": "api",
                "sub": format!("user-{n}"),
                "exp": second.saturating_add(3_600),
                "departments": teams,
            });
            encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
        };
        let tokens: Vec<String> = (0..TOKENS).map(token).collect();
        let issuer = Issuer::new(ISSUER, Keys::hs256(SECRET).unwrap()).audience("api");
        let verifier = Verifier::new(issuer).unwrap();
        let verdict = verifier.verify(tokens.first().unwrap(), now.wall()).unwrap();
        Self { tokens, entry: (verdict, now) }
    }

    fn token(&self, n: u32) -> &str {
        self.tokens.get(usize::try_from(n).unwrap()).unwrap()
    }

    fn filled<S: Store>(&self, room: u64) -> S {
        let store = S::with_room(room);
        for token in &self.tokens {
            store.keep(token, self.entry.clone());
        }
        store
    }
}

fn measured<S: Store>(criterion: &mut Criterion, scene: &Scene) {
    let mut group = criterion.benchmark_group("token-stores");
    let named = |what: &str| format!("{}: {what}", S::NAME);
    let (hot, stranger) = (named("hot"), named("not there"));
    let (random, full, beside) =
        (named("10 k at random"), named("a new one, at the bound"), named("hot, beside a writer"));
    let store: S = scene.filled(ROOMY);
    let token = scene.token(0);
    group.bench_function(hot, |bench| bench.iter(|| store.find(black_box(token)).is_some()));
    let mut draw = draws();
    group.bench_function(random, |bench| {
        bench.iter(|| store.find(scene.token(draw(TOKENS))).is_some());
    });
    let other = format!("{token}x");
    group.bench_function(stranger, |bench| bench.iter(|| store.find(black_box(&other)).is_none()));
    // Each token that comes pushes another one out.
    let small: S = scene.filled(u64::from(TOKENS / 10));
    let mut draw = draws();
    group.bench_function(full, |bench| {
        bench.iter(|| small.keep(scene.token(draw(TOKENS)), scene.entry.clone()));
    });
    // What one thread writes all the time, another one reads.
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut draw = draws();
            while !is_over.load(Ordering::Relaxed) {
                small.keep(scene.token(draw(TOKENS)), scene.entry.clone());
            }
        });
        group.bench_function(beside, |bench| {
            bench.iter(|| {
                // It may have been pushed out: then it is put back, as a verifier does.
                let found = small.find(black_box(token)).is_some();
                if !found {
                    small.keep(token, scene.entry.clone());
                }
                found
            });
        });
        is_over.store(true, Ordering::Relaxed);
    });
    group.finish();
}

fn token_stores(criterion: &mut Criterion) {
    DEFAULT_PROVIDER.install_default().unwrap();
    let scene = Scene::new();
    measured::<Moka>(criterion, &scene);
    measured::<Quick>(criterion, &scene);
}

criterion_group!(benches, token_stores);
criterion_main!(benches);
