//! Figures are written as people read them, and the page stands with many and with none.

use super::{charts::CHARTS, page::page};
use crate::bench::{
    bars::{PARTS, WHOLE},
    number::{grouped, short},
    results::{Cost, Results},
    unit::Unit,
};

fn results(counts: &[(&str, u32, u32)]) -> Results {
    let counts = counts.iter().map(|(name, instructions, allocations)| {
        let (instructions, allocations) = (*instructions, *allocations);
        let beyond = name.split_once(" + ").map(|(bare, _)| bare.to_owned());
        ((*name).to_owned(), Cost { instructions, allocations, beyond })
    });
    Results { counts: counts.collect(), ..Results::default() }
}

fn counted() -> Results {
    results(&[
        ("axum", 17_700, 22),
        ("axum + ordinary stack, chained, admitted", 123_700, 227),
        ("axum + stack, admitted", 29_000, 36),
        ("hyper", 10_400, 4),
        ("hyper + stack, admitted", 22_880, 19),
    ])
}

#[test]
fn numbers_are_grouped_and_short() {
    assert_eq!(grouped(12_480.4, 0), "12\u{2009}480");
    assert_eq!(grouped(1_234_567.0, 1), "1\u{2009}234\u{2009}567.0");
    assert_eq!(grouped(999.0, 0), "999");
    assert_eq!(grouped(-1_200.0, 0), "\u{2212}1\u{2009}200");
    assert_eq!(grouped(-0.2, 0), "0");
    assert_eq!(short(1.9), "1.9");
    assert_eq!(short(41.26), "41.3");
    assert_eq!(short(450.0), "450");
    assert_eq!(short(0.0), "0");
}

#[test]
fn times_are_in_the_unit_that_keeps_them_short() {
    assert_eq!(Unit::Nanoseconds.shown(41.26), "41.3\u{a0}ns");
    assert_eq!(Unit::Nanoseconds.shown(2_200.0), "2.2\u{a0}µs");
    assert_eq!(Unit::Nanoseconds.shown(150e6), "150\u{a0}ms");
}

#[test]
fn a_bar_is_reached_missed_or_not_measured() {
    let results = counted();
    let reached: Vec<_> = WHOLE.iter().take(5).map(|bar| bar.is_reached(&results)).collect();
    assert_eq!(reached, [Some(true), Some(false), Some(true), Some(true), None]);
}

#[test]
fn the_page_stands_without_figures() {
    let text = page(&Results::default(), &[]);
    let all = WHOLE.len().saturating_add(PARTS.len());
    assert!(text.contains(&format!("0 are reached, 0 are not, {all} are not measured.")));
    let replaced =
        "| ≤\u{a0}26\u{2009}500\u{a0}instructions; planned: 12\u{2009}500\u{a0}instructions |";
    assert!(text.contains(replaced), "{text}");
    assert!(text.lines().all(|line| line.trim_end() == line), "a blank at the end of a line");
    assert!(text.ends_with("Not measured.\n"));
}

#[test]
fn the_page_shows_what_was_measured() {
    let text = page(&counted(), &[]);
    let row = "| hyper + stack, admitted | 22\u{2009}880 | 19 | hyper | 12\u{2009}480 | 15 |";
    assert!(text.contains(row), "{text}");
    assert!(
        text.contains("ordinary axum stack, chained: 106\u{2009}000\u{a0}instructions"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.trim_end() == line), "a blank at the end of a line");
}

#[test]
fn a_chart_is_drawn_where_all_of_ours_is_there() {
    let results = counted();
    let drawn: Vec<(&str, String)> = CHARTS
        .iter()
        .filter_map(|chart| chart.drawn(&results).map(|picture| (chart.name, picture)))
        .collect();
    let names: Vec<&str> = drawn.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["admitted", "allocations"]);
    for (name, picture) in &drawn {
        assert_eq!(picture.matches("<rect ").count(), 3, "{name}: {picture}");
        assert!(picture.contains("stroke-dasharray") && picture.ends_with("</svg>\n"), "{picture}");
    }
}
