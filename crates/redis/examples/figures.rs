//! Measures what limits in Redis cost: `cargo run --release -p palisade-redis --example figures`. Starts a `redis-server` of its own.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "it prints what it measured")]
#![expect(clippy::disallowed_methods, clippy::arithmetic_side_effects, reason = "it measures time")]

use std::{
    net::Ipv4Addr,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use palisade_core::{Clock, IpKey, Ipv6Prefix};
use palisade_ratelimit::{Charge, Charged, Key, Quota, SharedStore, Standing};
use palisade_redis::{Leases, Redis, RedisLimiter, RedisOptions};
use palisade_test_support::RedisServer;

const REQUESTS: u32 = 20_000;

async fn ask(store: &RedisLimiter, client: u32, quota: &Quota) {
    let key = IpKey::new(Ipv4Addr::from(client).into(), Ipv6Prefix::WHOLE);
    let charge = Charge::new("figures", Key::Address(key), quota, NonZeroU32::MIN);
    let answer = match store.charge(&[charge], Clock::system().now()) {
        Charged::Now(answer) => answer,
        Charged::Later(answer) => answer.await,
    };
    assert!(!answer.unwrap().iter().any(Standing::is_refused));
}

async fn one_by_one(redis: &Redis, quota: &Quota) {
    let store = RedisLimiter::new(redis);
    let mut times = Vec::new();
    for client in 0..REQUESTS {
        let started = Instant::now();
        ask(&store, client % 1000, quota).await;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 1000).unwrap();
    println!("direct call: median {:?}, p99 {:?}, p99.9 {:?}", at(500), at(990), at(999));
}

async fn together(redis: &Redis, quota: &Arc<Quota>) {
    let store = RedisLimiter::new(redis);
    let started = Instant::now();
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let (store, quota) = (store.clone(), Arc::clone(quota));
            tokio::spawn(async move {
                for number in 0..REQUESTS / 64 {
                    ask(&store, task * 1000 + number, &quota).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let rate = f64::from(REQUESTS) / started.elapsed().as_secs_f64();
    println!("64 at once on one connection: {rate:.0} requests a second");
}

async fn leased(redis: &Redis, quota: &Quota) {
    let store = RedisLimiter::with_leases(redis, Leases::default());
    let mut pace = tokio::time::interval(Duration::from_millis(1));
    for (name, requests) in [("first 1 000", 100), ("next 10 000", 1000)] {
        let before = store.stats();
        let mut busy = Duration::ZERO;
        for _ in 0..requests {
            // 10 000 in a second.
            pace.tick().await;
            let started = Instant::now();
            for _ in 0..10 {
                ask(&store, 7, quota).await;
            }
            busy += started.elapsed();
        }
        let calls = store.stats().calls - before.calls;
        println!("leases, {name}: {calls} calls, {:?} a request", busy / (requests * 10));
    }
}

#[tokio::main]
async fn main() {
    let server = RedisServer::start();
    let options = RedisOptions::default().deadline(Duration::from_secs(2));
    let redis = Redis::connect(&server.url(), options).unwrap();
    assert!(redis.ready(Duration::from_secs(10)).await);
    let quota = Arc::new(Quota::per_second(100_000).unwrap());
    one_by_one(&redis, &quota).await;
    together(&redis, &quota).await;
    leased(&redis, &quota).await;
}
