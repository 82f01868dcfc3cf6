//! What every store of a log promises. Each runs it: `log_contract!(with)`, where `with` hands a new and empty store to a test.

// Named, because another crate takes this file in by its path too.
#[path = "scene.rs"]
pub(crate) mod scene;

use std::thread;

use palisade_audit::{Event, Part, PartState, Person, Record, verify};

use self::scene::{event, full_event, person};

/// What a store is asked to do. One that is asynchronous waits in here.
pub(crate) trait Store: Sync {
    /// Adds what happened, in one transaction, and says what is kept of it.
    fn append(&self, event: Event) -> Record;
    /// All records, in the order of their numbers.
    fn records(&self) -> Vec<Record>;
    /// Erases a person from all records and adds the record that says so, in one transaction. How many parts.
    fn erase(&self, person: &Person) -> u64;
}

/// Hands a new and empty store to a test.
pub(crate) type With = fn(&dyn Fn(&dyn Store));

/// Makes a test of every law.
macro_rules! log_contract {
    ($with:path: $($law:ident)*) => {
        $(
            #[test]
            fn $law() {
                crate::contract::$law($with);
            }
        )*
    };
    ($with:path) => {
        log_contract! { $with:
            what_was_added_reads_back_as_it_was
            a1_records_that_are_added_at_once_have_no_gap_and_one_chain
            a_person_who_is_erased_is_gone_and_the_log_is_whole
            erasing_and_adding_at_once_leaves_a_whole_log
            an_erasure_of_nobody_adds_nothing
            hostile_text_is_kept_as_it_was_recorded
        }
    };
}
pub(crate) use log_contract;

fn check(store: &dyn Store) -> Vec<Record> {
    let records = store.records();
    let report = verify(&records, &[]);
    assert!(report.is_whole(), "{report}");
    records
}

pub(crate) fn what_was_added_reads_back_as_it_was(with_store: With) {
    with_store(&|store| {
        assert!(check(store).is_empty());
        let added: Vec<_> =
            [full_event(), event("bob"), full_event()].map(|event| store.append(event)).into();
        assert_eq!(check(store), added);
        assert_eq!(added.iter().map(|it| it.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    });
}

pub(crate) fn a1_records_that_are_added_at_once_have_no_gap_and_one_chain(with_store: With) {
    with_store(&|store| {
        thread::scope(|scope| {
            for name in ["alice", "bob", "carol", "dave"] {
                scope.spawn(move || (0..10).for_each(|_| drop(store.append(event(name)))));
            }
        });
        let records = check(store);
        assert_eq!(records.len(), 40);
        for name in ["alice", "bob", "carol", "dave"] {
            assert_eq!(
                records.iter().filter(|it| it.names(Part::Actor, &person(name))).count(),
                10
            );
        }
    });
}

pub(crate) fn a_person_who_is_erased_is_gone_and_the_log_is_whole(with_store: With) {
    with_store(&|store| {
        let before: Vec<_> =
            [full_event(), event("bob"), event("alice")].map(|event| store.append(event)).into();
        assert_eq!(store.erase(&person("bob")), 2, "once as a target, once as an actor");
        let after = check(store);
        assert_eq!(after.len(), 4);
        assert_eq!(after[3].action, "audit.erased");
        assert_eq!(after[0].part(Part::Target), PartState::Erased);
        assert_eq!(after[1].part(Part::Actor), PartState::Erased);
        assert_eq!(
            (&after[0].hash, &after[0].actor_subject),
            (&before[0].hash, &before[0].actor_subject)
        );
        assert_eq!(after[2], before[2]);
        assert!(!format!("{after:?}").contains("bob"));
        store.append(event("carol"));
        check(store);
    });
}

pub(crate) fn erasing_and_adding_at_once_leaves_a_whole_log(with_store: With) {
    with_store(&|store| {
        thread::scope(|scope| {
            scope.spawn(move || (0..10).for_each(|_| drop(store.append(event("alice")))));
            scope.spawn(move || (0..10).for_each(|_| drop(store.append(full_event()))));
            scope.spawn(move || (0..4).map(|_| store.erase(&person("alice"))).sum::<u64>());
        });
        store.append(event("alice"));
        store.erase(&person("alice"));
        let records = check(store);
        assert!(!format!("{records:?}").contains("alice"));
        assert!(records.len() >= 22);
    });
}

pub(crate) fn an_erasure_of_nobody_adds_nothing(with_store: With) {
    with_store(&|store| {
        store.append(event("alice"));
        assert_eq!(store.erase(&person("nobody")), 0);
        assert_eq!(check(store).len(), 1);
    });
}

pub(crate) fn hostile_text_is_kept_as_it_was_recorded(with_store: With) {
    with_store(&|store| {
        let texts = [
            "'; DROP TABLE audit_log; --",
            "\" OR 1=1",
            "a\0b",
            "\u{1f600}\u{202e}",
            "NULL",
            "",
            "\\",
            "%_",
        ];
        for text in texts {
            let added = store.append(full_event().reason(text).on_behalf_of(Person::new(text)));
            assert_eq!(store.records().last(), Some(&added), "{text:?}");
        }
        check(store);
        for text in texts {
            assert_eq!(store.erase(&Person::new(text)), 1, "{text:?}");
        }
        check(store);
    });
}
