//! What an event becomes.

use std::time::{Duration, UNIX_EPOCH};

use palisade_audit::{
    Action, Actor, ActorKind, Details, Event, Exported, Head, LogId, Outcome, Person, Target,
    Verifier,
};
use palisade_core::{Identity, IdentityKind};

use crate::{
    erasure::line_of,
    scene::{LIFTED, at, event, full_event, log_of},
};

fn recorded(event: Event) -> palisade_audit::Record {
    Head::empty(LogId::random()).next(event, at(0))
}

#[test]
fn a_record_says_all_that_the_event_did() {
    let log = LogId::random();
    let record = Head::empty(log).next(full_event(), at(0));
    assert_eq!((record.sequence, record.time), (1, 1_767_225_600_000));
    assert_eq!(record.previous.as_bytes(), log.as_bytes());
    assert_eq!((&*record.action, &*record.outcome), ("ban.lifted", "refused"));
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    assert_eq!(said(&record.code), "test-banned");
    assert_eq!(said(&record.request_id).len(), 32);
    assert_eq!(
        (&*record.actor_kind, said(&record.actor_issuer)),
        ("user", "https://id.example".into())
    );
    assert_eq!(
        (said(&record.actor_subject), said(&record.actor_address)),
        ("alice".into(), "203.0.113.7".into())
    );
    assert_eq!(
        (said(&record.behalf_subject), said(&record.target_id)),
        ("carol".into(), "bob".into())
    );
    assert_eq!(said(&record.reason), "asked by mail");
    assert_eq!(said(&record.details), r#"{"days":3,"role":"admin","roles":["a","b"]}"#);
}

#[test]
fn an_actor_is_who_proved_who_he_is() {
    let key = Identity::new("alice", IdentityKind::ApiKey).issued_by("https://id.example");
    let record = recorded(Event::new(LIFTED, Actor::of(&key), Outcome::Done));
    assert_eq!((&*record.actor_kind, record.actor_subject.as_deref()), ("api-key", Some("alice")));
    let user = Identity::new("alice", IdentityKind::Jwt);
    assert_eq!(recorded(Event::new(LIFTED, Actor::of(&user), Outcome::Done)).actor_kind, "user");
}

#[test]
fn what_a_client_sends_stays_on_its_line_and_within_its_bounds() {
    let agent = "\u{1b}[2J\n\u{202e}x".to_owned() + &"y".repeat(100_000);
    let hostile = Event::new(
        Action::new("user.refused"),
        Actor::new(ActorKind::Anonymous).user_agent(&agent),
        Outcome::Done,
    )
    .target(Target::new("path\n", &"é".repeat(9000)))
    .reason(&"\0".repeat(9000))
    .details(Details::new().text("a", "b".repeat(9000)).list("c", vec!["d"; 9000]));
    let record = recorded(hostile);
    let shown = record.actor_user_agent.clone().unwrap();
    assert!(shown.starts_with("\\u{1b}[2J\\u{a}\\u{202e}xyyy") && shown.len() <= 512, "{shown}");
    assert_eq!(record.target_kind.as_deref(), Some("path\\u{a}"));
    assert!(record.target_id.as_ref().unwrap().len() <= 512);
    assert!(record.reason.as_ref().unwrap().len() <= 2048);
    let details = record.details.as_deref().unwrap();
    assert!(details.contains("sha256:") && details.ends_with(r#""left_off":1}"#), "{details}");
    let line = line_of(&record);
    assert!(line.len() < 16 * 1024 && !line.trim_end().contains(|c: char| c.is_control()));
}

#[test]
fn two_long_names_with_the_same_beginning_stay_two() {
    let [one, other] = ["1", "2"].map(|end| Person::new(&("x".repeat(600) + end)));
    assert_ne!(one, other);
    assert_eq!(one, Person::new(&("x".repeat(600) + "1")));
    assert_eq!(one.subject().len(), 512);
}

#[test]
fn every_record_hides_behind_a_salt_of_its_own() {
    let head = Head::empty(LogId::random());
    let [one, other] = [head.next(event("alice"), at(0)), head.next(event("alice"), at(0))];
    assert_ne!(one.actor_salt, other.actor_salt);
    assert_ne!(one.hash, other.hash);
    assert_eq!(one.words_salt, None, "there is nothing to hide");
}

#[test]
fn times_before_1970_and_after_all_others_are_kept() {
    let head = Head::empty(LogId::random());
    assert_eq!(head.next(event("a"), UNIX_EPOCH - Duration::from_millis(5)).time, -5);
    assert!(head.next(event("a"), UNIX_EPOCH + Duration::from_secs(u64::MAX / 4)).time > 0);
}

#[test]
fn an_export_comes_back_as_it_was_and_verifies_without_a_database() {
    let (_, records) = log_of(9);
    let mut export = Vec::new();
    records.iter().for_each(|record| record.write_line(&mut export).unwrap());
    let back: Result<Vec<_>, _> = Exported::new(&*export).collect();
    assert_eq!(back.unwrap(), records);
    let mut verifier = Verifier::new(&[]);
    verifier.take_export(&*export).unwrap();
    assert_eq!(verifier.finish().records(), 9);
}

#[test]
fn a_line_that_is_no_record_is_named_and_the_rest_is_read() {
    let (_, records) = log_of(3);
    let lines: Vec<_> = records.iter().map(line_of).collect();
    let long = "x".repeat(1 << 20);
    let with_more = lines[1].replacen('{', r#"{"more":1,"#, 1);
    for bad in ["\n", "{}\n", "null\n", "\u{1}\n", &format!("{long}\n"), &with_more] {
        let export = format!("{}{bad}{}", lines[0], lines[1..].concat());
        let mut verifier = Verifier::new(&[]);
        verifier.take_export(export.as_bytes()).unwrap();
        let report = verifier.finish();
        assert_eq!((report.faulty(), report.records()), (1, 3), "{bad:.40}");
        assert_eq!(report.faults()[0].to_string(), "line 2 is no record");
    }
}
