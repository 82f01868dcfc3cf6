//! What limits that are counted in Redis cost: with leases in calls, without in time.

use std::{
    net::Ipv4Addr,
    num::NonZeroU32,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use palisade::{
    core::{Clock, IpKey, Ipv6Prefix},
    ratelimit::{Charge, Charged, Key, Quota, SharedStore, Standing},
};
use palisade_redis::{Leases, Redis, RedisLimiter, RedisOptions};
use palisade_test_support::RedisServer;

/// Requests of one client in two seconds.
const REQUESTS: u32 = 20_000;

/// Calls for 100 requests of a busy client with leases, and the nanoseconds that the median of direct calls takes; nothing where
/// there is no `redis-server`.
pub(crate) fn measure() -> Option<[f64; 2]> {
    let mut version = Command::new("redis-server");
    version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().ok().filter(std::process::ExitStatus::success)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Some(runtime.block_on(async {
        let server = RedisServer::start();
        let options = RedisOptions::default().deadline(Duration::from_secs(2));
        let redis = Redis::connect(&server.url(), options).unwrap();
        assert!(redis.ready(Duration::from_secs(10)).await);
        let quota = Quota::per_second(100_000).unwrap();
        [leased(&redis, &quota).await, direct(&redis, &quota).await]
    }))
}

async fn leased(redis: &Redis, quota: &Quota) -> f64 {
    let store = RedisLimiter::with_leases(redis, Leases::default());
    let mut pace = tokio::time::interval(Duration::from_millis(1));
    for _ in 0..REQUESTS / 10 {
        pace.tick().await;
        for _ in 0..10 {
            ask(&store, 7, quota).await;
        }
    }
    let calls = u32::try_from(store.stats().calls).unwrap();
    f64::from(calls) * 100.0 / f64::from(REQUESTS)
}

async fn direct(redis: &Redis, quota: &Quota) -> f64 {
    let store = RedisLimiter::new(redis);
    let mut times = Vec::new();
    for client in 0..REQUESTS {
        let begun = Instant::now();
        ask(&store, client % 1000, quota).await;
        times.push(u32::try_from(begun.elapsed().as_nanos()).unwrap());
    }
    times.sort_unstable();
    f64::from(times[times.len() / 2])
}

async fn ask(store: &RedisLimiter, client: u32, quota: &Quota) {
    let key = IpKey::new(Ipv4Addr::from(client).into(), Ipv6Prefix::WHOLE);
    let charge = Charge::new("counts", Key::Address(key), quota, NonZeroU32::MIN);
    let answer = match store.charge(&[charge], Clock::system().now()) {
        Charged::Now(answer) => answer,
        Charged::Later(answer) => answer.await,
    };
    assert!(!answer.unwrap().iter().any(Standing::is_refused));
}
