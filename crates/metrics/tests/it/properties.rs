//! Laws of pages, for any figures.

use palisade_metrics::{Exposition, Family, Format, HistogramFamily, Spread, Value};
use proptest::prelude::*;

use crate::reader::read;

const COUNTER: Family<2> = Family::counter("c_total", "A\\ \"counter\"\n.", ["one", "two"]);
const GAUGE: Family<1> = Family::gauge("g", "A gauge.", ["one"]);
const HISTOGRAM: HistogramFamily<1> = HistogramFamily::new("h_seconds", "A histogram.", ["one"]);

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![any::<u64>().prop_map(Value::Whole), any::<f64>().prop_map(Value::Real)]
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::Text), Just(Format::OpenMetrics)]
}

/// The number that a reader has of it.
fn read_back(value: Value) -> f64 {
    match value {
        Value::Whole(number) => number as f64,
        Value::Real(number) => number,
        _ => unreachable!(),
    }
}

proptest! {
    /// Whatever the labels and figures are, a strict reader reads the page, and finds them as they were.
    #[test]
    fn what_is_written_is_read_back(
        format in format(),
        counters in prop::collection::vec((any::<String>(), any::<String>(), value()), 0..8),
        gauges in prop::collection::vec((any::<String>(), value()), 0..8),
    ) {
        let mut page = Exposition::new(format);
        let mut family = page.family(&COUNTER);
        for (one, two, value) in &counters {
            family.add([one, two], *value);
        }
        let mut family = page.family(&GAUGE);
        for (one, value) in &gauges {
            family.add([one], *value);
        }
        let figures = read(&page.finish());
        // Of those with the same labels, the first one counts.
        let mut first = std::collections::BTreeMap::new();
        for (one, value) in gauges {
            first.entry(one.replace('\r', " ")).or_insert(read_back(value));
        }
        let is_gauge = |figure: &&crate::reader::Figure| figure.name == "g";
        prop_assert_eq!(figures.iter().filter(is_gauge).count(), first.len());
        for figure in figures.iter().filter(is_gauge) {
            let expected = first[&figure.labels["one"]];
            let is_same = figure.value.to_bits() == expected.to_bits();
            prop_assert!(is_same || (figure.value.is_nan() && expected.is_nan()), "{:?}", figure);
        }
        for figure in figures.iter().filter(|figure| figure.name == "c_total") {
            prop_assert!(figure.value >= 0.0, "a counter is no number, or negative");
        }
    }

    /// Buckets never shrink, the last one is the count, and all figures are in it, whatever the bounds are.
    #[test]
    fn buckets_only_grow_and_end_with_all(
        format in format(),
        bounds in prop::collection::vec(any::<f64>(), 0..6),
        counts in prop::collection::vec(0_u64..1_000_000, 0..9),
    ) {
        let mut page = Exposition::new(format);
        page.histogram(&HISTOGRAM).add(["x"], Spread { bounds: &bounds, counts: &counts, sum: 1.0 });
        let figures = read(&page.finish());
        let buckets: Vec<_> = figures.iter().filter(|figure| figure.name == "h_seconds_bucket").collect();
        let bound = |place: usize| match buckets[place].labels["le"].as_str() {
            "+Inf" => f64::INFINITY,
            number => number.parse::<f64>().unwrap(),
        };
        for place in 1..buckets.len() {
            prop_assert!(buckets[place - 1].value <= buckets[place].value);
            prop_assert!(bound(place - 1) < bound(place));
        }
        let all: u64 = counts.iter().sum();
        prop_assert_eq!(buckets.last().unwrap().value, all as f64);
        prop_assert_eq!(&buckets.last().unwrap().labels["le"], "+Inf");
    }

    /// No `Accept` is too strange to get an answer.
    #[test]
    fn any_accept_gets_figures(accept in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut headers = http::HeaderMap::new();
        if let Ok(value) = http::HeaderValue::from_bytes(&accept) {
            headers.insert(http::header::ACCEPT, value);
        }
        let _any = Format::wanted(&headers);
    }
}
