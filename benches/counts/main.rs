//! Counts instructions and allocations per request: what a loaded machine cannot change.
//!
//! `cargo bench -p palisade-benches --bench counts` prints the table; `-- --save` writes it down as the baseline,
//! `-- --check` fails where a count is over the baseline by more than 3 %. Instructions are counted by valgrind.
#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::mem_forget,
    clippy::panic,
    clippy::pedantic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a count that cannot be taken must fail loudly, and prints a table"
)]

mod baseline;
mod callgrind;
mod drive;
mod scenario;
mod wire;

use std::{alloc::System, env, process::ExitCode};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::{
    baseline::Baseline,
    drive::{Drive, measured_region},
    scenario::{SCENARIOS, Scenario},
};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Requests before the count starts: every cache is warm then.
const WARM: u64 = 500;
/// Requests that are counted.
const COUNTED: u64 = 1_000;

/// What one request costs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counts {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| *word != "--bench").collect();
    match words[..] {
        ["one", name] => one(name),
        // `cargo test` says no `--bench`: then it is enough that every scenario works.
        _ if words.len() == arguments.len() => SCENARIOS.iter().for_each(|case| drop(warm(case))),
        ref words => return all(words),
    }
    ExitCode::SUCCESS
}

/// Connects a scenario and lets requests through until every cache is warm.
fn warm(scenario: &Scenario) -> Box<dyn Drive> {
    let mut connection = (scenario.make)();
    connection.drive(WARM);
    let answer = connection.last();
    let status = answer.split(' ').nth(1).unwrap_or_default();
    assert_eq!(status, scenario.status, "{}: {answer}", scenario.name);
    connection
}

/// Runs one scenario and prints what callgrind cannot see: the allocations.
fn one(name: &str) {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).expect("a scenario");
    let mut connection = warm(scenario);
    let heap = Region::new(HEAP);
    measured_region(&mut *connection, COUNTED);
    let change = heap.change();
    let allocations = change.allocations + change.reallocations;
    println!("allocations {}", (allocations as u64 + COUNTED / 2) / COUNTED);
}

fn all(words: &[&str]) -> ExitCode {
    let wanted = |scenario: &&Scenario| {
        let names = words.iter().filter(|word| !word.starts_with("--"));
        names.clone().count() == 0 || names.clone().any(|name| scenario.name.contains(name))
    };
    let mut measured = Baseline::default();
    println!("{:<28} {:>12} {:>8}   beyond", "per request", "instructions", "allocs");
    for scenario in SCENARIOS.iter().filter(wanted) {
        let counts = callgrind::count(scenario.name);
        measured.insert(scenario.name, counts);
        println!("{}", row(scenario, counts, &measured));
    }
    let known = Baseline::read();
    if words.contains(&"--save") {
        measured.write();
    }
    if words.contains(&"--check") {
        let findings = measured.worse_than(&known);
        for finding in &findings {
            println!("{finding}");
        }
        return if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    ExitCode::SUCCESS
}

fn row(scenario: &Scenario, counts: Counts, measured: &Baseline) -> String {
    let Counts { instructions, allocations } = counts;
    let row = format!("{:<28} {instructions:>12} {allocations:>8}", scenario.name);
    let Some(base) = scenario.beyond.and_then(|name| measured.get(name)) else { return row };
    let beyond = instructions.saturating_sub(base.instructions);
    let allocs = allocations.saturating_sub(base.allocations);
    let row = format!("{row}   +{beyond} +{allocs}");
    match scenario.bar {
        Some((most, most_allocs)) => {
            let reached = beyond <= most && allocs <= most_allocs;
            let word = if reached { "reached" } else { "not reached" };
            format!("{row} (bar +{most} +{most_allocs}: {word})")
        }
        None => row,
    }
}
