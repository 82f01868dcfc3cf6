//! The tables of the page: the bars, and every figure that is kept.

use std::collections::BTreeMap;

use crate::bench::{
    bars::Bar,
    number::{grouped, short},
    report::table::{NOTHING, of_figures, of_texts},
    results::{Cost, Load, Results, Speed},
    source::{What, beyond_in},
    unit::Unit,
};

/// The bars, each with what was measured last.
pub(super) fn of_bars(bars: &[Bar], results: &Results) -> String {
    let head = ["#", "what", "bar", "measured", "reached", "peer", "note"];
    let rows: Vec<_> = bars.iter().map(|bar| row(bar, results)).collect();
    of_texts(&head, &rows)
}

fn row(bar: &Bar, results: &Results) -> Vec<String> {
    let shown = |value: f64| bar.limit.unit.shown(value);
    let reached = match bar.is_reached(results) {
        Some(true) => "yes",
        Some(false) => "**no**",
        None => "not measured",
    };
    let peer = bar
        .peer
        .and_then(|peer| Some(format!("{}: {}", peer.label, shown(peer.source.value(results)?))));
    vec![
        bar.id.to_owned(),
        bar.what.to_owned(),
        bar.shown(),
        bar.source.value(results).map_or_else(|| NOTHING.to_owned(), shown),
        reached.to_owned(),
        peer.unwrap_or_default(),
        bar.note.unwrap_or_default().to_owned(),
    ]
}

/// Every scenario, and what it costs beyond what it is compared with.
pub(super) fn of_counts(counts: &BTreeMap<String, Cost>) -> String {
    let head = [
        "per request",
        "instructions",
        "allocations",
        "beyond",
        "instructions more",
        "allocations more",
    ];
    let beyond = |name: &str, base: Option<&str>, what: What| {
        Some(grouped(beyond_in(counts, name, base?, what)?, 0))
    };
    let rows: Vec<_> = counts
        .iter()
        .map(|(name, cost)| {
            let base = cost.beyond.as_deref();
            let beyond = |what| beyond(name, base, what).unwrap_or_else(|| NOTHING.to_owned());
            vec![
                name.clone(),
                grouped(cost.of(What::Instructions), 0),
                grouped(cost.of(What::Allocations), 0),
                base.unwrap_or(NOTHING).to_owned(),
                beyond(What::Instructions),
                beyond(What::Allocations),
            ]
        })
        .collect();
    of_figures(&head, &rows)
}

/// Every server under load.
pub(super) fn of_socket(socket: &BTreeMap<String, Load>) -> String {
    let head = ["server", "requests/s", "CPU µs per request", "memory, MiB"];
    let row = |(name, load): (&String, &Load)| {
        vec![
            name.clone(),
            grouped(load.requests_per_second, 0),
            grouped(load.cpu_us_per_request, 2),
            grouped(load.rss_mib, 1),
        ]
    };
    of_figures(&head, &socket.iter().map(row).collect::<Vec<_>>())
}

/// Every server without a kernel.
pub(super) fn of_turns(turns: &BTreeMap<String, f64>) -> String {
    of_nanoseconds(["server", "per request"], turns)
}

/// Every bench.
pub(super) fn of_times(times: &BTreeMap<String, f64>) -> String {
    of_nanoseconds(["bench", "median"], times)
}

fn of_nanoseconds(head: [&str; 2], times: &BTreeMap<String, f64>) -> String {
    let row = |(name, time): (&String, &f64)| vec![name.clone(), Unit::Nanoseconds.shown(*time)];
    of_figures(&head, &times.iter().map(row).collect::<Vec<_>>())
}

/// One thread and two.
pub(super) fn of_threads(threads: &BTreeMap<String, Speed>) -> String {
    let head = ["requests/s", "one thread", "two threads", "gain"];
    let row = |(name, speed): (&String, &Speed)| {
        let gain = Unit::Times.shown(speed.gain());
        vec![name.clone(), grouped(speed.one, 0), grouped(speed.two, 0), gain]
    };
    of_figures(&head, &threads.iter().map(row).collect::<Vec<_>>())
}

/// Memory.
pub(super) fn of_memory(memory: &BTreeMap<String, f64>) -> String {
    let row = |(name, figure): (&String, &f64)| vec![name.clone(), short(*figure)];
    let head = ["what", "MiB, if the name says nothing else"];
    of_figures(&head, &memory.iter().map(row).collect::<Vec<_>>())
}

/// A large file.
pub(super) fn of_large(large: &BTreeMap<String, f64>) -> String {
    let row = |(name, figure): (&String, &f64)| vec![name.clone(), short(*figure)];
    of_figures(&["what", "figure"], &large.iter().map(row).collect::<Vec<_>>())
}

/// Where, when and with which versions each part was measured.
pub(super) fn of_machines(results: &Results) -> String {
    let head = ["part", "date", "processor", "cores", "Linux", "compiler", "versions"];
    let rows: Vec<_> = results
        .machine
        .iter()
        .map(|(part, machine)| {
            let versions: Vec<String> = machine
                .versions
                .iter()
                .map(|(name, version)| format!("{name} {version}"))
                .collect();
            vec![
                part.clone(),
                machine.date.clone(),
                machine.cpu.clone(),
                machine.cores.to_string(),
                machine.kernel.clone(),
                machine.rustc.clone(),
                versions.join(", "),
            ]
        })
        .collect();
    of_texts(&head, &rows)
}
