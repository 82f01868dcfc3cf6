//! What somebody does to a log, and what the verifier says about it.

use palisade_audit::{Checkpoint, Fault, Head, LogId, Part, PartState, Record, Verifier, verify};

use crate::scene::{at, chain, checkpoint, event, faults, log_of, person};

#[test]
fn a_log_that_nobody_touched_is_whole() {
    let (log, records) = log_of(20);
    let checkpoints: Vec<_> = [&records[4], &records[19]].map(|it| checkpoint(log, it)).into();
    let report = verify(&records, &checkpoints);
    assert!(report.is_whole(), "{report}");
    assert_eq!(
        (report.records(), report.log(), report.head()),
        (20, Some(log), Some(records[19].head()))
    );
    assert_eq!((report.checkpoints(), report.covered(), report.uncovered()), (2, 20, 0));
    let said = report.to_string();
    assert_eq!(said, format!("whole: 20 records of log {log}\nfits 2 checkpoints, up to its end"));
}

#[test]
fn a1_the_last_records_removed_are_missed_against_a_checkpoint() {
    let (log, records) = log_of(20);
    let known = [checkpoint(log, &records[9]), checkpoint(log, &records[17])];
    assert_eq!(faults(&records[..12], &known), [Fault::Cut { last: 12, checkpoint: 18 }]);
    assert_eq!(faults(&[], &known), [Fault::Cut { last: 0, checkpoint: 18 }]);
    // What no checkpoint saw, nobody misses: the report says how much that is.
    let report = verify(&records[..19], &known);
    assert_eq!((report.is_whole(), report.uncovered()), (true, 1));
    assert!(verify(&records[..12], &[]).to_string().contains("no checkpoint vouches for it"));
}

#[test]
fn a1_a_log_that_was_chained_anew_is_another_one_than_was_signed() {
    let (log, mut records) = log_of(20);
    let known: Vec<_> = [4, 9, 14].map(|index| checkpoint(log, &records[index])).into();
    // Record 8 is taken out, and all behind it are made again, as who has the program and the database can.
    records.truncate(7);
    let rest = chain(records[6].head(), 13);
    records.extend(rest);
    assert!(verify(&records, &[]).is_whole(), "it is consistent in itself");
    assert_eq!(faults(&records, &known), [Fault::Replaced { since: 5, checkpoint: 10 }]);
    let said = Fault::Replaced { since: 5, checkpoint: 10 }.to_string();
    assert_eq!(
        said,
        "the log was written anew behind record 5: it does not fit the checkpoint of record 10"
    );
}

#[test]
fn a1_a_log_written_anew_from_its_first_record_is_found() {
    let (log, records) = log_of(20);
    let known = [checkpoint(log, &records[9])];
    // Under its own name, and under another one.
    let same = chain(Head::empty(log), 20);
    assert_eq!(faults(&same, &known), [Fault::Replaced { since: 0, checkpoint: 10 }]);
    let (_, other) = log_of(20);
    assert_eq!(faults(&other, &known), [Fault::OtherLog { checkpoint: 10 }]);
}

#[test]
fn a1_an_old_database_that_was_restored_is_missed_and_found_again_when_it_has_grown() {
    let (log, records) = log_of(20);
    let known = [checkpoint(log, &records[4]), checkpoint(log, &records[14])];
    let mut restored = records[..8].to_vec();
    assert_eq!(faults(&restored, &known), [Fault::Cut { last: 8, checkpoint: 15 }]);
    restored.extend(chain(restored[7].head(), 30));
    assert_eq!(faults(&restored, &known), [Fault::Replaced { since: 5, checkpoint: 15 }]);
}

#[test]
fn a1_a_clock_that_was_stepped_back_is_told_and_changes_no_order() {
    let (log, mut records) = log_of(5);
    let late = records[4].head().next(event("bob"), at(90_000));
    let early = late.head().next(event("bob"), at(6));
    let next = early.head().next(event("bob"), at(7));
    let known = checkpoint(log, &next);
    records.extend([late, early, next]);
    let report = verify(&records, &[known]);
    assert!(report.is_whole(), "{report}");
    let clock = report.clock();
    assert_eq!((clock.times, clock.first, clock.largest, clock.by), (1, 7, 7, 89_994_000));
    assert!(
        report
            .to_string()
            .ends_with("note: time goes back at 1 records, most at 7, by 89994000 ms")
    );
}

#[test]
fn a1_a_record_dated_back_behind_a_checkpoint_is_told() {
    let (log, mut records) = log_of(3);
    let known = Checkpoint::new(log, records[2].head(), at(1000));
    let backdated = records[2].head().next(event("bob"), at(10));
    records.push(backdated);
    assert_eq!(verify(&records, &[]).clock().times, 0);
    assert_eq!(verify(&records, &[known]).clock().by, 990_000);
}

#[test]
fn a_record_removed_from_the_middle_is_missed() {
    let (_, records) = log_of(9);
    let without = |gone: std::ops::Range<usize>| {
        let mut left = records.clone();
        left.drain(gone);
        faults(&left, &[])
    };
    assert_eq!(without(3..4), [Fault::Missing { from: 4, to: 4 }]);
    assert_eq!(without(0..3), [Fault::Missing { from: 1, to: 3 }]);
    assert_eq!(Fault::Missing { from: 1, to: 3 }.to_string(), "records 1 to 3 are missing");
}

#[test]
fn a_gap_that_was_closed_by_new_numbers_is_found() {
    let (_, mut records) = log_of(6);
    records.remove(2);
    for (record, sequence) in records.iter_mut().zip(1..) {
        record.sequence = sequence;
    }
    let found = faults(&records, &[]);
    assert_eq!(found[0], Fault::Unlinked { sequence: 3 });
    assert!(found[1..].iter().all(|fault| matches!(fault, Fault::Edited { .. })), "{found:?}");
}

#[test]
fn records_in_another_order_and_records_twice_are_found() {
    let (_, mut records) = log_of(5);
    records.swap(1, 2);
    let swapped = faults(&records, &[]);
    assert_eq!(
        swapped,
        [Fault::Missing { from: 2, to: 2 }, Fault::OutOfOrder { sequence: 2, after: 3 }]
    );
    let (_, mut records) = log_of(3);
    records.insert(2, records[1].clone());
    assert_eq!(faults(&records, &[]), [Fault::OutOfOrder { sequence: 2, after: 2 }]);
}

#[test]
fn a_record_of_another_log_in_the_place_of_ours_is_found() {
    let ((_, mut records), (_, others)) = (log_of(6), log_of(6));
    records[3] = others[3].clone();
    assert_eq!(
        faults(&records, &[]),
        [Fault::Unlinked { sequence: 4 }, Fault::Unlinked { sequence: 5 }]
    );
}

#[test]
fn a_checkpoint_of_another_log_is_told_and_the_others_count() {
    let (log, records) = log_of(6);
    let (other, others) = log_of(9);
    let known = [checkpoint(other, &others[8]), checkpoint(log, &records[5])];
    let report = verify(&records, &known);
    assert_eq!(report.faults(), [Fault::OtherLog { checkpoint: 9 }]);
    assert_eq!(report.covered(), 6);
}

#[test]
fn a_person_who_was_exchanged_is_found_and_so_is_one_who_was_erased_in_half() {
    let (_, records) = log_of(4);
    let edited = |change: fn(&mut Record)| {
        let mut records = records.clone();
        change(&mut records[0]);
        faults(&records, &[])
    };
    let actor = [Fault::PartEdited { sequence: 1, part: Part::Actor }];
    assert_eq!(edited(|it| it.actor_subject = Some("mallory".into())), actor);
    assert_eq!(edited(|it| it.actor_address = None), actor);
    assert_eq!(edited(|it| it.actor_salt = None), actor, "the salt alone does not hide him");
    let half = |it: &mut Record| (it.actor_salt, it.actor_subject) = (None, None);
    assert_eq!(edited(half), actor, "his address is left");
    let whole = [Fault::Edited { sequence: 1 }];
    assert_eq!(edited(|it| it.action = "ban.read".into()), whole);
    assert_eq!(edited(|it| it.outcome = "done".into()), whole);
}

#[test]
fn an_erasure_that_no_record_tells_of_is_found() {
    let (_, mut records) = log_of(5);
    let parts: u64 = records.iter_mut().map(|it| it.erase_person(&person("bob"))).sum();
    assert_eq!(faults(&records, &[]), [Fault::ErasedUntold { found: parts, told: 0 }]);
}

#[test]
fn verification_goes_on_behind_a_checkpoint_without_what_stands_before_it() {
    let (log, mut records) = log_of(30);
    let known: Vec<_> = [9, 19].map(|index| checkpoint(log, &records[index])).into();
    let since = |records: &[Record]| {
        let mut verifier = Verifier::since(&known[0], &known);
        records.iter().for_each(|record| verifier.take(record));
        verifier.finish()
    };
    let report = since(&records[10..]);
    assert_eq!((report.is_whole(), report.records(), report.covered()), (true, 20, 20), "{report}");
    assert_eq!(since(&records[12..]).faults(), [Fault::Missing { from: 11, to: 12 }]);
    assert_eq!(since(&[]).faults(), [Fault::Cut { last: 10, checkpoint: 20 }]);
    let rest = chain(Head::new(10, records[8].head().hash()), 20);
    assert_eq!(since(&rest).faults()[0], Fault::Unlinked { sequence: 11 });
    records[25].time += 1;
    assert_eq!(since(&records[10..]).faults(), [Fault::Edited { sequence: 26 }]);
}

#[test]
fn of_many_faults_the_first_are_told_and_all_are_counted() {
    let (_, mut records) = log_of(100);
    records.iter_mut().for_each(|it| it.time += 1);
    let report = verify(&records, &[]);
    assert_eq!((report.faults().len(), report.faulty()), (64, 100));
    assert!(report.to_string().contains("and more, 100 in all"));
}

#[test]
fn an_empty_log_fits_a_checkpoint_of_no_record_and_nothing_else() {
    let log = LogId::random();
    let empty = Checkpoint::new(log, Head::empty(log), at(0));
    assert!(verify([] as [Record; 0], std::slice::from_ref(&empty)).is_whole());
    let records = chain(Head::empty(log), 3);
    assert_eq!(verify(&records, &[empty]).checkpoints(), 1);
}

#[test]
fn numbers_at_their_end_find_an_end_too() {
    let (log, mut records) = log_of(2);
    records[1].sequence = u64::MAX;
    records[1].time = i64::MIN;
    let known = [Checkpoint::new(log, Head::new(u64::MAX, records[0].hash), at(0))];
    let twice = [records[0].clone(), records[1].clone(), records[1].clone()];
    assert!(!verify(&twice, &known).is_whole());
    assert_eq!(records[1].head().next(event("x"), at(0)).sequence, u64::MAX);
    assert_eq!(records[0].part(Part::Actor), PartState::Whole);
}
