//! Keys that somebody else keeps: changes in two steps, and taking over what others changed.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use palisade_authn_api_key::{KeyError, KeyId, KeyRecord, NewKey, TakenOver};

use crate::{Bench, HOUR};

/// What a database would keep.
#[derive(Default)]
struct Kept(BTreeMap<KeyId, (String, u64)>);

impl Kept {
    fn store(&mut self, record: &KeyRecord) {
        let known = self.0.get(&record.id()).map_or(0, |(_, revision)| *revision);
        assert_eq!(record.revision(), known + 1);
        self.0.insert(record.id(), (record.text().to_owned(), record.revision()));
    }

    fn records(&self) -> Vec<KeyRecord> {
        let records = self.0.values();
        records.map(|(text, revision)| KeyRecord::read(text, *revision).unwrap()).collect()
    }
}

fn order() -> NewKey {
    NewKey::owned_by("exporter").scope("posts:read")
}

#[test]
fn a_key_that_was_made_rotated_and_disabled_here_is_so_there() {
    let (here, there, mut kept) = (Bench::in_memory(), Bench::in_memory(), Kept::default());
    let planned = here.keys.plan_create(order()).unwrap();
    assert!(here.keys.list().is_empty(), "a plan does nothing");
    kept.store(planned.record());
    let first = planned.put_in_force().unwrap().settle();
    assert_eq!(there.keys.take_over().finish(kept.records()), TakenOver::Changed);
    assert_eq!(there.verdict(first.text.expose()), "ok");
    assert!(!kept.records()[0].text().contains(first.text.expose().rsplit_once('_').unwrap().1));

    let planned = here.keys.plan_rotate(first.key.id, HOUR).unwrap();
    kept.store(planned.record());
    let second = planned.put_in_force().unwrap().settle();
    assert_eq!(there.keys.take_over().finish(kept.records()), TakenOver::Changed);
    for text in [first.text.expose(), second.text.expose()] {
        assert_eq!((here.verdict(text), there.verdict(text)), ("ok", "ok"));
    }
    let planned = here.keys.plan_disable(first.key.id).unwrap();
    kept.store(planned.record());
    assert!(planned.put_in_force().unwrap().settle().disabled.is_some());
    assert_eq!(here.keys.take_over().finish(kept.records()), TakenOver::Same, "it is its own");
    assert_eq!(there.keys.take_over().finish(kept.records()), TakenOver::Changed);
    for bench in [&here, &there] {
        assert_eq!(bench.verdict(second.text.expose()), "disabled");
    }
    let planned = there.keys.plan_enable(first.key.id).unwrap();
    kept.store(planned.record());
    drop(planned.put_in_force().unwrap().settle());
    assert_eq!(there.verdict(second.text.expose()), "ok");
}

#[test]
fn a_change_that_is_dropped_before_it_is_settled_never_was() {
    let bench = Bench::in_memory();
    let planned = bench.keys.plan_create(order()).unwrap();
    drop(planned.put_in_force().unwrap());
    assert!(bench.keys.list().is_empty());

    let issued = bench.keys.plan_create(order()).unwrap().put_in_force().unwrap().settle();
    let text = issued.text.expose();
    let disabled = bench.keys.plan_disable(issued.key.id).unwrap().put_in_force().unwrap();
    assert_eq!(bench.verdict(text), "disabled");
    drop(disabled);
    assert_eq!(bench.verdict(text), "ok");
    let rotated = bench.keys.plan_rotate(issued.key.id, Duration::ZERO).unwrap();
    drop(rotated.put_in_force().unwrap());
    assert_eq!(bench.verdict(text), "ok");
}

#[test]
fn of_two_plans_for_one_key_one_is_refused_and_a_plan_of_before_undoes_nothing() {
    let bench = Bench::in_memory();
    let issued = bench.keys.plan_create(order()).unwrap().put_in_force().unwrap().settle();
    let rotation = bench.keys.plan_rotate(issued.key.id, HOUR).unwrap();
    let disabling = bench.keys.plan_disable(issued.key.id).unwrap();
    drop(disabling.put_in_force().unwrap().settle());
    assert!(matches!(rotation.put_in_force(), Err(KeyError::Changed)));
    assert_eq!(bench.verdict(issued.text.expose()), "disabled");
}

#[test]
fn what_was_read_before_a_change_here_does_not_count() {
    let (bench, mut kept) = (Bench::in_memory(), Kept::default());
    let planned = bench.keys.plan_create(order()).unwrap();
    kept.store(planned.record());
    let issued = planned.put_in_force().unwrap().settle();
    let before = kept.records();
    let taking_over = bench.keys.take_over();
    let planned = bench.keys.plan_disable(issued.key.id).unwrap();
    kept.store(planned.record());
    drop(planned.put_in_force().unwrap().settle());
    assert_eq!(taking_over.finish(before), TakenOver::Outdated);
    assert_eq!(bench.verdict(issued.text.expose()), "disabled");
    assert_eq!(bench.keys.take_over().finish(kept.records()), TakenOver::Same);
}

#[test]
fn what_was_taken_over_while_a_change_was_stored_does_not_keep_it_away() {
    let bench = Bench::in_memory();
    let in_force = bench.keys.plan_create(order()).unwrap().put_in_force().unwrap();
    // Read while the transaction is not committed.
    assert_eq!(bench.keys.take_over().finish([]), TakenOver::Changed);
    let issued = in_force.settle();
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
}

#[test]
fn what_a_person_edited_without_counting_is_taken_over_too() {
    let bench = Bench::in_memory();
    let planned = bench.keys.plan_create(order()).unwrap();
    let edited = planned.record().text().replace("posts:read", "posts:write");
    drop(planned.put_in_force().unwrap().settle());
    let record = KeyRecord::read(&edited, 1).unwrap();
    assert_eq!(bench.keys.take_over().finish([record]), TakenOver::Changed);
    assert_eq!(bench.keys.list()[0].scopes, ["posts:write"]);
}

#[test]
fn a_key_that_is_kept_no_more_is_gone() {
    let bench = Bench::in_memory();
    let issued = bench.keys.plan_create(order()).unwrap().put_in_force().unwrap().settle();
    assert_eq!(bench.keys.take_over().finish([]), TakenOver::Changed);
    assert_eq!(bench.verdict(issued.text.expose()), "unknown");
}

#[test]
fn when_a_key_was_last_used_is_no_change_and_the_later_use_counts() {
    let (here, mut kept) = (Bench::in_memory(), Kept::default());
    let planned = here.keys.plan_create(order()).unwrap();
    kept.store(planned.record());
    let issued = planned.put_in_force().unwrap().settle();
    here.who(issued.text.expose());
    let used = here.keys.list()[0].last_used.unwrap();
    let later = used + 2 * HOUR;
    for (noted, counts) in [(SystemTime::UNIX_EPOCH + HOUR, used), (later, later), (used, later)] {
        let records = kept.records().into_iter().map(|record| record.used(noted));
        assert_eq!(here.keys.take_over().finish(records), TakenOver::Same);
        assert_eq!(here.keys.list()[0].last_used, Some(counts));
    }
    let planned = here.keys.plan_disable(issued.key.id).unwrap();
    assert!(!planned.record().text().contains("lastUsed"));
    kept.store(planned.record());
    drop(planned.put_in_force().unwrap().settle());
    assert_eq!(here.keys.list()[0].last_used, Some(later), "a change forgets no use");
}

#[test]
fn w5_a_text_that_is_no_record_is_refused_without_being_repeated() {
    let bench = Bench::in_memory();
    let issued = bench.keys.plan_create(order()).unwrap();
    let text = issued.record().text().to_owned();
    for wrong in ["", "{}", "acme_live_secret", &text.replace("sha256:", "acme_live_secret")] {
        let told = KeyRecord::read(wrong, 1).unwrap_err().to_string();
        assert!(!told.contains("secret"), "{told}");
    }
    let told = KeyRecord::read(&text.replace("exporter", " "), 1).unwrap_err().to_string();
    assert!(told.contains("an owner of"), "{told}");
}

#[test]
fn keys_of_a_file_become_records_with_their_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let of_file = Bench::on(&folder.path().join("api-keys.json"));
    let issued = of_file.issue();
    let there = Bench::in_memory();
    let taken = there.keys.take_over().finish(of_file.keys.records().unwrap());
    assert_eq!(taken, TakenOver::Changed);
    assert_eq!(there.verdict(issued.text.expose()), "ok");
    let planned = there.keys.plan_disable(issued.key.id).unwrap();
    assert_eq!(planned.record().revision(), 2);
}
