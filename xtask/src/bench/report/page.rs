//! The page: `docs/performance.md`, as a whole.

use crate::bench::{
    bars::{Bar, PARTS, WHOLE},
    part::Part,
    report::{charts::Chart, tables},
    results::Results,
};

const INTRO: &str = "\
<!-- Written by `cargo xtask bench` from benches/results/: what is changed here by hand is lost. -->

# Performance

A guard that is slow gets switched off. So what each part may cost is promised here, as a *bar*: a figure that must not
be passed. Beside each bar stands what was measured last, and what others need for the same.

- **Instructions and allocations** are counted by valgrind's callgrind, the latter as calls of `malloc` and its kin. A busy
  machine cannot change them, so the promises about the whole stack are made in them, and `--check` fails where they
  grow.
- **Times and requests per second** drift with the machine's load. Compare them with their neighbours of the same run,
  not with another day's: that is why peers are measured beside ours, and why servers are compared in percent of the
  bare server.
- **The ordinary stack** does the same with well-known parts on axum: tower-http, `tower_governor`, axum-helmet,
  jsonwebtoken with moka, and `from_fn`; *chained*, each layer put on the router by itself, or as *one layer*.
- **The floor** in the notes is one hand-written function that does the same work with the cheapest structure that was
  found. It cannot be composed, and was measured once: a bound, not a design.
- **A bar that proved out of reach** is replaced by what is measured today and a little more, so that it holds what was
  won; what was planned stands beside it, and the note says why.
- **On a socket**, the server has one core and `wrk` another: one thread, 64 connections kept alive, a cached HS256
  token, 13 bytes of body, no content coding; the best of seven rounds in which the servers take turns, because what
  disturbs a server only makes it slower. That needs a machine with two cores to itself.
- **In memory**, a server answers over a connection without a kernel behind it, on one thread: the fastest of 400 turns of
  100 requests. The kernel's share of a request is left out, so percentages are lower than on a socket, and so is what
  happens once in many requests.
- **A file of 10 GiB** goes up to the reference server and down again, with defaults but for the rate limit, in clear on
  loopback. Every byte is compared, memory is the most that Linux saw (`VmHWM`), and no copy of the file is anywhere. Beside
  it a program that does nothing else writes and reads one file. How fast a disk is changes with the machine's load, so
  the bars are about the processor's time. `cargo xtask test --only large` does the same and keeps no figures: it fails
  where memory grew with the file, or a byte is another one.

Measure again on your machine:

```sh
cargo xtask bench               # everything, then this page
cargo xtask bench --only counts # or times, turns, socket, threads, memory, large
cargo xtask bench --report      # the page alone, from what is kept
cargo xtask bench --check       # fails where instructions or allocations grew, in the build that tests use
```

Counting needs `valgrind`, the socket needs `wrk` and `taskset`, the large file 12 GiB of disk, and Hono is measured where
Node.js is.";

/// The whole text. `charts` are those that could be drawn.
pub(super) fn page(results: &Results, charts: &[&Chart]) -> String {
    let mut blocks = vec![INTRO.to_owned()];
    if !charts.is_empty() {
        blocks.push("## At a glance".to_owned());
        blocks.extend(charts.iter().map(|chart| image(chart)));
    }
    blocks.push(format!("## The bars\n\n{}", summary(results)));
    blocks.push(format!("### The whole stack\n\n{}", tables::of_bars(WHOLE, results)));
    blocks.push(format!("### The parts\n\n{}", tables::of_bars(PARTS, results)));
    blocks.push("## All figures".to_owned());
    blocks.extend(Part::ALL.map(|part| section(part, results)));
    if !results.machine.is_empty() {
        blocks.push(format!("### Machine and versions\n\n{}", tables::of_machines(results)));
    }
    format!("{}\n", blocks.join("\n\n"))
}

fn image(chart: &Chart) -> String {
    format!("![{}](performance/{})\n\n{}", chart.title, chart.file_name(), chart.caption)
}

/// How many bars are reached.
fn summary(results: &Results) -> String {
    let count = |wanted: Option<bool>| {
        let is_wanted = |bar: &&Bar| bar.is_reached(results) == wanted;
        WHOLE.iter().chain(PARTS).filter(is_wanted).count()
    };
    let (reached, missed, open) = (count(Some(true)), count(Some(false)), count(None));
    format!("{reached} are reached, {missed} are not, {open} are not measured.")
}

/// All figures of `part`.
fn section(part: Part, results: &Results) -> String {
    let (title, is_empty, table) = match part {
        Part::Counts => (
            "Instructions and allocations",
            results.counts.is_empty(),
            tables::of_counts(&results.counts),
        ),
        Part::Times => ("Times", results.times.is_empty(), tables::of_times(&results.times)),
        Part::Turns => (
            "In memory, without a kernel",
            results.turns.is_empty(),
            tables::of_turns(&results.turns),
        ),
        Part::Socket => {
            ("On a socket", results.socket.is_empty(), tables::of_socket(&results.socket))
        }
        Part::Threads => {
            ("Threads", results.threads.is_empty(), tables::of_threads(&results.threads))
        }
        Part::Memory => ("Memory", results.memory.is_empty(), tables::of_memory(&results.memory)),
        Part::Large => {
            ("A file of 10 GiB", results.large.is_empty(), tables::of_large(&results.large))
        }
    };
    if is_empty {
        return format!("### {title}\n\nNot measured.");
    }
    match results.machine.get(part.name()) {
        Some(machine) => format!("### {title}\n\n{}\n\n{table}", machine.described()),
        None => format!("### {title}\n\n{table}"),
    }
}
