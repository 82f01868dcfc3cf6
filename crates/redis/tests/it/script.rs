//! The script counts as its model in Rust does, at any times.

use std::{sync::atomic::Ordering, time::Duration};

use palisade_ratelimit::Quota;
use palisade_redis::{Take, Tallied, Tally};
use palisade_test_support::RedisServer;
use proptest::prelude::*;

use crate::{
    model::Model,
    shared::{connected, patient},
};

/// The script, with the time as its last argument, and keys that stay.
fn timed() -> redis::Script {
    let source = include_str!("../../src/charge.lua");
    let time = "redis.call('TIME')";
    let end = "string.format('%.0f', math.ceil(quota.debt / 1000))";
    assert_eq!((source.matches(time).count(), source.matches(end).count()), (1, 1));
    redis::Script::new(&source.replace(time, "{ 0, ARGV[#ARGV] }").replace(end, "'1000000'"))
}

/// Quotas from one request in a year to a million in a second.
fn quota() -> impl Strategy<Value = Quota> {
    let window =
        prop_oneof![1..1_000_000_u64, Just(1_000_000), Just(60_000_000), Just(31_536_000_000_000),];
    (1..2000_u32, window, 1..3000_u32).prop_filter_map("no quota", |(limit, window, burst)| {
        Quota::new(limit, Duration::from_micros(window)).ok()?.allow_burst(burst).ok()
    })
}

/// A call, see [`calls`].
type Call = (u64, [(u32, u64, u64); 2]);

/// One call: how much time passed before it, in thousandths of the quota's window, and cost, ahead, back of each quota.
fn calls() -> impl Strategy<Value = Vec<Call>> {
    let take = || (0..40_u32, 0..50_u64, prop_oneof![3 => Just(0), 1 => 0..60_u64]);
    prop::collection::vec((0..700_u64, [take(), take()]), 1..30)
}

#[test]
fn the_script_counts_as_the_model_does_at_any_time() {
    let server = RedisServer::start();
    let client = redis::Client::open(server.url()).unwrap();
    let connection = std::cell::RefCell::new(client.get_connection().unwrap());
    let script = timed();
    let cases = ProptestConfig { failure_persistence: None, cases: 300, ..<_>::default() };
    proptest!(cases, |(quotas in [quota(), quota()], calls in calls(), case in any::<u64>())| {
        let model = Model::default();
        let mut now = 1_790_000_000_000_000;
        for (passed, numbers) in calls {
            now += passed * u64::try_from(quotas[0].window().as_micros()).unwrap() / 1000;
            model.now.store(now, Ordering::Relaxed);
            let takes: Vec<Take> = quotas
                .iter()
                .zip(numbers)
                .enumerate()
                .map(|(nth, (quota, (cost, ahead, back)))| {
                    let key = format!("{{{case}}}:{nth}");
                    let mut take = Take::new(key, quota, cost.min(quota.burst())).unwrap();
                    (take.ahead, take.back) = (ahead, back);
                    take
                })
                .collect();
            let mut call = script.prepare_invoke();
            for Take { key, interval, burst, cost, ahead, back, .. } in &takes {
                call.key(key).arg(interval).arg(burst).arg(cost).arg(ahead).arg(back);
            }
            let numbers: Vec<u64> = call.arg(now).invoke(&mut *connection.borrow_mut()).unwrap();
            let micros = Duration::from_micros;
            let answers: Vec<Tallied> = numbers
                .chunks(4)
                .map(|n| Tallied::new(micros(n[0]), n[1], micros(n[2]), n[3]))
                .collect();
            prop_assert_eq!(answers, model.count(&takes), "{:?}", takes);
        }
    });
}

#[test]
fn a_quota_is_counted_in_whole_microseconds_and_never_faster_than_it_says() {
    let take = |quota: Quota| Take::new("k".into(), &quota, 1).unwrap();
    let third = take(Quota::new(3, Duration::from_secs(1)).unwrap());
    assert_eq!((third.interval, third.burst), (333_334, 3));
    let fastest = take(Quota::new(1_000_000_000, Duration::from_secs(1)).unwrap());
    assert_eq!((fastest.interval, fastest.burst), (1, 1_000_000_000));
    let slowest = take(Quota::new(1, Duration::from_secs(366 * 86_400)).unwrap());
    assert_eq!(slowest.interval, 366 * 86_400_000_000);
    assert!(Take::new("k".into(), &Quota::per_minute(0).unwrap(), 1).is_none());
}

#[tokio::test]
async fn a_call_that_is_sent_again_gives_back_once() {
    let server = RedisServer::start();
    let redis = connected(&server.url(), patient()).await;
    let quota = Quota::per_hour(100).unwrap();
    let mut take = Take::new("palisade:{k}:rl:l".into(), &quota, 50).unwrap();
    redis.take(vec![take.clone()]).await.unwrap();
    let once = "return #redis.call('KEYS', 'palisade:{k}:once:*')";
    assert_eq!(server.number(&["EVAL", once, "0"]), 0);
    (take.cost, take.back) = (0, 10);
    assert_eq!(redis.take(vec![take.clone()]).await.unwrap()[0].remaining, 60);
    assert_eq!(redis.take(vec![take.clone()]).await.unwrap()[0].remaining, 70);
    // Each call has a name of its own; one that comes twice has the same.
    assert_eq!(server.number(&["EVAL", once, "0"]), 2);
    let left = |name: &str| {
        let client = redis::Client::open(server.url()).unwrap();
        let script = redis::Script::new(include_str!("../../src/charge.lua"));
        let mut call = script.prepare_invoke();
        call.key(&take.key).key(name).arg(take.interval).arg(take.burst).arg(0).arg(0).arg(10);
        let answer: Vec<u64> = call.invoke(&mut client.get_connection().unwrap()).unwrap();
        answer[1]
    };
    assert_eq!([left("{k}:a"), left("{k}:a"), left("{k}:b")], [80, 80, 90]);
}
