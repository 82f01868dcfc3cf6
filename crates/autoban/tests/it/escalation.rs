//! How long automatic bans last.

use std::{collections::BTreeSet, time::Duration};

use palisade_autoban::{AutoBan, BanOrder, Escalation, Jitter};
use palisade_core::ViolationKind::Suspicious;

use crate::{Bench, HOUR, Who};

const BOT: Who<'_> = Who("203.0.113.9", None);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn escalating(bench: palisade_autoban::AutoBanBuilder) -> palisade_autoban::AutoBanBuilder {
    let escalation = Escalation::doubling().up_to(HOUR * 5).forget_after(DAY);
    bench.ban_duration(HOUR).escalation(escalation)
}

/// Is banned, and returns for how many hours; then lets them pass.
fn serves(bench: &Bench) -> u64 {
    bench.violates(BOT, Suspicious, 6);
    let ban = bench.auto_ban.bans().ips.remove(0);
    let lasts = ban.until.unwrap().duration_since(ban.since).unwrap();
    bench.clock.advance(lasts);
    assert_eq!(bench.asks(BOT), "");
    lasts.as_secs() / 3600
}

#[test]
fn each_further_ban_lasts_twice_as_long_up_to_the_most() {
    let bench = Bench::new(escalating);
    let hours = [(); 5].map(|()| serves(&bench));
    assert_eq!(hours, [1, 2, 4, 5, 5]);
    bench.violates(BOT, Suspicious, 6);
    assert_eq!(bench.auto_ban.bans().ips[0].offences, 6);
}

#[test]
fn the_past_is_kept_whether_cleaned_up_or_not_and_forgotten_after_its_time() {
    let bench = Bench::new(escalating);
    assert_eq!(serves(&bench), 1);
    bench.auto_ban.cleanup(bench.clock.now());
    assert_eq!(serves(&bench), 2);
    bench.clock.advance(DAY - Duration::from_secs(1));
    bench.auto_ban.cleanup(bench.clock.now());
    assert_eq!(serves(&bench), 4);
    bench.auto_ban.cleanup(bench.clock.now());
    bench.clock.advance(DAY);
    assert_eq!(serves(&bench), 1, "who behaved for a day begins anew");
}

#[test]
fn the_past_survives_a_restart() {
    for cleaned in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ban.json");
        let bench = Bench::new(|settings| escalating(settings).file(&path));
        assert_eq!(serves(&bench), 1);
        if cleaned {
            bench.auto_ban.cleanup(bench.clock.now());
        }
        // Something else has the file written.
        bench.auto_ban.ban_user("mallory", BanOrder::by("alice")).unwrap();
        bench.auto_ban.flush().unwrap();
        let clock = bench.clock.clone();
        drop(bench);
        let again = Bench {
            auto_ban: escalating(AutoBan::builder().clock(clock.clock()).jitter(Jitter::none()))
                .file(&path)
                .build()
                .unwrap(),
            clock,
        };
        assert!(again.auto_ban.status().is_healthy());
        assert_eq!(serves(&again), 2, "cleaned: {cleaned}");
    }
}

#[test]
fn what_is_remembered_is_bounded_and_forgetting_shortens_no_ban_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let bench = Bench::new(|settings| escalating(settings).max_keys(10).file(&path));
    assert_eq!(serves(&bench), 1);
    bench.auto_ban.cleanup(bench.clock.now());
    bench.violates(BOT, Suspicious, 6);
    for last in 0..50 {
        bench.violates(Who(&format!("198.51.100.{last}"), None), Suspicious, 6);
    }
    bench.clock.advance(HOUR);
    bench.auto_ban.cleanup(bench.clock.now());
    assert_eq!(bench.asks(BOT), "banned", "two hours are two hours");
    bench.auto_ban.flush().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("\"ended\"").count(), 10, "{text}");
}

#[test]
fn a_person_who_lifts_a_ban_forgives_the_past_too() {
    let bench = Bench::new(escalating);
    assert_eq!(serves(&bench), 1);
    bench.violates(BOT, Suspicious, 6);
    bench.auto_ban.unban_ip(BOT.0, "alice").unwrap();
    assert_eq!(serves(&bench), 1);
}

#[test]
fn violations_of_the_banned_neither_lengthen_the_ban_nor_count_for_the_next() {
    let bench = Bench::new(escalating);
    bench.violates(BOT, Suspicious, 6);
    bench.clock.advance(HOUR / 2);
    for _ in 0..50 {
        bench.auto_ban.report(&bench.context(BOT), Suspicious);
    }
    bench.clock.advance(HOUR / 2);
    assert_eq!(bench.asks(BOT), "");
    assert_eq!(serves(&bench), 2);
}

#[test]
fn bans_of_one_moment_end_at_different_ones() {
    let ends = |jitter: Jitter| {
        let bench = Bench::new(|settings| settings.ban_duration(HOUR).jitter(jitter));
        for last in 0..100 {
            bench.violates(Who(&format!("198.51.100.{last}"), None), Suspicious, 6);
        }
        let bans = bench.auto_ban.bans().ips;
        let lasting = bans.iter().map(|ban| ban.until.unwrap().duration_since(ban.since).unwrap());
        lasting.collect::<BTreeSet<_>>()
    };
    for jitter in [Jitter::tenth(), Jitter::seeded(7)] {
        let ends = ends(jitter);
        assert!(ends.len() > 50, "{}", ends.len());
        assert!(ends.iter().all(|time| (54..=66).contains(&(time.as_secs() / 60))), "{ends:?}");
    }
    assert_eq!(ends(Jitter::seeded(7)), ends(Jitter::seeded(7)), "a seed repeats");
    assert_eq!(ends(Jitter::none()), BTreeSet::from([HOUR]));
}

#[test]
fn an_escalation_that_makes_no_sense_is_told() {
    let told = |builder: palisade_autoban::AutoBanBuilder| builder.build().unwrap_err().to_string();
    let doubling = Escalation::doubling();
    assert!(told(AutoBan::builder().escalation(doubling)).contains("a duration of the first ban"));
    let short = AutoBan::builder().ban_duration(DAY).escalation(doubling.up_to(HOUR));
    assert!(told(short).contains("at least the duration of the first"));
    let forgets =
        AutoBan::builder().ban_duration(DAY).escalation(doubling.forget_after(Duration::ZERO));
    assert!(told(forgets).contains("more than zero"));
    let longest =
        AutoBan::builder().ban_duration(Duration::MAX).escalation(doubling.up_to(Duration::MAX));
    longest.build().unwrap();
}
