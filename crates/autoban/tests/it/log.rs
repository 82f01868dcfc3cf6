//! What the security log says of bans.

use palisade_autoban::{BanOrder, Signatures, SuspiciousPolicy};
use palisade_core::{Policy, ViolationKind::Suspicious};
use palisade_test_support::SecurityLog;

use crate::{Bench, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);

/// The events of ours that `act` leaves.
fn logged(act: impl FnOnce()) -> Vec<String> {
    events("ban.", act)
}

fn events(of: &str, act: impl FnOnce()) -> Vec<String> {
    let log = SecurityLog::start();
    act();
    let mut lines = log.lines();
    lines.retain(|line| line.contains(&format!("event=\"{of}")));
    lines
}

fn check(lines: &[String], parts: &[&str]) {
    let [line] = lines else { panic!("not one event: {lines:?}") };
    for part in parts {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[test]
fn a_ban_and_its_end_are_one_event_each_with_target_outcome_and_who() {
    let bench = Bench::new(|settings| settings);
    let banned = logged(|| {
        bench.violates(BOT, Suspicious, 6);
    });
    check(
        &banned,
        &[
            "WARN",
            "event=\"ban.added\"",
            "outcome=\"banned\"",
            "banned=\"203.0.113.9\"",
            "by=\"auto-ban\"",
            "violations=6",
        ],
    );
    let lifted = logged(|| drop(bench.auto_ban.unban_ip(BOT.0, "al\nice")));
    check(&lifted, &["event=\"ban.lifted\"", "outcome=\"lifted\"", "by=\"al\\nice\""]);
    let nothing = logged(|| {
        bench.auto_ban.unban_user("mallory", "alice");
    });
    check(&nothing, &["event=\"ban.lifted\"", "outcome=\"not-banned\"", "kind=\"user\""]);
    let token = logged(|| drop(bench.auto_ban.ban_token("secret", BanOrder::by("alice"))));
    check(&token, &["event=\"ban.added\"", "banned=\"sha256:", "by=\"alice\""]);
    assert!(!token[0].contains("secret"));
}

#[test]
fn p2_a_refused_ban_is_an_error_event_and_one_per_threshold() {
    let bench = Bench::new(|settings| settings.protect(["203.0.113.0/24"]));
    let alert = logged(|| {
        bench.violates(BOT, Suspicious, 11);
    });
    check(&alert, &["ERROR", "event=\"ban.refused\"", "outcome=\"protected\""]);
}

#[test]
fn p2_a_flood_of_refused_bans_is_one_event_and_then_their_number() {
    let bench = Bench::new(|settings| settings.protect(["203.0.113.0/24"]));
    let flood = || {
        bench.violates(BOT, Suspicious, 600);
    };
    check(&logged(flood), &["ERROR", "outcome=\"protected\"", "folded=0"]);
    assert_eq!(logged(flood), [""; 0], "less than a minute later");
    bench.clock.advance(std::time::Duration::from_secs(60));
    check(&logged(flood), &["ERROR", "outcome=\"protected\"", "folded=199"]);
    bench.clock.advance(std::time::Duration::from_secs(60));
    let rest = logged(|| bench.auto_ban.cleanup(bench.clock.now()));
    check(&rest, &["ERROR", "outcome=\"protected\"", "folded=99"]);
}

#[test]
fn an_escalated_ban_tells_evidence_and_the_number_of_offences() {
    let bench = Bench::new(|settings| settings);
    let banned = logged(|| {
        for route in ["home", "search", "home", "home", "home", "home"] {
            let context = bench.context(BOT);
            context.learn_route(palisade_core::Route::new(route, palisade_core::Access::Public));
            bench.auto_ban.report(&context, Suspicious);
        }
    });
    check(&banned, &["weight=6", "routes=\"home search\"", "offences=1", "source=\"here\""]);
}

#[test]
fn p16_a_corrupt_file_is_an_error_event_that_says_where_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    std::fs::write(&path, "{").unwrap();
    let lines = logged(|| drop(Bench::new(|settings| settings.file(&path))));
    check(&lines, &["ERROR", "event=\"ban.file\"", "outcome=\"corrupt\"", "ban.json.corrupt-"]);
}

/// Sends a probe from each of these addresses, and returns what the log says.
fn probes(bench: &Bench, policy: &SuspiciousPolicy, from: &[String]) -> Vec<String> {
    events("request.suspicious", || {
        for addr in from {
            let mut head = palisade_test_support::head("/?x=$%7Bjndi:ldap://x%7D");
            let _verdict = policy.check(&mut head, &bench.context(Who(addr, None)));
        }
    })
}

#[test]
fn p17_a_flood_of_probes_is_one_event_of_a_client_and_few_of_all_within_a_minute() {
    let bench = Bench::new(|settings| settings.threshold(1_000_000));
    let policy = SuspiciousPolicy::new(bench.auto_ban.clone(), Signatures::documented()).unwrap();
    let one = vec![BOT.0.to_owned(); 100];
    check(&probes(&bench, &policy, &one), &["signature=\"injection.jndi\"", "folded=0"]);
    bench.clock.advance(std::time::Duration::from_secs(60));
    check(&probes(&bench, &policy, &one), &["client_ip=203.0.113.9", "folded=99"]);
    let many: Vec<_> = (0..5000).map(|low| format!("2001:db8:0:{low:x}::1")).collect();
    let lines = probes(&bench, &policy, &many).len();
    assert!((200..=256).contains(&lines), "{lines}");
}

#[test]
fn p13_what_a_banned_client_probes_is_not_in_the_log() {
    let bench = Bench::new(|settings| settings);
    let policy = SuspiciousPolicy::new(bench.auto_ban.clone(), Signatures::documented()).unwrap();
    bench.auto_ban.ban_ip(BOT.0, BanOrder::by("alice")).unwrap();
    assert_eq!(probes(&bench, &policy, &[BOT.0.to_owned()]), [""; 0]);
}
