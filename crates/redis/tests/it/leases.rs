//! Leases: what many instances admit together, and how little they ask.

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::FutureExt;
use palisade_core::{BoxFuture, ManualClock, Moment};
use palisade_ratelimit::{Charge, Charged, Key, Outage, Quota, SharedStore, Standing};
use palisade_redis::{Leases, RedisLimiter, Tally};
use palisade_test_support::RedisServer;
use proptest::prelude::*;

use crate::{
    model::Model,
    shared::{address, admits, connected, patient},
};

/// Instances that share a model, on a clock of the test's.
struct Fleet {
    model: Arc<Model>,
    nodes: Vec<RedisLimiter>,
    clock: ManualClock,
    /// Microseconds, and how many were admitted then.
    admitted: Vec<(u64, u64)>,
    /// Requests that wait for an answer: when they were counted, and what they cost.
    open: Vec<(u64, u64, Waiting)>,
}

type Waiting = BoxFuture<Result<Vec<Standing>, Outage>>;

impl Fleet {
    fn of(nodes: usize, leases: Leases) -> Self {
        let model = Arc::new(Model::default());
        model.now.store(1_790_000_000_000_000, Ordering::Relaxed);
        let node = || RedisLimiter::over(Arc::clone(&model) as Arc<dyn Tally>, Some(leases));
        let nodes = std::iter::repeat_with(node).take(nodes).collect();
        Self { model, nodes, clock: ManualClock::new(), admitted: Vec::new(), open: Vec::new() }
    }

    /// Asks, and does not wait for the answer.
    fn send(&mut self, node: usize, quota: &Quota, cost: u32) {
        let (at, sum) = (self.model.now.load(Ordering::Relaxed), cost.into());
        match charged(&self.nodes[node], quota, cost, self.clock.now()) {
            Charged::Now(answer) if !answer.as_ref().unwrap()[0].is_refused() => {
                self.admitted.push((at, sum));
            }
            Charged::Now(_) => {}
            Charged::Later(mut answer) => match (&mut answer).now_or_never() {
                Some(answer) if !answer.as_ref().unwrap()[0].is_refused() => {
                    self.admitted.push((at, sum));
                }
                Some(_) => {}
                None => self.open.push((at, sum, answer)),
            },
        }
        self.model.run_background();
    }

    /// Lets so many more calls be answered, and whoever waited for them go on.
    fn answer(&mut self, calls: u64) {
        self.model.answers.fetch_add(calls, Ordering::Relaxed);
        self.model.run_background();
        let admitted = &mut self.admitted;
        self.open.retain_mut(|(at, sum, answer)| {
            let answer = answer.now_or_never();
            if matches!(&answer, Some(answer) if !answer.as_ref().unwrap()[0].is_refused()) {
                admitted.push((*at, *sum));
            }
            answer.is_none()
        });
    }

    fn pass(&self, micros: u64) {
        self.clock.advance(Duration::from_micros(micros));
        self.model.now.fetch_add(micros, Ordering::Relaxed);
    }

    fn ask(&mut self, node: usize, quota: &Quota, cost: u32) -> Standing {
        let standing = charge(&self.nodes[node], quota, cost, self.clock.now());
        if !standing.is_refused() {
            self.admitted.push((self.model.now.load(Ordering::Relaxed), cost.into()));
        }
        standing
    }

    fn give_back(&self) {
        for node in &self.nodes {
            node.give_back(self.clock.now());
        }
        self.model.run_background();
    }

    /// The law: in any time `t`, at most `burst + limit × t / window + instances × lease`.
    fn holds(&self, quota: &Quota, leases: Leases) -> Result<(), TestCaseError> {
        let mut at_once = BTreeMap::<u64, u64>::new();
        for (at, cost) in &self.admitted {
            *at_once.entry(*at).or_default() += cost;
        }
        let admitted: Vec<_> = at_once.into_iter().collect();
        let hoard = self.nodes.len() as u64 * u64::from(leases.share_of(quota));
        let allowed = u128::from(u64::from(quota.burst()) + hoard);
        for (first, (from, _)) in admitted.iter().enumerate() {
            let mut sum = 0;
            for (at, cost) in &admitted[first..] {
                sum += u128::from(*cost);
                let grown =
                    u128::from(at - from) * u128::from(quota.limit()) / quota.window().as_micros();
                prop_assert!(sum <= allowed + grown, "{sum} in {} µs", at - from);
            }
        }
        Ok(())
    }

    fn sum(&self) -> u64 {
        self.admitted.iter().map(|(_, cost)| cost).sum()
    }
}

fn charged(node: &RedisLimiter, quota: &Quota, cost: u32, now: Moment) -> Charged {
    let key = Key::Address(address("203.0.113.9"));
    node.charge(&[Charge::new("test", key, quota, NonZeroU32::new(cost).unwrap())], now)
}

fn charge(node: &RedisLimiter, quota: &Quota, cost: u32, now: Moment) -> Standing {
    let answer = match charged(node, quota, cost, now) {
        Charged::Now(answer) => answer,
        Charged::Later(answer) => answer.now_or_never().unwrap(),
    };
    answer.unwrap()[0]
}

#[test]
fn in_any_window_instances_admit_no_more_than_the_formula_says() {
    let cases = ProptestConfig { failure_persistence: None, cases: 400, ..<_>::default() };
    // Which instance, how much time before, how many requests at once, what they cost, and whether the background gets a turn.
    let step = (
        0..4_usize,
        prop_oneof![4 => Just(0_u64), 2 => 0..20_000_u64, 1 => 0..2_000_000_u64],
        1..60_u32,
        1..3_u32,
        any::<bool>(),
    );
    let steps = prop::collection::vec(step, 1..40);
    proptest!(cases, |(nodes in 1..5_usize, steps in steps, burst in 16..300_u32, size in 4..100_u32)| {
        let quota = Quota::new(200, Duration::from_secs(1)).unwrap().allow_burst(burst).unwrap();
        let leases = Leases::new(size, Duration::from_millis(500)).unwrap();
        let mut fleet = Fleet::of(nodes, leases);
        for (node, passed, requests, cost, background) in steps {
            fleet.pass(passed);
            for _ in 0..requests {
                fleet.ask(node % nodes, &quota, cost);
            }
            if background {
                fleet.model.run_background();
                fleet.give_back();
            }
        }
        fleet.holds(&quota, leases)?;
    });
}

#[test]
fn however_late_answers_come_instances_admit_no_more_than_the_formula_says() {
    let cases = ProptestConfig { failure_persistence: None, cases: 100, ..<_>::default() };
    // How much time before an instance asks, and which; how much time then, and how many requests behind each answer.
    let asks = prop::collection::vec((900_000..1_500_000_u64, 0..3_usize), 1..30);
    let spent = prop::collection::vec((0..50_000_u64, 1..120_usize), 1..30);
    proptest!(cases, |(nodes in 1..4_usize, asks in asks, pause in 0..40_000_000_u64, spent in spent, size in 40..100_u32)| {
        let quota = Quota::new(400, Duration::from_secs(40)).unwrap();
        let leases = Leases::new(size, Duration::from_secs(60)).unwrap();
        let mut fleet = Fleet::of(nodes, leases);
        fleet.model.answers.store(0, Ordering::Relaxed);
        for (passed, node) in asks {
            fleet.pass(passed);
            fleet.send(node % nodes, &quota, 1);
        }
        fleet.pass(pause);
        for (passed, requests) in spent {
            fleet.pass(passed);
            fleet.answer(1);
            for node in (0..nodes).cycle().take(requests) {
                fleet.send(node, &quota, 1);
            }
        }
        fleet.answer(1 << 40);
        fleet.holds(&quota, leases)?;
    });
}

#[test]
fn what_is_under_way_counts_against_a_lease_and_what_is_given_up_does_not() {
    let quota = Quota::new(400, Duration::from_secs(40)).unwrap();
    let leases = Leases::new(100, Duration::from_secs(60)).unwrap();
    let mut fleet = Fleet::of(1, leases);
    fleet.model.answers.store(0, Ordering::Relaxed);
    // Nobody answers, and it asks ahead again and again.
    for _ in 0..12 {
        fleet.pass(1_100_000);
        fleet.send(0, &quota, 1);
    }
    fleet.pass(25_000_000);
    // Now the quota is nearly whole. Each answer brings what was taken ahead, and it is spent before the next one comes.
    for _ in 0..12 {
        fleet.answer(1);
        for _ in 0..400 {
            fleet.send(0, &quota, 1);
        }
    }
    fleet.answer(1 << 40);
    fleet.holds(&quota, leases).unwrap();
    // Whoever gave up waiting leaves the lease free to ask again.
    let mut fleet = Fleet::of(1, leases);
    fleet.model.answers.store(0, Ordering::Relaxed);
    for _ in 0..12 {
        fleet.pass(1_100_000);
        fleet.send(0, &quota, 1);
        fleet.open.clear();
    }
    fleet.pass(40_000_000);
    fleet.answer(1 << 40);
    for _ in 0..80 {
        fleet.send(0, &quota, 1);
        fleet.pass(1000);
    }
    assert!(fleet.nodes[0].stats().leased > 40, "{:?}", fleet.nodes[0].stats());
}

#[test]
fn instances_that_hoard_come_close_to_the_bound_and_not_over_it() {
    let quota = Quota::new(400, Duration::from_secs(400)).unwrap();
    let leases = Leases::new(50, Duration::from_secs(60)).unwrap();
    let mut fleet = Fleet::of(4, leases);
    // Each takes a lease; then time passes until the quota is nearly whole, and all is spent at once.
    for node in 0..4 {
        for _ in 0..8 {
            fleet.ask(node, &quota, 1);
            fleet.model.run_background();
        }
    }
    fleet.pass(59_000_000);
    fleet.admitted.clear();
    for node in [0, 1, 2, 3].repeat(200) {
        fleet.ask(node, &quota, 1);
        fleet.model.run_background();
    }
    fleet.holds(&quota, leases).unwrap();
    assert!(fleet.sum() > 250, "{}", fleet.sum());
}

#[test]
fn a_client_below_his_quota_is_never_refused_however_many_instances_he_meets() {
    let quota = Quota::new(100, Duration::from_secs(10)).unwrap();
    let leases = Leases::new(25, Duration::from_secs(1)).unwrap();
    let mut fleet = Fleet::of(3, leases);
    // Nine in a second, of the ten that come back: each instance sees three, and none may lose what it took ahead.
    for turn in 0..900 {
        fleet.pass(111_000);
        assert!(!fleet.ask(turn % 3, &quota, 1).is_refused(), "request {turn}");
        fleet.model.run_background();
        fleet.give_back();
    }
}

#[test]
fn a_busy_key_costs_one_call_in_a_hundred_requests_or_less() {
    let quota = Quota::per_second(10_000).unwrap();
    let mut fleet = Fleet::of(1, Leases::default());
    for requests in [1000, 10_000] {
        let before = fleet.model.calls.load(Ordering::Relaxed);
        for _ in 0..requests {
            fleet.pass(200);
            assert!(!fleet.ask(0, &quota, 1).is_refused());
            fleet.model.run_background();
        }
        let calls = fleet.model.calls.load(Ordering::Relaxed) - before;
        assert!(calls * 100 <= requests, "{calls} calls of {requests} requests");
    }
}

#[test]
fn a_busy_key_waits_for_no_call() {
    let quota = Quota::per_second(10_000).unwrap();
    let mut fleet = Fleet::of(1, Leases::default());
    for _ in 0..20_000 {
        fleet.pass(200);
        fleet.ask(0, &quota, 1);
        fleet.model.run_background();
    }
    // All but the first few, while nothing was known of the key.
    assert!(fleet.nodes[0].stats().leased > 19_990, "{:?}", fleet.nodes[0].stats());
}

#[test]
fn what_is_told_to_be_left_may_be_sent() {
    let quota = Quota::new(1000, Duration::from_secs(3600)).unwrap();
    let mut fleet = Fleet::of(1, Leases::default());
    let mut told = 1000;
    for _ in 0..1000 {
        let standing = fleet.ask(0, &quota, 1);
        assert!(!standing.is_refused());
        assert!(standing.remaining < told, "{standing:?} behind {told}");
        told = standing.remaining;
        fleet.model.run_background();
    }
    assert_eq!(told, 0);
    assert!(fleet.ask(0, &quota, 1).is_refused());
}

#[test]
fn a_quota_too_small_for_leases_is_exact() {
    let quota = Quota::new(15, Duration::from_secs(3600)).unwrap();
    let mut fleet = Fleet::of(4, Leases::default());
    for turn in 0..100 {
        fleet.ask(turn % 4, &quota, 1);
        fleet.model.run_background();
    }
    assert_eq!(fleet.sum(), 15);
}

#[test]
fn what_was_not_used_comes_back() {
    let quota = Quota::new(1000, Duration::from_secs(86_400)).unwrap();
    let mut fleet = Fleet::of(2, Leases::default());
    for _ in 0..40 {
        fleet.ask(0, &quota, 1);
        fleet.model.run_background();
    }
    fleet.pass(1_100_000);
    fleet.give_back();
    // All that the first instance did not send is there for the second.
    fleet.pass(1000);
    let standing = fleet.ask(1, &quota, 1);
    assert_eq!(standing.remaining, 1000 - 41);
}

#[test]
fn more_clients_than_there_is_room_for_ask_directly() {
    let quota = Quota::per_second(1000).unwrap();
    let leases = Leases::default().keys(64);
    let model = Arc::new(Model::default());
    let node = RedisLimiter::over(Arc::clone(&model) as Arc<dyn Tally>, Some(leases));
    let clock = ManualClock::new();
    for client in 0..1000_u32 {
        let key = Key::Address(address(&std::net::Ipv4Addr::from(client).to_string()));
        let charges = [Charge::new("test", key, &quota, NonZeroU32::MIN)];
        for _ in 0..10 {
            let charged = node.charge(&charges, clock.now());
            let answer = match charged {
                Charged::Now(answer) => answer,
                Charged::Later(answer) => answer.now_or_never().unwrap(),
            };
            assert!(!answer.unwrap()[0].is_refused());
        }
    }
    assert!(node.stats().keys <= 64);
    clock.advance(Duration::from_secs(10));
    node.give_back(clock.now());
    model.run_background();
    clock.advance(Duration::from_secs(10));
    node.give_back(clock.now());
    assert_eq!(node.stats().keys, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_real_server_a_busy_key_is_leased_and_the_bound_holds() {
    let server = RedisServer::start();
    let quota = Quota::new(4000, Duration::from_secs(3600)).unwrap();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let redis = connected(&server.url(), patient()).await;
        nodes.push(RedisLimiter::with_leases(&redis, Leases::default()));
    }
    let mut admitted = 0;
    for turn in 0..6000 {
        admitted += u32::from(admits(&nodes[turn % 2], "203.0.113.9", &quota).await);
    }
    // A few seconds give a few back.
    assert!((3400..=4000 + 2 * 256 + 30).contains(&admitted), "{admitted}");
    let calls: u64 = nodes.iter().map(|node| node.stats().calls).sum();
    let leased: u64 = nodes.iter().map(|node| node.stats().leased).sum();
    assert!(leased > 3000 && calls < 400, "{leased} of {admitted} leased, {calls} calls");
}
