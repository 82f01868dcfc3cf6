//! What is alike is counted, what is too much is counted, and what is a fact of its own is written.

use std::{net::Ipv4Addr, time::Duration};

use palisade_core::SECURITY_TARGET;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::heard::{Heard, refused};

const MINUTE: Duration = Duration::from_secs(60);

fn of<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"].as_str().unwrap().contains(message)).collect()
}

#[test]
fn events_of_one_name_code_client_and_user_are_one_line_and_then_their_number() {
    let heard = Heard::start();
    heard.while_it(|| (0..1000).for_each(|_| refused("quota-exceeded", "203.0.113.9")));
    assert_eq!(heard.lines().len(), 1, "the first");
    assert_eq!(heard.log.status().folded, 999);
    heard.clock.advance(MINUTE);
    let lines = heard.lines();
    let [_, sum] = &*lines else { panic!("{lines:#?}") };
    assert_eq!(
        *sum,
        json!({
            "time": "2026-01-01T00:01:00.000Z", "level": "WARN", "target": "palisade::security",
            "event": "request.refused", "message": "and as many like one before", "code": "quota-exceeded",
            "client_ip": "203.0.113.9", "folded": 999, "since": "2026-01-01T00:00:00.000Z",
        })
    );
    assert_eq!(heard.tapped().len(), 2, "the tap is told as well");
    heard.while_it(|| refused("quota-exceeded", "203.0.113.9"));
    assert_eq!(heard.lines().len(), 3, "in the next window it is told again");
}

#[test]
fn who_is_another_client_another_user_or_does_something_else_is_told_apart() {
    let heard = Heard::start();
    heard.while_it(|| {
        refused("a", "203.0.113.9");
        refused("b", "203.0.113.9");
        refused("a", "203.0.113.8");
        for user_id in ["alice", "bob"] {
            tracing::warn!(target: SECURITY_TARGET, event = "request.refused", code = "a", client_ip = "203.0.113.9", user_id, "x");
            tracing::warn!(target: SECURITY_TARGET, event = "auth.failed", code = "a", client_ip = "203.0.113.9", user_id, "x");
        }
        // The same, passed in another way.
        tracing::warn!(target: SECURITY_TARGET, event = "request.refused", code = "a", client_ip = %Ipv4Addr::new(203, 0, 113, 9), "x");
    });
    assert_eq!(heard.lines().len(), 7);
}

#[test]
fn what_was_folded_is_told_at_the_end_of_the_log() {
    let heard = Heard::start();
    heard.while_it(|| (0..10).for_each(|_| refused("a", "203.0.113.9")));
    let lines = heard.end();
    assert_eq!((lines.len(), &lines[1]["folded"]), (2, &json!(9)));
}

#[test]
fn e5_a_million_addresses_leave_as_many_lines_as_one_name_may_have() {
    let heard = Heard::start();
    heard.while_it(|| {
        for number in 0..1_000_000_u32 {
            refused("blocked", &Ipv4Addr::from_bits(number).to_string());
        }
        tracing::warn!(target: SECURITY_TARGET, event = "auth.failed", code = "x", client_ip = "203.0.113.9", "another name");
    });
    let lines = heard.lines();
    assert_eq!(lines.len(), 1001, "a name's flood takes nothing from others");
    assert_eq!(lines[1000]["event"], "auth.failed");
    heard.clock.advance(MINUTE);
    let lines = heard.lines();
    let others = of(&lines, "of others");
    assert_eq!((others.len(), lines.len()), (1, 1002));
    assert_eq!(
        (&others[0]["event"], &others[0]["folded"]),
        (&json!("request.refused"), &json!(999_000))
    );
}

#[test]
fn errors_admins_and_bans_are_never_folded() {
    let heard = Heard::with(|builder| builder.lines_per_event(1));
    heard.while_it(|| {
        for _ in 0..100 {
            tracing::info!(target: SECURITY_TARGET, event = "admin.action", code = "a", user_id = "alice", "x");
            tracing::warn!(target: SECURITY_TARGET, event = "ban.added", code = "a", client_ip = "203.0.113.9", "x");
            tracing::error!(target: SECURITY_TARGET, event = "rate-limit.degraded", code = "a", "x");
        }
    });
    assert_eq!((heard.lines().len(), heard.log.status().folded), (300, 0));
}

#[test]
fn an_event_without_a_code_is_a_fact_of_its_own_until_there_are_too_many() {
    let heard = Heard::with(|builder| builder.lines_per_event(5));
    heard.while_it(|| {
        for _ in 0..8 {
            tracing::info!(target: SECURITY_TARGET, event = "token.revoked", user_id = "alice", "x");
        }
    });
    assert_eq!((heard.lines().len(), heard.log.status().folded), (5, 3));
}

#[test]
fn any_number_of_names_has_a_bounded_number_of_lines() {
    let heard = Heard::with(|builder| builder.lines_per_event(10));
    heard.while_it(|| {
        for name in 0..1000 {
            let event = format!("event.{name}");
            for number in 0..10 {
                tracing::info!(target: SECURITY_TARGET, event, code = "a", user_id = number.to_string(), "x");
            }
        }
    });
    let lines = heard.lines().len();
    assert!((640..=650).contains(&lines), "{lines}");
}

#[test]
fn many_threads_at_once_lose_no_event() {
    let heard = Heard::with(|builder| builder.lines_per_event(50));
    let dispatch = heard.dispatch();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let dispatch = dispatch.clone();
            scope.spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    for number in 0..5000_u32 {
                        refused("a", &Ipv4Addr::from_bits(number % 100).to_string());
                    }
                });
            });
        }
    });
    let lines = heard.end();
    let sum: u64 = lines.iter().filter_map(|line| line["folded"].as_u64()).sum();
    let written = lines.iter().filter(|line| line.get("folded").is_none()).count();
    assert_eq!((written, sum), (50, 8 * 5000 - 50));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, each event is a line or is counted in one, and the lines are within their bound.
    #[test]
    fn every_event_is_written_or_counted(events in prop::collection::vec((0..4_u8, 0..4_u8, 0..6_u8), 0..300), budget in 1..20_u32) {
        let heard = Heard::with(|builder| builder.lines_per_event(budget));
        heard.while_it(|| for (event, code, client) in &events {
            let event = format!("event.{event}");
            tracing::warn!(target: SECURITY_TARGET, event, code = code.to_string(), client_ip = client.to_string(), "x");
        });
        let lines = heard.end();
        let sum: u64 = lines.iter().filter_map(|line| line["folded"].as_u64()).sum();
        let written = lines.iter().filter(|line| line.get("folded").is_none()).count();
        prop_assert_eq!(written as u64 + sum, events.len() as u64);
        for event in 0..4 {
            let name = format!("event.{event}");
            let of_name = lines.iter().filter(|line| line["event"] == name && line.get("folded").is_none()).count();
            prop_assert!(of_name <= budget as usize);
        }
    }
}
