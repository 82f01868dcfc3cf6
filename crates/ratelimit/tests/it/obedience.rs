//! L7: a client that does what the headers say is never refused for its own doing.

use std::time::Duration;

use http::Response;
use palisade_core::{ManualClock, RouteTag};
use palisade_ratelimit::{Quota, RateLimitPolicy, Scope};
use palisade_test_support::Body;
use proptest::prelude::*;

use crate::{from, header, send, to};

fn number(answer: &Response<Body>, name: &str) -> u64 {
    header(answer, name).parse().expect("a whole number of seconds")
}

fn policy(first: Quota, second: Quota) -> RateLimitPolicy {
    RateLimitPolicy::builder()
        .custom(Scope::routes(["search"]), first)
        .global(Scope::Tagged(RouteTag::API), second)
        .build()
        .unwrap()
}

fn quotas() -> impl Strategy<Value = Quota> {
    (1_u32..20, 1_u64..5_000, 1_u32..20).prop_map(|(limit, window, burst)| {
        let quota = Quota::new(limit, Duration::from_millis(window)).unwrap();
        quota.allow_burst(burst).unwrap()
    })
}

proptest! {
    #[test]
    fn l7_a_client_that_keeps_to_remaining_and_waits_for_reset_is_never_refused(
        first in quotas(),
        second in quotas(),
        pauses in prop::collection::vec(0_u64..300, 1..100),
    ) {
        let (policy, clock) = (policy(first, second), ManualClock::new());
        let ask = || send(&policy, &to("search", from("192.0.2.1", &clock)));
        for pause in pauses {
            clock.advance(Duration::from_millis(pause));
            let answer = ask();
            prop_assert_eq!(answer.status().as_u16(), 200);
            // Greedy: all at once, from what the last answer said.
            let mut last = answer;
            for _ in 0..number(&last, "ratelimit-remaining") {
                last = ask();
                prop_assert_eq!(last.status().as_u16(), 200);
            }
            prop_assert_eq!(number(&last, "ratelimit-remaining"), 0);
            clock.advance(Duration::from_secs(number(&last, "ratelimit-reset")));
        }
    }

    #[test]
    fn l7_a_client_that_waits_for_retry_after_passes_then(
        first in quotas(),
        second in quotas(),
        pauses in prop::collection::vec(0_u64..300, 1..100),
    ) {
        let (policy, clock) = (policy(first, second), ManualClock::new());
        let ask = || send(&policy, &to("search", from("192.0.2.1", &clock)));
        for pause in pauses {
            clock.advance(Duration::from_millis(pause));
            let answer = ask();
            if answer.status() == 429 {
                let wait = number(&answer, "retry-after");
                prop_assert_eq!(wait, number(&answer, "ratelimit-reset"), "one moment, told twice");
                clock.advance(Duration::from_secs(wait));
                prop_assert_eq!(ask().status().as_u16(), 200);
            }
        }
    }

    #[test]
    fn l7_reset_is_when_the_limit_is_there_again_at_once(quota in quotas(), used in 1_u64..20) {
        let policy = RateLimitPolicy::builder().global(Scope::Everything, quota).build().unwrap();
        let clock = ManualClock::new();
        let ask = || send(&policy, &from("192.0.2.1", &clock));
        let mut last = ask();
        let limit = number(&last, "ratelimit-limit");
        for _ in 1..used.min(limit) {
            last = ask();
        }
        clock.advance(Duration::from_secs(number(&last, "ratelimit-reset")));
        for _ in 0..limit {
            prop_assert_eq!(ask().status().as_u16(), 200);
        }
    }
}
