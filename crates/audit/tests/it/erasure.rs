//! People are erased, and the log stays whole.

use palisade_audit::{
    Actor, ActorKind, Event, Part, PartState,
    PartState::{Erased, Whole},
    Person, Record, Target, verify,
};

use crate::scene::{at, checkpoint, faults, full_event, log_of, person};

#[test]
fn three_people_of_one_record_are_erased_each_for_himself() {
    let (log, mut records) = log_of(1);
    let known = [checkpoint(log, &records[0])];
    let state = |record: &Record| Part::ALL.map(|part| record.part(part));
    assert_eq!(records[0].erase_person(&person("carol")), 1);
    assert_eq!(state(&records[0]), [Whole, Erased, Whole, Whole]);
    assert_eq!(records[0].actor_subject.as_deref(), Some("alice"), "she stays");
    assert_eq!(records[0].erase_person(&person("bob")), 1);
    assert_eq!(records[0].erase_person(&person("alice")), 1);
    assert_eq!(records[0].erase_person(&person("alice")), 0, "there is nothing left");
    assert_eq!(state(&records[0]), [Erased, Erased, Erased, Whole]);
    let left = line_of(&records[0]);
    for trace in ["alice", "bob", "carol", "203.0.113.7", "curl"] {
        assert!(!left.contains(trace), "{trace} in {left}");
    }
    let told = records[0].head().next(Event::erasure(Actor::new(ActorKind::Operator), 3), at(9));
    records.push(told);
    let report = verify(&records, &known);
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.erased(), 3);
}

#[test]
fn somebody_of_the_same_name_at_another_issuer_stays() {
    let (_, mut records) = log_of(1);
    let others = [Person::new("alice"), Person::new("alice").issued_by("https://other.example")];
    assert!(others.iter().all(|other| records[0].erase_person(other) == 0));
    assert_eq!(records[0].erase_person(&person("alice")), 1);
}

#[test]
fn a_target_of_the_same_name_that_is_no_person_stays_until_it_is_named_itself() {
    let event = full_event().target(Target::new("mount", "bob"));
    let (_, records) = log_of(1);
    let mut record = records[0].head().next(event, at(2));
    assert_eq!(record.erase_person(&person("bob")), 0);
    assert!(record.erase(Part::Target));
    assert_eq!((record.target_kind.as_deref(), record.target_id.as_deref()), (Some("mount"), None));
}

#[test]
fn words_are_erased_when_they_are_named_and_not_where_they_tell_of_an_erasure() {
    let (_, mut records) = log_of(1);
    assert!(records[0].erase(Part::Words));
    assert_eq!((records[0].reason.as_deref(), records[0].details.as_deref()), (None, None));
    let mut told = records[0].head().next(Event::erasure(Actor::system(), 1), at(9));
    assert!(!told.erase(Part::Words), "else nobody would know how much is missing");
    records.push(told.clone());
    assert!(faults(&records, &[]).is_empty());
    // Who does it all the same is found.
    (told.words_salt, told.reason, told.details) = (None, None, None);
    records[1] = told;
    assert!(!verify(&records, &[]).is_whole());
}

#[test]
fn an_altered_part_is_not_made_to_look_erased() {
    let (_, mut records) = log_of(1);
    records[0].actor_subject = Some("mallory".into());
    assert!(!records[0].erase(Part::Actor));
    assert_eq!(records[0].part(Part::Actor), PartState::Altered);
}

#[test]
fn two_records_about_the_same_person_have_nothing_in_common_that_stays() {
    let (_, mut records) = log_of(7);
    for record in &mut records {
        record.erase_person(&person("alice"));
    }
    assert_eq!(records[0].part(Part::Actor), PartState::Erased);
    assert_ne!(records[0].actor_seal, records[3].actor_seal);
}

#[test]
fn whoever_erases_a_person_does_not_write_his_name_into_another_log() {
    assert!(!format!("{:?}", person("bob")).contains("bob"));
}

/// The record as a line of an export.
pub(crate) fn line_of(record: &Record) -> String {
    let mut line = Vec::new();
    record.write_line(&mut line).unwrap();
    String::from_utf8(line).unwrap()
}
