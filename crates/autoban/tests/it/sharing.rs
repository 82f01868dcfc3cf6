//! What instances tell each other, and what they make of it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use palisade_autoban::{
    Applied, Ban, BanChange, BanExchange, BanOrder, BanTarget, Escalation, Evidence, Violation,
    ViolationCounts,
};
use palisade_core::ViolationKind::{RateLimit, Suspicious};
use proptest::prelude::*;

use crate::{Bench, HOUR, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);

/// Keeps all it is told.
#[derive(Debug, Default)]
struct Heard {
    violations: Mutex<Vec<Violation>>,
    changes: Mutex<Vec<BanChange>>,
}

impl BanExchange for Heard {
    fn violated(&self, violation: &Violation) {
        self.violations.lock().unwrap().push(violation.clone());
    }
    fn changed(&self, change: &BanChange) {
        self.changes.lock().unwrap().push(change.clone());
    }
}

impl Heard {
    fn changes(&self) -> Vec<BanChange> {
        std::mem::take(&mut self.changes.lock().unwrap())
    }
}

fn told() -> (Bench, Arc<Heard>) {
    let heard = Arc::new(Heard::default());
    let exchange = Arc::clone(&heard);
    (Bench::new(|settings| settings.exchange(exchange)), heard)
}

fn ip(text: &str) -> BanTarget {
    BanTarget::ip(text).unwrap()
}

fn evidence(at: SystemTime) -> Evidence {
    Evidence::new(ViolationCounts::of(Suspicious, 6), 6, at, at).on_routes(["search"])
}

/// The change that another instance would tell.
fn ban(bench: &Bench, addr: &str, lasting: Option<Duration>) -> BanChange {
    let other = Bench::new(|settings| settings.clock(bench.clock.clock()));
    let order = BanOrder::by("carol");
    let order = lasting.map_or(order.clone(), |time| order.lasting(time));
    other.auto_ban.ban_ip(addr, order).unwrap();
    other.auto_ban.in_force().remove(0)
}

#[test]
fn the_exchange_hears_of_every_counted_violation_and_of_every_change() {
    let (bench, heard) = told();
    bench.violates(BOT, Suspicious, 6);
    let violations = heard.violations.lock().unwrap().clone();
    assert_eq!(violations.len(), 6, "also of the one that led to the ban");
    assert_eq!((&violations[5].target, violations[5].weight), (&ip(BOT.0), 1));
    let [banned] = &*heard.changes() else { panic!("one ban") };
    assert_eq!(banned.ban.as_ref().unwrap().evidence.as_ref().unwrap().weight, 6);
    bench.violates(BOT, Suspicious, 6);
    assert_eq!(heard.violations.lock().unwrap().len(), 6, "who is banned is not counted");
    bench.auto_ban.ban_user("mallory", BanOrder::by("alice")).unwrap();
    bench.auto_ban.unban_ip(BOT.0, "alice").unwrap();
    bench.auto_ban.unban_ip(BOT.0, "alice").unwrap();
    let [user, lifted, again] = &*heard.changes() else { panic!("a ban and two lifts") };
    assert_eq!((&again.target, &again.ban), (&ip(BOT.0), &None), "it may be in force elsewhere");
    assert_eq!(user.author(), Some("alice"));
    assert_eq!((&lifted.target, &lifted.ban, lifted.author()), (&ip(BOT.0), &None, Some("alice")));
}

#[test]
fn the_end_of_a_ban_is_not_told() {
    let (bench, heard) = told();
    bench.auto_ban.ban_ip(BOT.0, BanOrder::by("alice").lasting(HOUR)).unwrap();
    heard.changes();
    bench.clock.advance(HOUR * 2);
    bench.auto_ban.cleanup(bench.clock.now());
    assert_eq!(heard.changes(), []);
}

#[test]
fn what_another_instance_did_is_done_here_and_not_told_again() {
    let (bench, heard) = told();
    let change = ban(&bench, BOT.0, None);
    assert_eq!(bench.auto_ban.apply(change.clone()), Applied::Banned);
    assert_eq!(bench.asks(BOT), "banned");
    assert_eq!(bench.auto_ban.apply(change), Applied::Unchanged, "twice is once");
    assert_eq!(bench.auto_ban.bans().ips[0].by, "carol");
    let lift = BanChange::new(ip(BOT.0), None, bench.clock.now().wall()).by("carol");
    assert_eq!(bench.auto_ban.apply(lift.clone()), Applied::Lifted);
    assert_eq!(bench.asks(BOT), "");
    assert_eq!(bench.auto_ban.apply(lift), Applied::Unchanged);
    assert_eq!(heard.changes(), []);
}

#[test]
fn of_two_bans_the_one_that_lasts_longer_holds() {
    let (bench, _) = told();
    let (short, long) = (ban(&bench, BOT.0, Some(HOUR)), ban(&bench, BOT.0, Some(HOUR * 2)));
    assert_eq!(bench.auto_ban.apply(long.clone()), Applied::Banned);
    assert_eq!(bench.auto_ban.apply(short.clone()), Applied::Unchanged);
    bench.clock.advance(HOUR + HOUR / 2);
    assert_eq!(bench.asks(BOT), "banned");
    assert_eq!(bench.auto_ban.apply(short), Applied::Unchanged, "it ended");
    bench.clock.advance(HOUR);
    assert_eq!((bench.asks(BOT), bench.auto_ban.apply(long)), ("", Applied::Unchanged));
}

#[test]
fn a_person_has_the_last_word_about_a_longer_ban_of_before() {
    let bench = Bench::new(|settings| settings);
    let until = || bench.auto_ban.bans().ips[0].until;
    let for_ever = ban(&bench, "203.0.113.9", None);
    bench.clock.advance(HOUR);
    let shorter = ban(&bench, "203.0.113.9", Some(HOUR));
    assert_eq!(bench.auto_ban.apply(for_ever.clone()), Applied::Banned);
    assert_eq!(bench.auto_ban.apply(shorter.clone()), Applied::Banned);
    assert_eq!(until(), shorter.ban.unwrap().until);
    assert_eq!(bench.auto_ban.apply(for_ever), Applied::Unchanged, "the older one stays away");
    // What the server decides by itself shortens nothing.
    let own = ban(&bench, "203.0.113.10", None);
    assert_eq!(bench.auto_ban.apply(own), Applied::Banned);
    bench.clock.advance(HOUR);
    let mut automatic = ban(&bench, "203.0.113.10", Some(HOUR));
    if let Some(ban) = &mut automatic.ban {
        ban.by = "auto-ban".into();
    }
    assert_eq!(bench.auto_ban.apply(automatic), Applied::Unchanged);
}

#[test]
fn an_older_lift_does_not_end_a_newer_ban_and_an_older_ban_does_not_come_back_after_a_lift() {
    let (bench, _) = told();
    let lift = BanChange::new(ip(BOT.0), None, bench.clock.now().wall());
    let first = ban(&bench, BOT.0, None);
    bench.clock.advance(HOUR);
    bench.auto_ban.ban_ip(BOT.0, BanOrder::by("alice")).unwrap();
    assert_eq!(bench.auto_ban.apply(lift), Applied::Unchanged);
    assert_eq!(bench.asks(BOT), "banned");
    bench.auto_ban.unban_ip(BOT.0, "alice").unwrap();
    assert_eq!(
        bench.auto_ban.apply(first),
        Applied::Unchanged,
        "a reconciling read that comes late"
    );
    assert_eq!(bench.asks(BOT), "");
    bench.clock.advance(HOUR);
    assert_eq!(bench.auto_ban.apply(ban(&bench, BOT.0, None)), Applied::Banned, "a new one counts");
}

#[test]
fn who_is_let_off_is_not_banned_by_what_comes_late() {
    let (bench, heard) = told();
    let late = ban(&bench, BOT.0, None);
    bench.clock.advance(HOUR);
    assert_eq!(bench.auto_ban.unban_ip(BOT.0, "alice"), Ok(vec![]), "nothing is known of it here");
    let [lift] = &*heard.changes() else { panic!("one lift") };
    assert_eq!((&lift.target, lift.author()), (&ip(BOT.0), Some("alice")));
    assert_eq!(bench.auto_ban.apply(late), Applied::Unchanged);
    assert_eq!(bench.asks(BOT), "");
}

#[test]
fn p2_of_who_is_spared_the_exchange_hears_nothing() {
    let heard = Arc::new(Heard::default());
    let exchange = Arc::clone(&heard);
    let bench = Bench::new(|settings| {
        settings.exchange(exchange).protect(["203.0.113.0/24"]).protect_loopback()
    });
    bench.violates(BOT, Suspicious, 20);
    bench.violates(Who("127.0.0.1", None), Suspicious, 20);
    assert_eq!(heard.violations.lock().unwrap().len(), 0);
    bench.auto_ban.convict(&ip("127.0.0.1"), evidence(bench.clock.now().wall()));
    assert_eq!(bench.auto_ban.apply(ban(&bench, "127.0.0.1", None)), Applied::Protected);
    assert_eq!((heard.changes(), bench.auto_ban.bans().ips), (vec![], vec![]));
}

#[test]
fn a_ban_by_an_instance_without_history_does_not_let_an_offender_begin_anew() {
    let settings = |settings: palisade_autoban::AutoBanBuilder| {
        settings.ban_duration(HOUR).escalation(Escalation::doubling())
    };
    let bench = Bench::new(settings);
    let lasts = || {
        let ban = bench.auto_ban.bans().ips.remove(0);
        (ban.offences, ban.until.unwrap().duration_since(ban.since).unwrap())
    };
    for offences in 1..=3 {
        bench.violates(BOT, Suspicious, 6);
        assert_eq!(lasts(), (offences, HOUR * 2_u32.pow(offences - 1)));
        bench.clock.advance(HOUR * 4);
        bench.auto_ban.cleanup(bench.clock.now());
    }
    let other = Bench::new(|own| settings(own).clock(bench.clock.clock()));
    (0..6).for_each(|_| other.auto_ban.report(&bench.context(BOT), Suspicious));
    assert_eq!(bench.auto_ban.apply(other.auto_ban.in_force().remove(0)), Applied::Banned);
    assert_eq!(lasts(), (3, HOUR));
    bench.clock.advance(HOUR * 4);
    bench.auto_ban.cleanup(bench.clock.now());
    bench.violates(BOT, Suspicious, 6);
    assert_eq!(lasts(), (4, HOUR * 8));
}

#[test]
fn p2_what_others_say_bans_no_protected_address() {
    let bench = Bench::new(|settings| settings.protect(["203.0.113.0/24"]).max_bans(1));
    assert_eq!(bench.auto_ban.apply(ban(&bench, BOT.0, None)), Applied::Protected);
    bench.auto_ban.convict(&ip(BOT.0), evidence(bench.clock.now().wall()));
    assert_eq!(bench.asks(BOT), "");
    assert_eq!(bench.auto_ban.apply(ban(&bench, "198.51.100.1", None)), Applied::Banned);
    assert_eq!(bench.auto_ban.apply(ban(&bench, "198.51.100.2", None)), Applied::NoRoom);
}

#[test]
fn a_conviction_by_all_instances_is_a_ban_like_any_other() {
    let (bench, heard) = told();
    bench.violates(BOT, Suspicious, 3);
    bench.auto_ban.convict(&ip(BOT.0), evidence(bench.clock.now().wall()));
    assert_eq!(bench.asks(BOT), "banned");
    let banned = bench.auto_ban.bans().ips.remove(0);
    assert_eq!((&*banned.by, banned.evidence.unwrap().routes), ("auto-ban", vec!["search".into()]));
    assert_eq!(heard.changes().len(), 1);
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    bench.auto_ban.convict(&ip(BOT.0), evidence(bench.clock.now().wall()));
    assert_eq!(heard.changes(), [], "it was known");
    assert_eq!((bench.auto_ban.threshold(), bench.auto_ban.window()), (5, Duration::from_secs(10)));
}

#[test]
fn what_others_did_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let bench = Bench::new(|settings| settings.file(&path));
    bench.auto_ban.apply(ban(&bench, BOT.0, None));
    drop(bench);
    let bench = Bench::new(|settings| settings.file(&path));
    assert_eq!(bench.asks(BOT), "banned");
    let [change] = &*bench.auto_ban.in_force() else { panic!("one ban") };
    assert_eq!(change.author(), Some("carol"));
}

#[test]
fn changes_are_json_and_what_is_not_quite_one_is_refused() {
    let (bench, heard) = told();
    bench.violates(Who("198.51.100.1", Some("bob")), RateLimit, 6);
    bench
        .auto_ban
        .ban_token("secret", BanOrder::by("alice").reason("leaked").lasting(HOUR))
        .unwrap();
    bench.auto_ban.unban_token("secret", "alice").unwrap();
    let changes = heard.changes();
    assert_eq!(changes.len(), 3);
    for change in changes {
        let json = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<BanChange>(&json).unwrap(), change, "{json}");
        assert!(!json.contains("secret"), "{json}");
    }
    let target = |json: &str| serde_json::from_str::<BanTarget>(json).is_ok();
    assert!(target(r#"{"kind":"ip","value":"203.0.113.9"}"#));
    assert!(target(r#"{"kind":"user","value":"bob","issuer":"https://id.example"}"#));
    let long = "x".repeat(257);
    for wrong in [
        r#"{"kind":"ip","value":"203.0.113.0/24"}"#,
        r#"{"kind":"ip","value":"203.0.113.9","issuer":"x"}"#,
        r#"{"kind":"ip","value":"203.0.113.9","more":1}"#,
        r#"{"kind":"token","value":"in-clear"}"#,
        r#"{"kind":"user","value":""}"#,
        &format!(r#"{{"kind":"user","value":"{long}"}}"#),
        &format!(r#"{{"kind":"user","value":"bob","issuer":"{long}"}}"#),
        r#"{"kind":"country","value":"XX"}"#,
        "[]",
    ] {
        assert!(!target(wrong), "{wrong}");
    }
    let other = r#"{"target":{"kind":"ip","value":"203.0.113.9"},"ban":{"value":"203.0.113.8","since":"2026-01-01T00:00:00Z","by":"x"},"at":"2026-01-01T00:00:00Z"}"#;
    assert!(serde_json::from_str::<BanChange>(other).is_err(), "it names two");
    let huge =
        format!(r#"{{"value":"{}","since":"2026-01-01T00:00:00Z","by":"x"}}"#, "x".repeat(20_000));
    assert!(serde_json::from_str::<Ban>(&huge).is_err());
    let wordy =
        format!(r#"{{"value":"x","since":"2026-01-01T00:00:00Z","by":"{}"}}"#, "x".repeat(20_000));
    assert_eq!(serde_json::from_str::<Ban>(&wordy).unwrap().by.len(), 200);
}

proptest! {
    /// Whatever order the bans of others come in, and however often, all instances end with the same ones; a lift that is
    /// newer than all ends them everywhere.
    #[test]
    fn instances_agree_in_whatever_order_they_hear(
        steps in proptest::collection::vec((0_u8..3, 1_u64..50, 1_u32..100), 1..20),
        order in any::<u64>(),
    ) {
        let source = Bench::new(|settings| settings);
        let mut changes = Vec::new();
        for (who, wait, hours) in steps {
            source.clock.advance(Duration::from_secs(wait));
            changes.push(ban(&source, &format!("203.0.113.{who}"), Some(HOUR * hours)));
        }
        let hear = |changes: &[BanChange]| {
            let bench = Bench::new(|settings| settings.clock(source.clock.clock()));
            for change in changes {
                bench.auto_ban.apply(change.clone());
            }
            bench
        };
        let untils = |bench: &Bench| {
            let mut bans = bench.auto_ban.bans().ips;
            bans.sort_by(|a, b| a.value.cmp(&b.value));
            bans.into_iter().map(|ban| (ban.value, ban.until)).collect::<Vec<_>>()
        };
        let mut shuffled = [changes.clone(), changes.clone()].concat();
        let mut state = order;
        shuffled.sort_by_cached_key(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        });
        let (one, two) = (hear(&changes), hear(&shuffled));
        prop_assert_eq!(untils(&one), untils(&two));
        source.clock.advance(Duration::from_secs(1));
        let lift = BanChange::new(ip("203.0.113.0"), None, source.clock.now().wall());
        for bench in [one, two] {
            bench.auto_ban.apply(lift.clone());
            prop_assert_eq!(bench.asks(Who("203.0.113.0", None)), "");
            for change in &shuffled {
                bench.auto_ban.apply(change.clone());
            }
            prop_assert_eq!(bench.asks(Who("203.0.113.0", None)), "");
        }
    }

    /// No text panics when it is read as a change.
    #[test]
    fn no_text_makes_reading_a_change_panic(text in "\\PC{0,200}", value in "[0-9a-f:./]{0,40}") {
        drop(serde_json::from_str::<BanChange>(&text));
        for kind in ["ip", "user", "token"] {
            drop(serde_json::from_str::<BanTarget>(&format!(r#"{{"kind":"{kind}","value":"{value}"}}"#)));
        }
    }
}

#[test]
fn what_is_done_once_more_is_told_to_the_others_unless_it_is_over_or_not_in_force() {
    let (bench, heard) = told();
    let lasting = ban(&bench, "203.0.113.9", Some(HOUR));
    let lift = BanChange::new(ip("198.51.100.7"), None, lasting.at).by("carol");
    bench.auto_ban.resume(&lasting);
    bench.auto_ban.resume(&lift);
    assert_eq!(heard.changes(), [lasting.clone(), lift]);
    bench.auto_ban.apply(ban(&bench, "203.0.113.10", None));
    assert_eq!(heard.changes(), [], "what others did is theirs to tell");
    bench.clock.advance(HOUR);
    assert_eq!(bench.auto_ban.resume(&lasting), Applied::Unchanged);
    assert_eq!(heard.changes(), []);
}
