//! `cargo xtask bench`: measures what the stack costs, keeps the figures, and writes the page about them.

mod bars;
mod measure;
mod number;
mod part;
mod report;
mod results;
mod source;
mod unit;

use crate::{
    Failure,
    bench::{part::Part, results::Results},
};

/// The package of the program that counts.
pub(crate) const PROGRAM: &str = "palisade-counts";

const USAGE: &str = "\
Usage: cargo xtask bench [--only PART [WORDS] | --report | --check]

  (nothing)      measure every part, keep the figures in benches/results/, write docs/performance.md and its charts
  --only PART    measure one part: counts, times, turns, socket, threads, memory or large
  WORDS          of the times, measure those alone that they choose for `cargo bench`, such as
                 `--bench authn_jwt`, or with the other cryptography `--bench authn_jwt --features aws-lc-rs`;
                 of the memory, those figures alone whose names begin so, such as `vfs-acl`
  --report       write the page from the figures that are kept
  --check        count instructions and allocations in the build that tests use, fail where they are over the kept ones";

/// Does what `words`, the rest of the command line, ask for.
pub(crate) fn bench(words: &[&str]) -> Result<(), Failure> {
    match words {
        [] => everything(),
        ["--only", "times", words @ ..] => {
            measure::times(words)?;
            report::write(&Results::read()?)
        }
        ["--only", "memory", words @ ..] => {
            measure::memory(words)?;
            report::write(&Results::read()?)
        }
        ["--only", name] => {
            measure::part(Part::named(name).ok_or_else(|| no_part(name))?)?;
            report::write(&Results::read()?)
        }
        ["--only"] => Err(no_part("")),
        ["--report"] => report::write(&Results::read()?),
        ["--check"] => measure::check(),
        other => Err(format!("`{}` is not understood\n\n{USAGE}", other.join(" "))),
    }
}

/// A large file goes up and down, and memory stays flat. Nothing is kept.
pub(crate) fn large() -> Result<(), Failure> {
    measure::large()
}

/// A part that fails ends the run; what was measured before it is kept.
fn everything() -> Result<(), Failure> {
    for part in Part::ALL {
        measure::part(part)?;
    }
    report::write(&Results::read()?)
}

fn no_part(name: &str) -> Failure {
    format!("`{name}` is no part: name one of {}", Part::ALL.map(Part::name).join(", "))
}
