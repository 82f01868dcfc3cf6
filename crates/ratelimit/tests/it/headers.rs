//! The header fields, letter by letter.

use palisade_core::{ManualClock, RouteTag};
use palisade_ratelimit::{HeaderDraft, Quota, RateLimitHeaders, RateLimitPolicy, Scope};
use proptest::prelude::*;

use crate::{from, header, ms, send, to};

const FIELDS: [&str; 5] =
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit", "ratelimit-policy"];

fn named(quota: Quota, name: &str) -> Quota {
    quota.named(name).unwrap()
}

/// The fields of the second answer to a client, 10 s after the first; two limiters apply.
fn second_answer(drafts: &str) -> [String; 5] {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder()
        .global(Scope::Tagged(RouteTag::API), named(Quota::per_hour(1_000).unwrap(), "api"))
        .custom(Scope::routes(["search"]), named(Quota::per_minute(4).unwrap(), "search"))
        .headers(drafts.parse::<RateLimitHeaders>().unwrap())
        .build()
        .unwrap();
    let ask = || send(&policy, &to("search", from("192.0.2.1", &clock)));
    let _first = ask();
    clock.advance(ms(10_000));
    let answer = ask();
    FIELDS.map(|name| header(&answer, name))
}

#[test]
fn draft_6_has_three_fields_and_the_policies() {
    let expected = ["4", "2", "20", "", "4;w=60, 1000;w=3600"];
    assert_eq!(second_answer("draft-6"), expected);
}

#[test]
fn draft_7_has_one_dictionary_and_the_policies() {
    let expected = ["", "", "", "limit=4, remaining=2, reset=20", "4;w=60, 1000;w=3600"];
    assert_eq!(second_answer("draft-7"), expected);
}

#[test]
fn draft_10_has_named_quotas() {
    let policies = "\"search\";q=4;w=60, \"api\";q=1000;w=3600";
    let expected = ["", "", "", "\"search\";r=2;t=20", policies];
    assert_eq!(second_answer("draft-10"), expected);
}

#[test]
fn drafts_that_get_along_are_told_together_and_the_newest_writes_the_policies() {
    let policies = "\"search\";q=4;w=60, \"api\";q=1000;w=3600";
    let expected = ["4", "2", "20", "\"search\";r=2;t=20", policies];
    assert_eq!(second_answer("draft-6,draft-10"), expected);
    assert_eq!(second_answer("draft-10, draft-6"), expected);
    let expected = ["4", "2", "20", "limit=4, remaining=2, reset=20", "4;w=60, 1000;w=3600"];
    assert_eq!(second_answer("draft-6,draft-7"), expected);
}

#[test]
fn off_is_silent() {
    assert_eq!(second_answer("off"), ["", "", "", "", ""]);
}

/// The fields of draft-6 of the first answer under `quota`.
fn first_answer(quota: Quota) -> [String; 4] {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder().global(Scope::Everything, quota).build().unwrap();
    let answer = send(&policy, &from("192.0.2.1", &clock));
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy"]
        .map(|name| header(&answer, name))
}

#[test]
fn a_window_below_a_second_is_told_as_the_same_rate_in_a_whole_one() {
    assert_eq!(first_answer(Quota::default()), ["1", "0", "1", "20;w=1"]);
    assert_eq!(first_answer(Quota::new(5, ms(300)).unwrap()), ["5", "4", "1", "16;w=1"]);
    assert_eq!(first_answer(Quota::new(3, ms(1_500)).unwrap()), ["3", "2", "1", "4;w=2"]);
    assert_eq!(first_answer(Quota::new(2, ms(999)).unwrap()), ["2", "1", "1", "2;w=1"]);
}

#[test]
fn limit_is_what_may_come_at_once() {
    let quota = Quota::per_second(10).unwrap();
    assert_eq!(first_answer(quota.clone().allow_burst(50).unwrap()), ["50", "49", "1", "10;w=1"]);
    assert_eq!(first_answer(quota.allow_burst(2).unwrap()), ["2", "1", "1", "10;w=1"]);
    assert_eq!(first_answer(Quota::new(0, ms(50)).unwrap()), ["0", "0", "1", "0;w=1"]);
}

#[test]
fn draft_6_never_has_two_policies_with_one_quota_value() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder()
        .global(Scope::Everything, Quota::per_hour(10).unwrap())
        .custom(Scope::routes(["search"]), Quota::per_minute(10).unwrap())
        .build()
        .unwrap();
    let answer = send(&policy, &to("search", from("192.0.2.1", &clock)));
    assert_eq!(header(&answer, "ratelimit-policy"), "10;w=3600", "the stricter one");
}

#[test]
fn a_name_is_quoted_as_a_structured_string() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder()
        .global(Scope::Everything, named(Quota::per_minute(5).unwrap(), r#"a "b" \c"#))
        .headers(HeaderDraft::Draft10)
        .build()
        .unwrap();
    let answer = send(&policy, &from("192.0.2.1", &clock));
    assert_eq!(header(&answer, "ratelimit"), r#""a \"b\" \\c";r=4;t=12"#);
}

#[test]
fn a_setting_is_read_strictly_and_a_mistake_names_what_was_meant() {
    let read = |text: &str| text.parse::<RateLimitHeaders>();
    assert_eq!(read("draft-6").unwrap(), RateLimitHeaders::default());
    assert_eq!(read("off").unwrap(), RateLimitHeaders::OFF);
    for (text, meant) in [
        ("draft6", "draft-6"),
        ("Draft-07", "draft-7"),
        ("draft-8", "draft-10"),
        ("draft-6,draft_10", "draft-10"),
        ("none", "off"),
        ("", "off"),
        ("draft-7,draft-10", "draft-6,draft-10"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.ends_with(&format!("did you mean `{meant}`?")), "{text}: {error}");
    }
    assert!(read("draft-6,off").is_err());
    assert_eq!(
        read("draft-3").unwrap_err().to_string(),
        "`draft-3` is not a valid rate limit header draft: expected `off` alone, or a list of `draft-6`, `draft-7`, `draft-10`"
    );
}

proptest! {
    #[test]
    fn no_setting_panics_and_what_is_read_is_one_of_six(text in "[a-z0-9, -]{0,24}|draft-(6|7|10)(,draft-(6|7|10))*") {
        if let Ok(headers) = text.parse::<RateLimitHeaders>() {
            let known = ["off", "draft-6", "draft-7", "draft-10", "draft-6,draft-7", "draft-6,draft-10"];
            prop_assert!(known.iter().any(|known| known.parse() == Ok(headers)));
        }
    }

    #[test]
    fn the_policy_never_promises_a_higher_rate_than_there_is(limit in 1_u32..10_000, window in 1_u64..100_000) {
        let [.., policy] = first_answer(Quota::new(limit, ms(window)).unwrap());
        let (requests, seconds) = policy.split_once(";w=").unwrap();
        let (requests, seconds): (u64, u64) = (requests.parse().unwrap(), seconds.parse().unwrap());
        prop_assert!(seconds >= 1);
        prop_assert!(requests * window <= u64::from(limit) * seconds * 1_000);
        prop_assert!((requests + 1) * window > u64::from(limit) * seconds * 1_000, "nor much less");
    }
}
