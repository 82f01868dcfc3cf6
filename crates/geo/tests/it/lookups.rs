//! What is known, when it is asked for, and how long it holds. Time is paused, and the clock is set by hand.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use palisade_core::{Locate as _, Location, ManualClock, Whereabouts};
use palisade_geo::{Geo, GeoBuilder, LocationDatabase, ProviderError};
use proptest::prelude::*;

use crate::{
    at, country,
    fake::{Does, Fake},
    ip, locate, settled, until,
};

const HOUR: Duration = Duration::from_secs(3600);

fn geo(fake: &Fake, clock: &ManualClock) -> Geo {
    Geo::builder().provider(fake.clone()).clock(clock.clock()).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_first_request_does_not_know_and_the_next_one_does() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = geo(&fake, &clock);
    assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::NotYet);
    settled(&geo).await;
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE")));
    assert_eq!(locate(&geo, "::ffff:8.8.8.8"), at(country("DE")), "the same address");
    assert_eq!(locate(&geo, "64:ff9b::8.8.8.8"), at(country("DE")), "and again");
    assert_eq!(fake.asked(), [ip("8.8.8.8")]);
    let status = geo.status();
    assert_eq!((status.hits, status.misses, status.calls, status.entries), (3, 1, 1, 1));
    assert!(!status.is_degraded() && !geo.is_degraded());
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_of_an_address_share_one_call() {
    let fake = Fake::that(Does::Hangs);
    let geo = geo(&fake, &ManualClock::new());
    let asks = (0..50).map(|_| {
        let geo = geo.clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::NotYet);
                tokio::task::yield_now().await;
            }
        })
    });
    for ask in asks.collect::<Vec<_>>() {
        ask.await.unwrap();
    }
    assert_eq!(fake.calls(), 1);
    assert_eq!(geo.status().misses, 1000);
    assert_eq!(geo.status().dropped, 0, "they are answered by the call that is on its way");
}

#[tokio::test(start_paused = true)]
async fn of_ipv6_the_network_is_asked_for_and_known() {
    let fake = Fake::in_country("JP");
    let geo = geo(&fake, &ManualClock::new());
    locate(&geo, "2a00:1450:1:2:3:4:5:6");
    settled(&geo).await;
    assert_eq!(locate(&geo, "2a00:1450:1:2:ffff::1"), at(country("JP")));
    assert_eq!(locate(&geo, "2a00:1450:1:3::1"), Whereabouts::NotYet, "is another network");
    settled(&geo).await;
    assert_eq!(fake.asked(), [ip("2a00:1450:1:2::"), ip("2a00:1450:1:3::")]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_holds_for_a_day_and_is_used_for_a_month_while_nobody_answers() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = geo(&fake, &clock);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    clock.advance(HOUR * 24 - Duration::from_secs(1));
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE")));
    settled(&geo).await;
    assert_eq!(fake.calls(), 1, "it is fresh");
    // Older: it is used, and asked for again.
    fake.now(Does::Fails(ProviderError::Connection));
    clock.advance(Duration::from_secs(1));
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE")));
    settled(&geo).await;
    assert_eq!(fake.calls(), 2);
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE")), "stale if error");
    assert_eq!(geo.status().stale, 2);
    // What comes then replaces it.
    fake.now(Does::Answers(Some(country("AT"))));
    clock.advance(HOUR);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("AT")));
    // Nothing is used for longer than a month.
    fake.now(Does::Hangs);
    clock.advance(HOUR * 24 * 30);
    assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::NotYet);
}

#[tokio::test(start_paused = true)]
async fn setting_the_walls_time_makes_nothing_older() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = geo(&fake, &clock);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    for years in [40, 70] {
        clock.step_wall(std::time::UNIX_EPOCH + HOUR * 24 * 365 * years);
        assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE")));
    }
    assert_eq!(fake.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn that_nobody_knows_any_more_replaces_no_place_for_a_month() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = geo(&fake, &clock);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    fake.now(Does::Answers(None));
    clock.advance(HOUR * 24);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    for _ in 0..10 {
        assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE")), "it is kept");
        settled(&geo).await;
    }
    assert_eq!(fake.calls(), 2, "and not asked for at every request");
    clock.advance(HOUR);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(fake.calls(), 3, "an hour later it is");
    clock.advance(HOUR * 24 * 30);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::Nowhere);
}

#[tokio::test(start_paused = true)]
async fn who_only_looks_asks_nobody_and_counts_nothing() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = geo(&fake, &clock);
    for _ in 0..100 {
        assert_eq!(geo.known(ip("8.8.8.8")), Whereabouts::NotYet);
        assert_eq!(geo.known(ip("10.0.0.1")), Whereabouts::Nowhere);
    }
    settled(&geo).await;
    let status = geo.status();
    assert_eq!((fake.calls(), status.misses, status.dropped, status.hits), (0, 0, 0, 0));
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(geo.known(ip("8.8.8.8")), at(country("DE")));
    clock.advance(HOUR * 25);
    assert_eq!(geo.known(ip("8.8.8.8")), at(country("DE")));
    settled(&geo).await;
    assert_eq!((fake.calls(), geo.status().misses, geo.status().stale), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn names_of_any_provider_are_kept_bounded_and_plain() {
    let long = country("DE").city("x".repeat(1 << 20)).region("A\u{61c}\u{2060}\u{2064}B\n");
    let geo = geo(&Fake::that(Does::Answers(Some(long))), &ManualClock::new());
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("DE").city("x".repeat(100)).region("AB")));
}

#[tokio::test(start_paused = true)]
async fn what_was_answered_never_becomes_less() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = geo(&fake, &clock);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    fake.now(Does::Hangs);
    for last in 0..3 {
        locate(&geo, &format!("8.8.4.{last}"));
        until("the call", || fake.calls() == 2 + last).await;
        let status = geo.status();
        assert_eq!((status.answered, status.failures), (1, last as u64), "while it hangs");
        tokio::time::advance(Duration::from_secs(2)).await;
        settled(&geo).await;
    }
    let status = geo.status();
    assert_eq!((status.calls, status.answered, status.failures), (4, 1, 3));
}

#[tokio::test(start_paused = true)]
async fn that_nobody_knows_holds_for_an_hour() {
    let (fake, clock) = (Fake::that(Does::Answers(None)), ManualClock::new());
    let geo = geo(&fake, &clock);
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    clock.advance(HOUR - Duration::from_secs(1));
    assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::Nowhere);
    settled(&geo).await;
    assert_eq!(fake.calls(), 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::Nowhere);
    settled(&geo).await;
    assert_eq!(fake.calls(), 2);
    // An answer that says nothing is the same.
    fake.now(Does::Answers(Some(Location::new())));
    locate(&geo, "9.9.9.9");
    settled(&geo).await;
    assert_eq!(locate(&geo, "9.9.9.9"), Whereabouts::Nowhere);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_failed_is_not_asked_for_again_for_half_a_minute() {
    let (fake, clock) = (Fake::that(Does::Fails(ProviderError::Malformed)), ManualClock::new());
    let geo = geo(&fake, &clock);
    for _ in 0..100 {
        assert_eq!(locate(&geo, "8.8.8.8"), Whereabouts::NotYet);
        settled(&geo).await;
    }
    assert_eq!(fake.calls(), 1, "one address alone opens no breaker");
    assert_eq!(geo.status().last_error, Some(ProviderError::Malformed));
    clock.advance(Duration::from_secs(30));
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(fake.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_two_seconds_at_the_most() {
    let fake = Fake::that(Does::Hangs);
    let geo = geo(&fake, &ManualClock::new());
    let began = tokio::time::Instant::now();
    locate(&geo, "8.8.8.8");
    crate::until("the call", || fake.calls() == 1).await;
    tokio::time::advance(Duration::from_millis(1_999)).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!((geo.status().in_flight, geo.status().failures), (1, 0));
    tokio::time::advance(Duration::from_millis(1)).await;
    settled(&geo).await;
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert_eq!(geo.status().last_error, Some(ProviderError::Timeout));
    assert_eq!(geo.status().failures, 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_is_one_that_fails() {
    let fake = Fake::that(Does::Panics);
    let geo = geo(&fake, &ManualClock::new());
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    assert_eq!(geo.status().last_error, Some(ProviderError::GivenUp));
    fake.now(Does::Answers(Some(country("DE"))));
    locate(&geo, "9.9.9.9");
    settled(&geo).await;
    assert_eq!(locate(&geo, "9.9.9.9"), at(country("DE")), "others are asked for all the same");
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_asked_for_again() {
    let fake = Fake::in_country("DE");
    let geo = geo(&fake, &ManualClock::new());
    locate(&geo, "8.8.8.8");
    settled(&geo).await;
    geo.forget();
    assert_eq!((locate(&geo, "8.8.8.8"), geo.status().entries), (Whereabouts::NotYet, 0));
    settled(&geo).await;
    assert_eq!(fake.calls(), 2);
}

/// Knows two addresses.
#[derive(Debug, Default)]
struct Table {
    asked: std::sync::atomic::AtomicUsize,
}

impl LocationDatabase for Table {
    fn locate(&self, address: IpAddr) -> Option<Arc<Location>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let known = [ip("8.8.8.8"), ip("10.0.0.1")].contains(&address);
        known.then(|| Arc::new(country("FR")))
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_knows_at_once_and_the_provider_is_asked_about_the_rest() {
    let fake = Fake::in_country("DE");
    let table = Arc::new(Table::default());
    let builder = Geo::builder().provider(fake.clone()).clock(ManualClock::new().clock());
    let geo = builder.database(Arc::clone(&table)).build().unwrap();
    assert_eq!(locate(&geo, "8.8.8.8"), at(country("FR")));
    assert_eq!(locate(&geo, "::ffff:8.8.8.8"), at(country("FR")));
    assert_eq!(locate(&geo, "10.0.0.1"), at(country("FR")), "it may know one's own networks");
    assert_eq!(locate(&geo, "10.0.0.2"), Whereabouts::Nowhere);
    assert_eq!(locate(&geo, "9.9.9.9"), Whereabouts::NotYet);
    settled(&geo).await;
    assert_eq!(locate(&geo, "9.9.9.9"), at(country("DE")));
    assert_eq!(fake.asked(), [ip("9.9.9.9")]);
    assert_eq!(table.asked.load(Ordering::Relaxed), 6);
}

#[test]
fn a_database_alone_needs_no_runtime_and_a_provider_does() {
    let geo = Geo::builder().database(Table::default()).build().unwrap();
    assert_eq!(locate(&geo, "9.9.9.9"), Whereabouts::Nowhere);
    assert_eq!(geo.status().breaker, None);
    let error = Geo::builder().provider(Fake::in_country("DE")).build().unwrap_err();
    assert!(error.to_string().contains("a runtime of tokio"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_a_mistake() {
    let check = |builder: GeoBuilder, expected: &str| {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    let with = || Geo::builder().provider(Fake::in_country("DE"));
    check(Geo::builder(), "expected a database, a provider or both");
    check(with().calls_per_minute(0), "1 to 6000");
    check(with().calls_per_minute(6001), "1 to 6000");
    check(with().entries(0), "1 to 32768");
    check(with().entries(32_769), "1 to 32768");
    check(with().timeout(Duration::from_millis(2_001)), "1ms to 2s");
    check(with().timeout(Duration::ZERO), "1ms to 2s");
}

/// What the model of the next test remembers of an address: when it was answered.
type Answered = Option<u64>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// For any order of questions and hours that pass: an address is asked for exactly when its answer is a day old or there is
    /// none, and what is shown is never older than a month.
    #[test]
    fn an_address_is_asked_for_exactly_when_its_answer_is_old(steps in prop::collection::vec((0_usize..4, 0_u64..40), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
            let geo = geo(&fake, &clock);
            let (mut hour, mut model, mut calls) = (0_u64, [Answered::None; 4], 0);
            for (address, hours) in steps {
                clock.advance(HOUR * u32::try_from(hours).unwrap());
                hour += hours;
                let age = model[address].map(|at| hour - at);
                let shown = locate(&geo, &format!("8.8.8.{address}"));
                prop_assert_eq!(shown != Whereabouts::NotYet, age.is_some_and(|age| age < 24 * 30));
                if age.is_none_or(|age| age >= 24) {
                    calls += 1;
                    model[address] = Some(hour);
                }
                settled(&geo).await;
                prop_assert_eq!(fake.calls(), calls);
            }
            Ok(())
        })?;
    }
}

#[tokio::test(start_paused = true)]
async fn every_question_is_counted_once_also_where_nobody_is_asked() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = geo(&fake, &clock);
    for address in ["10.0.0.1", "8.8.8.8", "::1"] {
        locate(&geo, address);
    }
    settled(&geo).await;
    locate(&geo, "8.8.8.8");
    let status = geo.status();
    assert_eq!((status.nowhere, status.misses, status.hits, status.stale), (2, 1, 1, 0));
}
