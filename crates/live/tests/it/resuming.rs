//! Coming back.

use palisade_live::{Config, Interest};
use proptest::prelude::*;

use crate::{Seen, feed, id, numbers, publish, waiting};

#[test]
fn who_comes_back_is_told_what_he_missed_and_then_what_comes() {
    let feed = feed(Config::new());
    publish(&feed, 1..=5);
    let mut reader = feed.subscribe(Interest::of("alice").after(&id(&feed, 3))).unwrap();
    publish(&feed, [6]);
    assert_eq!(waiting(&mut reader), numbers([4, 5, 6]));
    let mut nothing_missed = feed.subscribe(Interest::of("alice").after(&id(&feed, 6))).unwrap();
    assert_eq!(waiting(&mut nothing_missed), []);
}

#[test]
fn more_may_wait_for_who_comes_back_than_for_others() {
    let feed = feed(Config::new().queue(2).ring(100));
    publish(&feed, 1..=50);
    let mut reader = feed.subscribe(Interest::of("alice").after(&id(&feed, 0))).unwrap();
    publish(&feed, 51..=52);
    assert_eq!(waiting(&mut reader), numbers(1..=52), "all of it, and as much as for anybody");
}

#[test]
fn a_name_that_another_process_gave_brings_all_there_is() {
    let feed = feed(Config::new().ring(3));
    let foreign = format!("{:016x}-2", feed.epoch().wrapping_add(1));
    let mut early = feed.subscribe(Interest::of("alice").after(&foreign)).unwrap();
    assert_eq!(waiting(&mut early), [Seen::MissedUnknown]);
    publish(&feed, 1..=5);
    let mut late = feed.subscribe(Interest::of("alice").after(&foreign)).unwrap();
    assert_eq!(waiting(&mut late), [&[Seen::MissedUnknown][..], &numbers(3..=5)].concat());
}

#[test]
fn a_name_that_nobody_gave_is_as_if_nothing_was_said() {
    let feed = feed(Config::new());
    publish(&feed, 1..=5);
    for name in ["", "5", "null", "x".repeat(100_000).as_str(), &id(&feed, 6), &id(&feed, u64::MAX)]
    {
        let mut reader = feed.subscribe(Interest::of("alice").after(name)).unwrap();
        assert_eq!(waiting(&mut reader), []);
    }
}

#[test]
fn every_process_has_another_epoch() {
    let (one, other) = (feed(Config::new()), feed(Config::new()));
    assert_ne!(one.epoch(), other.epoch());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is read before, and what is told when coming back, are together each event that is wanted, once and in order; of
    /// those that the ring has no more it is told how many.
    #[test]
    fn coming_back_brings_exactly_what_was_missed(
        ring in 0_usize..40,
        before in 0_u64..40,
        read in 0_u64..40,
        meanwhile in 0_u64..60,
        after in 0_u64..10,
        every in 1_u64..4,
    ) {
        let feed = feed(Config::new().ring(ring));
        let wanted = |number: &u64| number.is_multiple_of(every);
        let interest = || Interest::of("alice").matching(move |number| number % every == 0);
        let mut first = feed.subscribe(interest()).unwrap();
        publish(&feed, 1..=before);
        let mut seen = waiting(&mut first);
        seen.truncate(read as usize);
        let last = match seen.last() { Some(Seen::Number(last)) => *last, _ => 0 };
        drop(first);
        publish(&feed, before + 1..=before + meanwhile);
        let mut second = feed.subscribe(interest().after(&id(&feed, last))).unwrap();
        publish(&feed, before + meanwhile + 1..=before + meanwhile + after);

        let published = before + meanwhile;
        let oldest = published.saturating_sub(ring as u64);
        let gone = oldest.saturating_sub(last);
        let mut expected = if gone > 0 { vec![Seen::Missed(gone)] } else { Vec::new() };
        expected.extend(numbers((last.max(oldest) + 1..=published + after).filter(wanted)));
        prop_assert_eq!(waiting(&mut second), expected);
    }

    /// However a reader reads, what he is told adds up to what was published for him, in order.
    #[test]
    fn what_is_told_and_what_is_missed_add_up(
        queue in 1_usize..8,
        steps in prop::collection::vec((0_u64..12, 0_usize..12), 1..30),
    ) {
        let feed = feed(Config::new().queue(queue));
        let mut reader = crate::subscribe(&feed);
        let (mut published, mut told) = (0, 0);
        let cx = std::task::Context::from_waker(std::task::Waker::noop());
        for (more, reads) in steps {
            publish(&feed, published + 1..=published + more);
            published += more;
            for _ in 0..reads {
                let std::task::Poll::Ready(next) = reader.poll_next(&cx) else { break };
                match crate::short(next) {
                    Seen::Number(number) => { prop_assert_eq!(number, told + 1); told = number; }
                    Seen::Missed(count) => told += count,
                    other => panic!("{other:?}"),
                }
            }
        }
        let rest: u64 = waiting(&mut reader).into_iter().map(|seen| match seen {
            Seen::Number(_) => 1,
            Seen::Missed(count) => count,
            other => panic!("{other:?}"),
        }).sum();
        prop_assert_eq!(told + rest, published);
    }
}
