//! Laws that hold for any log: any edit is found, any erasure is not one.

use palisade_audit::{
    Actor, Checkpoint, Event, Hash, Part, PartState, Record, Salt, Verifier, verify,
};
use proptest::{prelude::*, sample::Index, test_runner::Config};

use crate::{
    erasure::line_of,
    scene::{at, chain, checkpoint, log_of, person},
};

/// Every column, and a change of it that leaves nothing as it was.
type Change = fn(&mut Record);

const CHANGES: [Change; 28] = [
    |it| it.sequence += 1,
    |it| it.time -= 1,
    |it| it.action.push('x'),
    |it| it.outcome = it.outcome.repeat(2),
    |it| text(&mut it.code),
    |it| text(&mut it.request_id),
    |it| it.actor_kind.push(' '),
    |it| text(&mut it.actor_issuer),
    |it| hash(&mut it.actor_seal),
    |it| salt(&mut it.actor_salt),
    |it| text(&mut it.actor_subject),
    |it| text(&mut it.actor_address),
    |it| text(&mut it.actor_user_agent),
    |it| text(&mut it.behalf_issuer),
    |it| hash(&mut it.behalf_seal),
    |it| salt(&mut it.behalf_salt),
    |it| text(&mut it.behalf_subject),
    |it| text(&mut it.target_kind),
    |it| text(&mut it.target_issuer),
    |it| hash(&mut it.target_seal),
    |it| salt(&mut it.target_salt),
    |it| text(&mut it.target_id),
    |it| hash(&mut it.words_seal),
    |it| salt(&mut it.words_salt),
    |it| text(&mut it.reason),
    |it| text(&mut it.details),
    |it| it.previous = other(it.previous),
    |it| it.hash = other(it.hash),
];

fn text(column: &mut Option<String>) {
    *column = match column.take() {
        Some(text) if text.len() % 2 == 0 => Some(text + "x"),
        Some(_) => None,
        None => Some(String::new()),
    };
}

fn hash(column: &mut Option<Hash>) {
    *column = Some(column.map_or(Hash::from_bytes([7; 32]), other));
}

fn salt(column: &mut Option<Salt>) {
    *column = column.is_none().then(Salt::random);
}

fn other(hash: Hash) -> Hash {
    Hash::from_bytes(hash.as_bytes().map(|byte| byte ^ 1))
}

fn config() -> ProptestConfig {
    Config { failure_persistence: None, ..Config::with_cases(60) }
}

#[test]
fn every_column_of_every_record_counts() {
    let (log, records) = log_of(7);
    let known = [checkpoint(log, &records[6])];
    for place in 0..records.len() {
        for (number, change) in CHANGES.iter().enumerate() {
            let mut changed = records.clone();
            change(&mut changed[place]);
            assert_ne!(changed, records);
            let report = verify(&changed, &known);
            assert!(!report.is_whole(), "record {}, column {number}", place + 1);
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_other_order_and_any_part_of_a_log_is_found(
        count in 1..30_u64,
        order in proptest::collection::vec(any::<Index>(), 0..40),
    ) {
        let (log, records) = log_of(count);
        let known = [checkpoint(log, &records[records.len() - 1])];
        let chosen: Vec<_> = order.iter().map(|index| index.get(&records).clone()).collect();
        prop_assert_eq!(verify(&chosen, &known).is_whole(), chosen == records);
        let mut less = records.clone();
        order.iter().take(1).for_each(|index| drop(less.remove(index.index(records.len()))));
        prop_assert_eq!(verify(&less, &known).is_whole(), less.len() == records.len());
    }

    #[test]
    fn any_two_records_that_changed_places_are_found(
        count in 2..30_u64,
        (one, other) in any::<(Index, Index)>(),
    ) {
        let (_, mut records) = log_of(count);
        let (one, other) = (one.index(records.len()), other.index(records.len()));
        records.swap(one, other);
        prop_assert_eq!(verify(&records, &[]).is_whole(), one == other);
    }

    #[test]
    fn a_log_written_anew_from_any_record_on_is_found(
        count in 1..30_u64, kept in any::<Index>(), more in 0..20_u64,
    ) {
        let (log, records) = log_of(count);
        let known = [checkpoint(log, &records[records.len() - 1])];
        let kept = kept.index(records.len());
        let head = kept.checked_sub(1).map(|last| records[last].head());
        let head = head.unwrap_or(palisade_audit::Head::empty(log));
        let mut anew = records[..kept].to_vec();
        anew.extend(chain(head, count - kept as u64 + more));
        prop_assert!(verify(&anew, &[]).is_whole());
        prop_assert!(!verify(&anew, &known).is_whole());
    }

    #[test]
    fn whoever_is_erased_the_log_is_whole_and_knows_nothing_of_him(
        count in 1..20_u64,
        people in proptest::sample::subsequence(vec!["alice", "bob", "carol", "nobody"], 0..=4),
        words in proptest::collection::vec(any::<Index>(), 0..5),
    ) {
        let (log, mut records) = log_of(count);
        let known = [checkpoint(log, &records[records.len() - 1])];
        let mut parts: u64 = 0;
        for record in &mut records {
            parts += people.iter().map(|name| record.erase_person(&person(name))).sum::<u64>();
        }
        for index in words {
            let at = index.index(records.len());
            parts += u64::from(records[at].erase(Part::Words));
        }
        let head = records[records.len() - 1].head();
        records.push(head.next(Event::erasure(Actor::system(), parts), at(99)));
        let report = verify(&records, &known);
        prop_assert!(report.is_whole(), "{}", report);
        prop_assert_eq!(report.erased(), parts);
        let left = format!("{records:?}");
        prop_assert!(people.iter().all(|name| !left.contains(name)));
        // What is erased cannot be filled in again, by whomever.
        for record in &mut records {
            if record.part(Part::Actor) == PartState::Erased {
                record.actor_subject = Some("alice".into());
                record.actor_salt = Some(Salt::random());
                prop_assert_eq!(record.part(Part::Actor), PartState::Altered);
            }
        }
    }

    #[test]
    fn any_byte_of_an_export_counts(count in 1..6_u64, place in any::<Index>(), bit in 0..8_u32) {
        let (log, records) = log_of(count);
        let known = [checkpoint(log, &records[records.len() - 1])];
        let mut export = records.iter().map(line_of).collect::<String>().into_bytes();
        let place = place.index(export.len());
        export[place] ^= 1 << bit;
        let mut verifier = Verifier::new(&known);
        verifier.take_export(&*export).unwrap();
        let report = verifier.finish();
        // JSON has more than one way to write the same: only then nothing is found.
        let read: Option<Vec<_>> =
            palisade_audit::Exported::new(&*export).map(Result::ok).collect();
        prop_assert_eq!(report.is_whole(), read == Some(records), "{}", report);
    }

    #[test]
    fn nothing_in_a_log_or_a_checkpoint_stops_the_verifier(
        count in 0..12_u64,
        changes in proptest::collection::vec((any::<Index>(), any::<Index>(), any::<u64>()), 0..20),
        heads in proptest::collection::vec((any::<u64>(), any::<Index>()), 0..5),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let (log, mut records) = log_of(count);
        if !records.is_empty() {
            for (place, change, number) in changes {
                let index = place.index(records.len());
                let record = &mut records[index];
                record.sequence = if number % 3 == 0 { number } else { record.sequence };
                record.time = if number % 5 == 0 { number.cast_signed() } else { record.time };
                if record.sequence < u64::MAX && record.time > i64::MIN {
                    change.get(&CHANGES)(record);
                }
            }
        }
        let known: Vec<_> = heads.into_iter().map(|(sequence, index)| {
            let hash = if records.is_empty() { Hash::from_bytes([0; 32]) } else { index.get(&records).hash };
            Checkpoint::new(log, palisade_audit::Head::new(sequence, hash), at(sequence % 1000))
        }).collect();
        let mut verifier = Verifier::new(&known);
        verifier.take_export(&*bytes).unwrap();
        records.iter().for_each(|record| verifier.take(record));
        let report = verifier.finish();
        prop_assert_eq!(report.records(), records.len() as u64);
        prop_assert_eq!(report.is_whole(), report.faults().is_empty());
    }
}
