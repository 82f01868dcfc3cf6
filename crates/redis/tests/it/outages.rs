//! Redis down, paused, empty, read-only, slow: no request waits for longer than the deadline, and it heals by itself.

use std::time::{Duration, Instant};

use palisade_ratelimit::{Outage, Standing};
use palisade_redis::{Redis, RedisLimiter, RedisOptions, RedisState};
use palisade_test_support::RedisServer;

use crate::shared::{admits, ask, connected, hourly};

const CLIENT: &str = "203.0.113.9";
const DEADLINE: Duration = Duration::from_millis(150);
/// What a loaded machine adds until a task runs.
const SLACK: Duration = Duration::from_millis(400);

fn hasty() -> RedisOptions {
    let pause = Duration::from_millis(20);
    RedisOptions::default().deadline(DEADLINE).pauses(pause, 4 * pause)
}

/// Asks once, and sees that it does not take long.
async fn asked(store: &RedisLimiter) -> Result<Vec<Standing>, Outage> {
    let started = now();
    let answer = ask(store, CLIENT, &[("test", &hourly(100_000))]).await;
    let took = now() - started;
    assert!(took < DEADLINE + SLACK, "it took {took:?}: {answer:?}");
    answer
}

/// How long a request takes is what is tested here.
fn now() -> Instant {
    Instant::now()
}

/// Asks until it is so.
async fn asked_until(store: &RedisLimiter, is_so: impl Fn(&Result<Vec<Standing>, Outage>) -> bool) {
    let mut turn = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..4000 {
        if is_so(&asked(store).await) {
            return;
        }
        turn.tick().await;
    }
    panic!("it never came");
}

fn is(outage: &'static str) -> impl Fn(&Result<Vec<Standing>, Outage>) -> bool {
    move |answer| matches!(answer, Err(error) if error.reason() == outage)
}

async fn heals(store: &RedisLimiter, redis: &Redis) {
    asked_until(store, Result::is_ok).await;
    for _ in 0..20 {
        asked(store).await.unwrap();
    }
    assert_eq!(redis.status().state, RedisState::Up);
}

/// Ten thousand requests of a Redis that is known to be down wait for nothing.
async fn costs_nothing(store: &RedisLimiter, redis: &Redis) {
    let before = redis.status();
    let started = now();
    for _ in 0..10_000 {
        ask(store, CLIENT, &[("test", &hourly(100_000))]).await.unwrap_err();
    }
    let took = now() - started;
    let sent = redis.status().calls - before.calls;
    assert!(took < Duration::from_secs(4) && sent <= 60, "{took:?}, {sent} calls");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_start_without_redis_is_degraded_and_heals_by_itself() {
    let mut server = RedisServer::start();
    server.kill();
    let redis = Redis::connect(&server.url(), hasty()).unwrap();
    let store = RedisLimiter::new(&redis);
    asked(&store).await.unwrap_err();
    asked_until(&store, is("circuit-open")).await;
    assert_eq!(redis.status().last_error.unwrap().0, "connection-refused");
    server.restart();
    heals(&store, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_redis_that_died_costs_nothing_and_comes_back_empty() {
    let mut server = RedisServer::start();
    let redis = connected(&server.url(), hasty()).await;
    let store = RedisLimiter::new(&redis);
    asked(&store).await.unwrap();
    server.kill();
    asked_until(&store, is("circuit-open")).await;
    assert_eq!(redis.status().state, RedisState::Down);
    costs_nothing(&store, &redis).await;
    server.restart();
    // It knows neither the keys nor the script.
    heals(&store, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_redis_that_hangs_costs_three_deadlines_and_then_nothing() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), hasty()).await;
    let store = RedisLimiter::new(&redis);
    asked(&store).await.unwrap();
    server.pause();
    for _ in 0..3 {
        assert_eq!(asked(&store).await.unwrap_err().reason(), "deadline");
    }
    assert_eq!(asked(&store).await.unwrap_err().reason(), "circuit-open");
    costs_nothing(&store, &redis).await;
    server.resume();
    heals(&store, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_redis_that_hangs_costs_a_deadline_to_those_that_are_under_way_and_nobody_else() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), hasty()).await;
    let store = RedisLimiter::new(&redis);
    asked(&store).await.unwrap();
    server.pause();
    let together = futures_util::future::join_all((0..200).map(|_| asked(&store))).await;
    assert!(together.iter().all(Result::is_err));
    costs_nothing(&store, &redis).await;
    server.resume();
    heals(&store, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_redis_that_is_slow_is_left_alone_until_it_is_not() {
    let server = RedisServer::start();
    let proxy = server.slow(Duration::ZERO);
    let redis = connected(&proxy.url(), hasty()).await;
    let store = RedisLimiter::new(&redis);
    asked(&store).await.unwrap();
    proxy.delays(Duration::from_millis(200));
    asked_until(&store, is("circuit-open")).await;
    costs_nothing(&store, &redis).await;
    proxy.delays(Duration::ZERO);
    heals(&store, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_read_only_replica_is_an_outage_until_it_is_a_master() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), hasty()).await;
    let store = RedisLimiter::new(&redis);
    asked(&store).await.unwrap();
    server.read_only();
    asked_until(&store, is("circuit-open")).await;
    assert_eq!(redis.status().last_error.unwrap().0, "read-only");
    server.writable();
    heals(&store, &redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_redis_without_memory_is_an_outage_and_heals() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), hasty()).await;
    let store = RedisLimiter::new(&redis);
    server.command(&["CONFIG", "SET", "maxmemory", "1"]);
    asked_until(&store, is("circuit-open")).await;
    assert_eq!(redis.status().last_error.unwrap().0, "out-of-memory");
    server.command(&["CONFIG", "SET", "maxmemory", "0"]);
    heals(&store, &redis).await;
}

#[tokio::test]
async fn l3_a_forgotten_script_is_sent_again_and_no_request_notices() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), crate::shared::patient()).await;
    let store = RedisLimiter::new(&redis);
    for _ in 0..5 {
        assert!(admits(&store, CLIENT, &hourly(100)).await);
        server.command(&["SCRIPT", "FLUSH"]);
    }
    let status = redis.status();
    assert_eq!((status.failures, status.calls), (0, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_lost_connection_comes_back_without_an_outage_of_others() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), hasty()).await;
    let store = RedisLimiter::new(&redis);
    for _ in 0..5 {
        asked(&store).await.unwrap();
        server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        heals(&store, &redis).await;
    }
}

#[tokio::test]
async fn l3_a_wrong_password_is_an_outage_that_does_not_tell_it() {
    let server = RedisServer::with(&["--requirepass", "right"]);
    let url = server.url().replace("redis://", "redis://:s3cret@");
    let redis = Redis::connect(&url, hasty()).unwrap();
    let store = RedisLimiter::new(&redis);
    asked_until(&store, is("circuit-open")).await;
    assert_eq!(redis.status().last_error.unwrap().0, "authentication-failed");
    assert!(!format!("{redis:?} {:?}", redis.status()).contains("s3cret"));
}

#[tokio::test]
async fn a_call_that_would_be_one_too_many_at_once_fails_at_once() {
    let server = RedisServer::start();
    let options = RedisOptions::default().deadline(Duration::from_secs(2)).in_flight(1);
    let redis = connected(&server.url(), options).await;
    let store = RedisLimiter::new(&redis);
    server.pause();
    let quota = hourly(10);
    let quotas = [("test", &quota)];
    let (first, other) =
        tokio::join!(ask(&store, CLIENT, &quotas), ask(&store, "203.0.113.10", &quotas));
    server.resume();
    assert_eq!(first.unwrap_err().reason(), "deadline");
    assert_eq!(other.unwrap_err().reason(), "too-many-calls");
}

#[test]
fn options_that_make_no_sense_are_said_at_build() {
    let mistake = |options: RedisOptions| {
        Redis::connect("redis://localhost", options).unwrap_err().to_string()
    };
    let second = Duration::from_secs(1);
    assert!(mistake(hasty().deadline(Duration::ZERO)).contains("expected 1ms to 10s"));
    assert!(mistake(hasty().pauses(second, second / 2)).contains("pause of Redis"));
    assert!(mistake(hasty().in_flight(0)).contains("at least 1"));
    assert!(mistake(hasty().namespace("{x}")).contains("`{x}` is not a valid namespace"));
}
