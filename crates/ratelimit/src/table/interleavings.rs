//! Every interleaving of a few threads on tiny sets, played by loom: here a set has two slots and a table two locks.

use loom::{sync::Arc, thread};

use super::Table;
use crate::gcra::{Ask, Outcome};

/// What a request costs, in ticks.
const COST: u64 = 100;
/// Keys, by their hashes. The upper bits pick the set, the lower ones are the tag.
const A: u64 = 1;
const B: u64 = 2;
const C: u64 = 3;
/// The beginning of an epoch.
const EPOCH: u64 = 1 << 38;

/// A table of one set.
const ONE_SET: usize = 4;
/// A table of two; a key may stand in either.
const TWO_SETS: usize = 8;

fn every_interleaving(play: impl Fn() + Send + Sync + 'static) {
    interleavings(3, play);
}

/// Every one in which a thread is interrupted at most so often.
fn interleavings(interruptions: usize, play: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(interruptions);
    builder.check(play);
}

/// A request at `now` under a quota of `burst`.
fn ask(now: u64, burst: u64) -> Ask {
    Ask { now, charge: COST, full: burst.saturating_mul(COST) }
}

fn is_within(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Within(_))
}

/// Two threads, of which each sends one request; what became of them.
fn race(table: &Arc<Table>, one: (u64, Ask), other: (u64, Ask)) -> (Outcome, Outcome) {
    let beside = Arc::clone(table);
    let thread = thread::spawn(move || beside.count(one.0, &one.1));
    let here = table.count(other.0, &other.1);
    (thread.join().expect("a thread that counts"), here)
}

#[test]
fn a_new_key_that_two_threads_bring_at_once_is_never_there_twice() {
    for capacity in [ONE_SET, TWO_SETS] {
        every_interleaving(move || {
            let table = Arc::new(Table::new(capacity));
            let (one, other) = race(&table, (A, ask(0, 2)), (A, ask(0, 2)));
            assert!(is_within(one) && is_within(other) && one != other, "{one:?} {other:?}");
            assert_eq!(table.len(), 1);
            assert!(!is_within(table.count(A, &ask(0, 2))), "both were counted");
        });
    }
}

#[test]
fn a_key_that_finds_its_first_set_full_is_not_put_into_both() {
    every_interleaving(|| {
        let table = Arc::new(Table::new(TWO_SETS));
        for key in [B, C] {
            assert!(is_within(table.count(key, &ask(0, 1))));
        }
        let (one, other) = race(&table, (A, ask(0, 2)), (A, ask(0, 2)));
        assert!(is_within(one) && is_within(other) && one != other, "{one:?} {other:?}");
        assert_eq!(table.len(), 3);
    });
}

#[test]
fn a_quota_is_never_exceeded() {
    every_interleaving(|| {
        let table = Arc::new(Table::new(ONE_SET));
        assert!(is_within(table.count(A, &ask(0, 2))));
        let (one, other) = race(&table, (A, ask(0, 2)), (A, ask(0, 2)));
        assert!(is_within(one) != is_within(other), "one was left: {one:?} {other:?}");
    });
}

#[test]
fn a_quota_of_one_is_never_exceeded_by_three_threads_with_a_new_key() {
    interleavings(2, || {
        let table = Arc::new(Table::new(ONE_SET));
        let beside = Arc::clone(&table);
        let third = thread::spawn(move || beside.count(A, &ask(0, 1)));
        let (one, other) = race(&table, (A, ask(0, 1)), (A, ask(0, 1)));
        let all = [one, other, third.join().expect("a thread that counts")];
        assert_eq!(all.into_iter().filter(|outcome| is_within(*outcome)).count(), 1, "{all:?}");
    });
}

#[test]
fn a_newcomer_never_sets_free_who_is_being_refused() {
    every_interleaving(|| {
        let table = Arc::new(Table::new(ONE_SET));
        // B has nothing left, A has one: there is no room but his.
        for key in [A, B, B] {
            assert!(is_within(table.count(key, &ask(0, 2))));
        }
        let (again, _newcomer) = race(&table, (A, ask(0, 2)), (C, ask(0, 2)));
        assert!(!is_within(table.count(B, &ask(0, 2))), "B was refused all the time");
        if again == Outcome::Within(2 * COST) {
            assert!(!is_within(table.count(A, &ask(0, 2))), "A had used up what he had");
        }
    });
}

#[test]
fn newcomers_who_find_no_room_share_one_quota() {
    every_interleaving(|| {
        let table = Arc::new(Table::new(ONE_SET));
        for key in [A, B] {
            assert!(is_within(table.count(key, &ask(0, 1))));
        }
        let (one, other) = race(&table, (C, ask(0, 1)), (4, ask(0, 1)));
        assert!(is_within(one) != is_within(other), "{one:?} {other:?}");
    });
}

#[test]
fn what_was_counted_while_a_set_is_cleaned_stays_counted() {
    // Of this epoch, and of the one before but not whole in this one.
    for arrived in [EPOCH + 5, EPOCH - 1] {
        every_interleaving(move || {
            let table = Arc::new(Table::new(ONE_SET));
            assert!(is_within(table.count(A, &ask(0, 1))));
            let (one, other) = race(&table, (A, ask(arrived, 1)), (B, ask(EPOCH + 6, 1)));
            assert!(is_within(one) && is_within(other), "A was whole: {one:?} {other:?}");
            assert!(!is_within(table.count(A, &ask(EPOCH + 6, 1))), "A has asked again");
            assert!(!is_within(table.count(B, &ask(EPOCH + 6, 1))));
        });
    }
}

#[test]
fn a_request_of_long_ago_does_not_read_in_its_own_times_what_was_written_four_epochs_later() {
    // Four epochs later, times in 40 bits are the same again.
    const LATER: u64 = 4 * EPOCH + 200;
    every_interleaving(|| {
        let table = Arc::new(Table::new(ONE_SET));
        assert!(is_within(table.count(A, &ask(0, 1))));
        let (_early, late) = race(&table, (A, ask(EPOCH - 1, 1)), (A, ask(LATER, 1)));
        assert!(is_within(late), "what A asked for before is back: {late:?}");
        assert!(is_within(table.count(A, &ask(LATER + 400, 1))), "and that, too");
    });
}
