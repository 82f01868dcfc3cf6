//! Counts instructions and allocations per request, beside peers in the same run.
//!
//! What is counted a loaded machine cannot change. It also serves what is measured from outside. `cargo xtask bench` drives
//! it.
#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::exit,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::mem_forget,
    clippy::panic,
    clippy::pedantic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a count that cannot be taken must fail loudly, and prints a table"
)]

mod callgrind;
mod case;
mod connection;
mod direct;
mod drive;
mod hello;
mod layers;
mod memory;
#[cfg(feature = "peers")]
mod ordinary;
mod ours;
mod pauses;
mod redis;
mod server;
mod socket;
mod table;
mod threads;
mod turns;
mod wire;

use std::{
    env, fs,
    path::Path,
    process::{self, ExitCode},
};

use palisade::core::{Clock, ManualClock};
use serde_json::Value;

use crate::{case::Case, drive::measured_region, table::Table};

/// Requests before the count starts: every cache is warm then.
const WARM: u64 = 30;
/// Requests that are counted. What is not optimised takes ten times as long, and is only compared with itself.
const COUNTED: u64 = if cfg!(debug_assertions) { 20 } else { 1_000 };

const HELP: &str = "\
Usage: palisade-counts <what>

  counts [--json FILE] [NAME…]   count instructions and allocations of every case, or of those
  counts --check FILE            fail where a case costs more than what was written there
  one NAME                       let requests through one case, for valgrind
  serve NAME                     serve one case on a free port
  turns --json FILE              nanoseconds per request of every server, without a kernel between
  threads --json FILE            requests per second with one thread and with two
  memory --json FILE [NAME…]     memory at rest, and while millions of addresses come; or of these parts
  grants COUNT                   MiB that so many grants take
  list FILE                      MiB that a list keeps, and takes at most while it is loaded
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["counts", "--check", file] => return check(&Table::read(Path::new(file))),
        ["counts", "--json", file, ref names @ ..] => count(names).write(Path::new(file)),
        ["counts", ref names @ ..] => drop(count(names)),
        ["one", name] => one(name),
        ["serve", name] => socket::serve(name),
        ["turns", "--json", file] => write(&turns::measure(), file),
        ["threads", "--json", file] => write(&threads::measure(), file),
        ["memory", "--json", file, ref names @ ..] => write(&memory::measure(names), file),
        ["list", path] => memory::of_list(path),
        ["grants", count] => memory::of_grants(count),
        _ => print!("{HELP}"),
    }
    ExitCode::SUCCESS
}

/// Runs one case, for callgrind to watch. Ends at once: what is torn down behind the last request is not counted.
fn one(name: &str) -> ! {
    // On a busy machine valgrind takes half a minute for these few requests, and a verified token is remembered for as long:
    // time stands still, lest one of them be verified anew.
    let clock = ManualClock::at(Clock::system().now().wall()).clock();
    let mut case = Case::find(name).expect("a case").warm(WARM, &clock);
    measured_region(&mut *case, COUNTED);
    process::exit(0)
}

/// Counts the cases with these words in their names; all, if there are none.
fn count(words: &[&str]) -> Table {
    let mut table = Table::default();
    println!("{:<44} {:>9} {:>5} {:>9} {:>5}", "per request", "instr.", "alloc", "beyond", "");
    let wanted =
        |case: &Case| words.is_empty() || words.iter().any(|word| case.name.contains(word));
    for case in case::all().filter(wanted) {
        table.insert(case, callgrind::count(case));
        println!("{}", table.row(case));
    }
    table
}

/// Compares with what is kept; and finds out whether it would notice that a layer became 5 % slower, lest it be trusted
/// for nothing.
fn check(kept: &Table) -> ExitCode {
    let now = count(&[]);
    let findings = now.worse_than(kept);
    for finding in &findings {
        println!("worse than what is kept: {finding}");
    }
    let slowed = now.with(layers::SLOWED.as_if, callgrind::count(layers::SLOWED.case));
    let noticed = slowed.worse_than(&now);
    match noticed.first() {
        Some(finding) => println!("a layer that is slower on purpose is noticed: {finding}"),
        None => println!("a layer that is slower on purpose is not noticed"),
    }
    if findings.is_empty() && noticed.len() == 1 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn write(value: &Value, file: &str) {
    let text = serde_json::to_string_pretty(value).expect("JSON");
    fs::write(file, format!("{text}\n")).unwrap_or_else(|error| panic!("{file}: {error}"));
}
