//! Runs what a developer and CI run: tests, tidiness, licences, benches, fuzz targets.
//!
//! `cargo xtask test` is the one test command. It needs a Rust toolchain and brings the rest itself where it may.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "talks to a terminal or a CI log")]

mod bench;
mod command;
mod fuzz;
mod licences;
mod metadata;
mod steps;
mod tidy;
mod tools;
mod traversal;
mod workspace;

use std::{process::ExitCode, time::Duration};

use crate::{steps::Selection, workspace::Workspace};

const HELP: &str = "\
Usage: cargo xtask <task>

  test                run every step below in order, stop at the first that fails
  test --list         name the steps
  test --only STEP    run one step
  test --within MIN   begin no step after so many minutes; those left out are named
  tidy                check the house rules: floors, file heads, names, lengths, versions
  licences            check the licence of every dependency against deny.toml
  bench               measure everything, write docs/performance.md and its charts
  bench --only PART   measure one part: counts, times, turns, socket, threads, memory,
                      large
  bench --report      write the page from the figures that are kept
  bench --check       fail where instructions or allocations grew
  fuzz                feed every fuzz target for 60 s; by chance where there is no cargo-fuzz
  fuzz --seconds N    for N seconds each; with names of targets behind it, these alone
  traversal --list F  send each line of a list of path traversals to a server with canaries around its files
  help                show this
";

/// What a task says when it did not work: one line or more, for a person.
type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match task(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn task(words: &[&str]) -> Result<(), Failure> {
    match words {
        []
        | ["help" | "--help" | "-h", ..]
        | ["test" | "tidy" | "licences" | "bench" | "fuzz" | "traversal", "--help"] => {
            println!("{HELP}");
            Ok(())
        }
        ["test"] => steps::test(Selection::All),
        ["test", "--list"] => {
            steps::list();
            Ok(())
        }
        ["test", "--only", step] => steps::test(Selection::Only(step)),
        ["test", "--within", minutes] => {
            let minutes: u64 = minutes.parse().map_err(|_| format!("`{minutes}` is no number"))?;
            steps::test(Selection::Within(Duration::from_secs(minutes.saturating_mul(60))))
        }
        ["tidy"] => tidy::check(&Workspace::read()?),
        ["licences"] => licences::check(),
        ["bench", rest @ ..] => bench::bench(rest),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["traversal", "--list", list] => traversal::traversal(list),
        other => Err(format!("`{}` is no task\n\n{HELP}", other.join(" "))),
    }
}
