//! Measures the parts.

mod hono;
mod large;
mod machine;
mod process;
mod program;
mod server;
mod socket;
mod stopwatch;
#[cfg(test)]
mod tests;
mod times;
mod wrk;

use std::collections::BTreeMap;

pub(crate) use self::{large::names, machine::Machine};
use crate::{
    Failure,
    bench::{
        part::Part,
        results::{Cost, Results, Speed, keep},
    },
    command::root,
};

/// Measures `part` and keeps its figures.
pub(crate) fn part(part: Part) -> Result<(), Failure> {
    println!("\n==> {}", part.name());
    match part {
        Part::Times => times(&[]),
        Part::Counts => {
            keep(part, &program::ask::<BTreeMap<String, Cost>>(part.name(), &[])?)?;
            program::as_tested(&[part.name(), "--json", &checked()])
        }
        Part::Socket => keep(part, &socket::measure()?),
        Part::Large => keep(part, &large::measure()?),
        Part::Threads => keep(part, &program::ask::<BTreeMap<String, Speed>>(part.name(), &[])?),
        Part::Turns => keep(part, &program::ask::<BTreeMap<String, f64>>(part.name(), &[])?),
        Part::Memory => memory(&[]),
    }
}

/// Measures the times that `words` choose for `cargo bench`, or all; of others, those of before are kept.
pub(crate) fn times(words: &[&str]) -> Result<(), Failure> {
    let found = times::measure(words)?;
    let kept = if words.is_empty() { BTreeMap::new() } else { Results::read()?.times };
    keep(Part::Times, &times::renewed(kept, found))
}

/// Measures the memory that `words` choose, or all; of others, the figures of before are kept.
pub(crate) fn memory(words: &[&str]) -> Result<(), Failure> {
    let found: BTreeMap<String, f64> = program::ask(Part::Memory.name(), words)?;
    let mut all = if words.is_empty() { BTreeMap::new() } else { Results::read()?.memory };
    all.extend(found);
    keep(Part::Memory, &all)
}

/// Sends a large file up and down, and fails where memory is not flat. Nothing is kept.
pub(crate) fn large() -> Result<(), Failure> {
    large::measure().map(drop)
}

/// Counts, and fails where a count is over the kept one.
pub(crate) fn check() -> Result<(), Failure> {
    program::as_tested(&[Part::Counts.name(), "--check", &checked()])
}

/// The counts that `check` compares with.
fn checked() -> String {
    root().join("benches/results/check.json").to_string_lossy().into_owned()
}
