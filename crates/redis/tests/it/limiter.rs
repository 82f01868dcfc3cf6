//! Quotas that instances share, one call for each request.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use palisade_core::{Clock, Identity, IdentityKind};
use palisade_ratelimit::{Charge, Charged, Key, Quota, SharedStore};
use palisade_redis::{Redis, RedisLimiter};
use palisade_test_support::RedisServer;

use crate::shared::{address, admits, answer, ask, connected, hourly, patient};

const CLIENT: &str = "203.0.113.9";

/// Two instances, each with a connection of its own.
async fn two(server: &RedisServer) -> [RedisLimiter; 2] {
    let (a, b) =
        (connected(&server.url(), patient()).await, connected(&server.url(), patient()).await);
    [RedisLimiter::new(&a), RedisLimiter::new(&b)]
}

fn charge<'a>(name: &'a str, key: Key<'a>, quota: &'a Quota, cost: u32) -> Charge<'a> {
    Charge::new(name, key, quota, NonZeroU32::new(cost).unwrap())
}

#[tokio::test]
async fn two_instances_admit_together_what_one_would() {
    let server = RedisServer::start();
    let stores = two(&server).await;
    let quota = hourly(10);
    let mut admitted = 0;
    for turn in 0..40 {
        admitted += u32::from(admits(&stores[turn % 2], CLIENT, &quota).await);
    }
    assert_eq!(admitted, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn any_number_of_tasks_on_any_number_of_instances_admit_exactly_the_quota() {
    let server = RedisServer::start();
    let quota = Arc::new(hourly(500));
    let mut tasks = Vec::new();
    for store in two(&server).await {
        let store = Arc::new(store);
        for _ in 0..16 {
            let (store, quota) = (Arc::clone(&store), Arc::clone(&quota));
            tasks.push(tokio::spawn(async move {
                let mut admitted = 0;
                for _ in 0..40 {
                    admitted += u32::from(admits(&*store, CLIENT, &quota).await);
                }
                admitted
            }));
        }
    }
    let mut admitted = 0;
    for task in tasks {
        admitted += task.await.unwrap();
    }
    assert_eq!(admitted, 500);
}

#[tokio::test]
async fn a_request_that_one_quota_refuses_is_counted_by_none() {
    let server = RedisServer::start();
    let [store, _] = two(&server).await;
    let (wide, narrow) = (hourly(100), hourly(2));
    let both = [("wide", &wide), ("narrow", &narrow)];
    for left in [99, 98] {
        assert_eq!(ask(&store, CLIENT, &both).await.unwrap()[0].remaining, left);
    }
    for _ in 0..5 {
        let standings = ask(&store, CLIENT, &both).await.unwrap();
        assert!(standings[1].is_refused() && !standings[0].is_refused());
        assert_eq!(standings[0].remaining, 98);
    }
    assert_eq!(ask(&store, CLIENT, &[("wide", &wide)]).await.unwrap()[0].remaining, 97);
}

#[tokio::test]
async fn all_quotas_of_a_request_are_one_call() {
    let server = RedisServer::start();
    let [store, _] = two(&server).await;
    let quota = hourly(100);
    ask(&store, CLIENT, &[("a", &quota), ("b", &quota), ("c", &quota)]).await.unwrap();
    let before = server.calls_of("evalsha");
    for _ in 0..10 {
        ask(&store, CLIENT, &[("a", &quota), ("b", &quota), ("c", &quota)]).await.unwrap();
    }
    assert_eq!(server.calls_of("evalsha") - before, 10);
}

#[tokio::test]
async fn a_client_who_waits_as_he_was_told_is_admitted_and_others_are_not_held_up() {
    let server = RedisServer::start();
    let [a, b] = two(&server).await;
    let quota = Quota::new(1, Duration::from_millis(300)).unwrap();
    assert!(admits(&a, CLIENT, &quota).await);
    let refused = ask(&b, CLIENT, &[("test", &quota)]).await.unwrap()[0];
    let wait = refused.retry_after.unwrap();
    assert!(wait <= Duration::from_millis(300) && refused.reset == wait, "{refused:?}");
    assert!(admits(&b, "203.0.113.10", &quota).await);
    tokio::time::timeout(wait, std::future::pending::<()>()).await.unwrap_err();
    assert!(admits(&b, CLIENT, &quota).await);
}

#[tokio::test]
async fn a_request_that_costs_more_takes_more_and_one_that_never_fits_is_refused_unasked() {
    let server = RedisServer::start();
    let [store, _] = two(&server).await;
    let quota = hourly(10);
    let key = Key::Address(address(CLIENT));
    let now = Clock::system().now();
    let take = |cost| answer(store.charge(&[charge("test", key, &quota, cost)], now));
    assert_eq!(take(7).await.unwrap()[0].remaining, 3);
    assert!(take(4).await.unwrap()[0].is_refused());
    assert_eq!(take(3).await.unwrap()[0].remaining, 0);
    let calls = store.stats().calls;
    assert!(take(11).await.unwrap()[0].is_refused());
    let nothing = Quota::per_minute(0).unwrap();
    let closed = store.charge(&[charge("none", key, &nothing, 1)], now);
    assert!(matches!(closed, Charged::Now(Ok(standings)) if standings[0].is_refused()));
    assert_eq!(store.stats().calls, calls);
}

#[tokio::test]
async fn a_refusal_is_remembered_until_it_ends_and_costs_no_call() {
    let server = RedisServer::start();
    let [store, _] = two(&server).await;
    let quota = hourly(1);
    let now = Clock::system().now();
    let key = Key::Address(address(CLIENT));
    let take = || answer(store.charge(&[charge("test", key, &quota, 1)], now));
    assert!(!take().await.unwrap()[0].is_refused());
    for _ in 0..1000 {
        assert!(take().await.unwrap()[0].is_refused());
    }
    assert_eq!((store.stats().calls, store.stats().remembered), (2, 999));
}

#[tokio::test]
async fn no_user_and_no_address_stands_in_redis_and_neighbours_do_not_collide() {
    let server = RedisServer::start();
    let [store, _] = two(&server).await;
    let quota = hourly(5);
    let now = Clock::system().now();
    // The same text, cut in other places, and by other proofs.
    let users = [
        Identity::new("alice", IdentityKind::Jwt),
        Identity::new("alice", IdentityKind::ApiKey),
        Identity::new("alice", IdentityKind::Jwt).issued_by("idp"),
        Identity::new("palice", IdentityKind::Jwt).issued_by("id"),
        Identity::new("alice", IdentityKind::Jwt).issued_by(""),
    ];
    for user in &users {
        let charges = [charge("test", Key::user(user), &quota, 1)];
        assert_eq!(answer(store.charge(&charges, now)).await.unwrap()[0].remaining, 4);
    }
    assert!(admits(&store, CLIENT, &quota).await);
    assert_eq!(server.number(&["DBSIZE"]) - server.number(&["EXISTS", "palisade:{up}"]), 6);
    let keys = server.command(&["EVAL", "return table.concat(redis.call('KEYS', '*'), ' ')", "0"]);
    assert!(keys.contains("palisade:{") && keys.contains("}:rl:"), "{keys}");
    assert!(!keys.contains("alice") && !keys.contains("idp") && !keys.contains(CLIENT), "{keys}");
}

#[tokio::test]
async fn deployments_with_other_salts_or_names_do_not_share() {
    let server = RedisServer::start();
    let quota = hourly(1);
    for options in [patient(), patient().salt("a"), patient().salt("b"), patient().namespace("x")] {
        let redis = connected(&server.url(), options).await;
        assert!(admits(&RedisLimiter::new(&redis), CLIENT, &quota).await);
    }
}

#[tokio::test]
async fn l2_every_key_ends_when_its_quota_is_whole_and_none_is_negative() {
    let server = RedisServer::start();
    let [store, _] = two(&server).await;
    let (fast, slow) = (Quota::new(1, Duration::from_millis(40)).unwrap(), hourly(60));
    for _ in 0..3 {
        ask(&store, CLIENT, &[("fast", &fast), ("slow", &slow)]).await.unwrap();
        ask(&store, CLIENT, &[("slow", &slow)]).await.unwrap();
    }
    let endless = "for _, key in ipairs(redis.call('KEYS', '*')) do
        local ttl, value = redis.call('PTTL', key), tonumber(redis.call('GET', key))
        if ttl < 0 or ttl > 4 * 60000 + 1 or value < 0 then return key end
        end return 'none'";
    assert!(server.command(&["EVAL", endless, "0"]).contains("none"));
    palisade_test_support::until("the end of the fast key", || {
        let keys = server.number(&["DBSIZE"]);
        keys - server.number(&["EXISTS", "palisade:{up}"]) == 1
    });
}

#[tokio::test]
async fn l2_a_key_that_somebody_wrote_never_blocks_for_longer_than_its_quota() {
    let server = RedisServer::start();
    let [store, _] = two(&server).await;
    let quota = Quota::new(5, Duration::from_millis(500)).unwrap();
    assert!(admits(&store, CLIENT, &quota).await);
    // As after a step of the clock of Redis, and without an end.
    let script = "for _, key in ipairs(redis.call('KEYS', '*:rl:*')) do
        redis.call('SET', key, '9999999999999999') end return 'done'";
    server.command(&["EVAL", script, "0"]);
    let standing = ask(&store, CLIENT, &[("test", &quota)]).await.unwrap()[0];
    assert!(standing.retry_after.unwrap() <= Duration::from_millis(100), "{standing:?}");
    let mut asked = 0;
    while !admits(&store, CLIENT, &quota).await {
        asked += 1;
        assert!(asked < 100_000);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn l3_a_key_of_another_type_is_an_outage_of_that_client_alone() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), patient()).await;
    let store = RedisLimiter::new(&redis);
    let quota = hourly(5);
    for write in
        ["redis.call('DEL', key) redis.call('LPUSH', key, 1)", "redis.call('SET', key, 'x1')"]
    {
        assert!(admits(&store, CLIENT, &quota).await);
        let script =
            format!("for _, key in ipairs(redis.call('KEYS', '*:rl:*')) do {write} end return 1");
        server.command(&["EVAL", &script, "0"]);
        for _ in 0..10 {
            let outage = ask(&store, CLIENT, &[("test", &quota)]).await.unwrap_err();
            assert_eq!(outage.reason(), "wrong-type");
        }
        assert!(admits(&store, "203.0.113.10", &quota).await, "{:?}", redis.status());
        server.command(&["FLUSHALL"]);
    }
}

#[tokio::test]
async fn l8_a_changed_quota_begins_anew_and_neither_blocks_nor_lends() {
    let server = RedisServer::start();
    let [old, new] = two(&server).await;
    let (before, after) = (hourly(3), hourly(2));
    for _ in 0..3 {
        assert!(admits(&old, CLIENT, &before).await);
    }
    assert!(!admits(&old, CLIENT, &before).await);
    // At most the old quota and the new one, whichever instance is asked how often.
    for expected in [true, true, false, false] {
        assert_eq!(admits(&new, CLIENT, &after).await, expected);
        assert!(!admits(&old, CLIENT, &before).await);
    }
}

#[tokio::test]
async fn l8_the_clocks_of_instances_do_not_count() {
    let server = RedisServer::start();
    let [a, b] = two(&server).await;
    let quota = hourly(4);
    let clock = palisade_core::ManualClock::new();
    let key = Key::Address(address(CLIENT));
    let mut admitted = 0;
    for turn in 0..20 {
        let store = if turn % 2 == 0 { &a } else { &b };
        // A day ahead each time.
        clock.advance(Duration::from_secs(86_400));
        let answer = answer(store.charge(&[charge("test", key, &quota, 1)], clock.now())).await;
        admitted += u32::from(!answer.unwrap()[0].is_refused());
    }
    assert_eq!(admitted, 4);
}

#[test]
fn connecting_needs_a_runtime_and_says_so() {
    let error = Redis::connect("redis://127.0.0.1", patient()).unwrap_err();
    assert!(error.to_string().contains("RedisOptions::runtime"), "{error}");
}

#[test]
fn a_future_of_the_limiter_may_be_driven_by_anybody() {
    let server = RedisServer::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let options = patient().runtime(runtime.handle().clone());
    let redis = Redis::connect(&server.url(), options).unwrap();
    assert!(runtime.block_on(redis.ready(Duration::from_secs(20))));
    let store = RedisLimiter::new(&redis);
    let quota = hourly(3);
    let key = Key::Address(address(CLIENT));
    let charged = store.charge(&[charge("test", key, &quota, 1)], Clock::system().now());
    let Charged::Later(mut asking) = charged else { panic!("{charged:?}") };
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut standing = None;
    palisade_test_support::until("the answer", || {
        if let std::task::Poll::Ready(answer) = asking.as_mut().poll(&mut context) {
            standing = Some(answer.unwrap()[0]);
        }
        standing.is_some()
    });
    assert_eq!(standing.unwrap().remaining, 2);
}
