//! Nobody is asked who does not answer, and one call finds out when he does again.

use std::time::Duration;

use palisade_core::{ManualClock, Whereabouts};
use palisade_geo::{BreakerState, Geo, ProviderError};
use palisade_test_support::SecurityLog;

use crate::{
    at, country,
    fake::{Does, Fake},
    locate, settled,
};

const PAUSE: Duration = Duration::from_secs(30);

struct Setup {
    fake: Fake,
    clock: ManualClock,
    geo: Geo,
}

/// A provider that fails, and all that may be asked of it in a minute.
fn failing() -> Setup {
    let (fake, clock) = (Fake::that(Does::Fails(ProviderError::Status(500))), ManualClock::new());
    let builder = Geo::builder().provider(fake.clone()).clock(clock.clock());
    let geo = builder.calls_per_minute(6_000).build().unwrap();
    Setup { fake, clock, geo }
}

/// Asks for so many addresses, from the given one on, one after the other.
async fn ask(geo: &Geo, addresses: std::ops::Range<u8>) {
    for last in addresses {
        locate(geo, &format!("8.8.8.{last}"));
        settled(geo).await;
    }
}

#[tokio::test(start_paused = true)]
async fn after_three_failures_in_a_row_nobody_is_asked_for_thirty_seconds() {
    let Setup { fake, clock, geo } = failing();
    let log = SecurityLog::start();
    ask(&geo, 0..2).await;
    assert_eq!(geo.status().breaker, Some(BreakerState::Closed));
    assert!(log.of("geo.degraded").is_empty());
    ask(&geo, 2..100).await;
    assert_eq!((fake.calls(), geo.status().dropped), (3, 97));
    assert_eq!(geo.status().breaker, Some(BreakerState::Open));
    assert!(geo.status().is_degraded() && geo.is_degraded());
    clock.advance(PAUSE - Duration::from_millis(1));
    ask(&geo, 100..200).await;
    assert_eq!(fake.calls(), 3);
    let degraded = log.of("geo.degraded");
    assert_eq!(degraded.len(), 1, "told once");
    assert!(
        degraded[0].starts_with("WARN") && degraded[0].contains("error=\"answered 500\""),
        "{degraded:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_success_between_failures_begins_the_count_anew() {
    let Setup { fake, geo, .. } = failing();
    for round in 0..5 {
        fake.now(Does::Fails(ProviderError::Connection));
        ask(&geo, round * 3..round * 3 + 2).await;
        fake.now(Does::Answers(None));
        ask(&geo, round * 3 + 2..round * 3 + 3).await;
    }
    assert_eq!((fake.calls(), geo.status().failures), (15, 10));
    assert_eq!(geo.status().breaker, Some(BreakerState::Closed));
}

#[tokio::test(start_paused = true)]
async fn then_exactly_one_call_finds_out_and_the_others_wait_for_it() {
    let Setup { fake, clock, geo } = failing();
    let log = SecurityLog::start();
    ask(&geo, 0..10).await;
    fake.now(Does::Hangs);
    clock.advance(PAUSE);
    for last in 10..200 {
        assert_eq!(locate(&geo, &format!("8.8.8.{last}")), Whereabouts::NotYet);
    }
    crate::until("the probe", || fake.calls() == 4).await;
    assert_eq!(geo.status().breaker, Some(BreakerState::Probing));
    tokio::time::advance(Duration::from_secs(2)).await;
    settled(&geo).await;
    assert_eq!(fake.calls(), 4, "exactly one");
    assert_eq!(geo.status().breaker, Some(BreakerState::Open), "it failed: another 30 s");
    clock.advance(PAUSE - Duration::from_millis(1));
    ask(&geo, 200..210).await;
    assert_eq!(fake.calls(), 4);
    fake.now(Does::Answers(Some(country("DE"))));
    clock.advance(Duration::from_millis(1));
    ask(&geo, 210..211).await;
    assert_eq!(geo.status().breaker, Some(BreakerState::Closed));
    ask(&geo, 211..220).await;
    assert_eq!(fake.calls(), 5 + 9, "all are asked for again");
    assert_eq!(locate(&geo, "8.8.8.215"), at(country("DE")));
    assert_eq!((log.of("geo.degraded").len(), log.of("geo.recovered").len()), (1, 1));
    assert!(!geo.is_degraded());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_panics_is_followed_by_another_one() {
    let Setup { fake, clock, geo } = failing();
    ask(&geo, 0..3).await;
    fake.now(Does::Panics);
    clock.advance(PAUSE);
    ask(&geo, 3..10).await;
    assert_eq!((fake.calls(), geo.status().breaker), (4, Some(BreakerState::Open)));
    fake.now(Does::Answers(None));
    clock.advance(PAUSE);
    ask(&geo, 10..11).await;
    assert_eq!((fake.calls(), geo.status().breaker), (5, Some(BreakerState::Closed)));
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_it_opens_is_not_asked() {
    let Setup { fake, geo, .. } = failing();
    fake.now(Does::Hangs);
    for last in 0..100 {
        locate(&geo, &format!("8.8.8.{last}"));
    }
    crate::until("four calls", || fake.calls() == 4).await;
    assert_eq!(geo.status().in_flight, 100);
    tokio::time::advance(Duration::from_secs(2)).await;
    settled(&geo).await;
    // Three open it. The fourth was on its way, and one more may begin in the place of the first that ended.
    assert!((4..=6).contains(&fake.calls()), "{}", fake.calls());
    assert_eq!(geo.status().calls as usize, fake.calls());
    assert_eq!(geo.status().dropped as usize, 100 - fake.calls());
    assert_eq!(geo.status().budget_left, 6_000 - fake.calls(), "and costs nothing");
}
