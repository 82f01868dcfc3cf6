//! Measures the parts.

mod hono;
mod machine;
mod process;
mod program;
mod server;
mod socket;
#[cfg(test)]
mod tests;
mod times;
mod wrk;

use std::collections::BTreeMap;

pub(crate) use self::machine::Machine;
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
            keep(part, &program::ask::<BTreeMap<String, Cost>>(part.name())?)?;
            program::as_tested(&[part.name(), "--json", &checked()])
        }
        Part::Socket => keep(part, &socket::measure()?),
        Part::Threads => keep(part, &program::ask::<BTreeMap<String, Speed>>(part.name())?),
        Part::Turns | Part::Memory => {
            keep(part, &program::ask::<BTreeMap<String, f64>>(part.name())?)
        }
    }
}

/// Measures the times that `words` choose for `cargo bench`, or all; of others, those of before are kept.
pub(crate) fn times(words: &[&str]) -> Result<(), Failure> {
    let found = times::measure(words)?;
    let kept = if words.is_empty() { BTreeMap::new() } else { Results::read()?.times };
    keep(Part::Times, &times::renewed(kept, found))
}

/// Counts, and fails where a count is over the kept one.
pub(crate) fn check() -> Result<(), Failure> {
    program::as_tested(&[Part::Counts.name(), "--check", &checked()])
}

/// The counts that `check` compares with.
fn checked() -> String {
    root().join("benches/results/check.json").to_string_lossy().into_owned()
}
