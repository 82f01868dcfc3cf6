//! The charts of the page: one per promise that is taken in at a glance.

use crate::bench::{
    bars::{Limit, at_least, at_most},
    report::svg::{self, Drawn, Line},
    results::Results,
    source::{
        Source::{self, Threads, Time, Turn},
        What::{self, Allocations, Instructions},
        beyond,
    },
    unit::Unit,
};

/// A chart: horizontal bars, and the limits they are held to.
#[derive(Debug)]
pub(crate) struct Chart {
    /// Names its file.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What the page says below it.
    pub(crate) caption: &'static str,
    unit: Unit,
    rows: &'static [Row],
    /// Each with what it holds for.
    marks: &'static [(&'static str, Limit)],
}

#[derive(Debug)]
struct Row {
    label: &'static str,
    whose: Whose,
    source: Source,
}

/// Ours are what a chart is about: without one of them there is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whose {
    Ours,
    Others,
}

const fn ours(label: &'static str, source: Source) -> Row {
    Row { label, whose: Whose::Ours, source }
}

const fn others(label: &'static str, source: Source) -> Row {
    Row { label, whose: Whose::Others, source }
}

/// In the order of the page.
pub(super) const CHARTS: &[Chart] = &[
    Chart {
        name: "admitted",
        title: "Instructions for a request that is admitted, beyond the bare server",
        caption: "What the whole stack adds to a request: fewer instructions are better.",
        unit: Unit::Instructions,
        rows: &admitted(Instructions),
        marks: &[("bar on hyper", at_most(23_400.0, Unit::Instructions))],
    },
    Chart {
        name: "allocations",
        title: "Allocations for a request that is admitted, beyond the bare server",
        caption: "How often the whole stack asks for memory: fewer is better.",
        unit: Unit::Allocations,
        rows: &admitted(Allocations),
        marks: &[("bar on hyper", at_most(10.0, Unit::Allocations))],
    },
    Chart {
        name: "refused",
        title: "Instructions for a refusal, beyond the bare server",
        caption: "What a flood costs: fewer instructions are better.",
        unit: Unit::Instructions,
        rows: &[
            ours("ours: 403, banned", beyond("hyper + stack, 403", "hyper", Instructions)),
            ours("ours: 429, over the limit", beyond("hyper + stack, 429", "hyper", Instructions)),
            ours("ours: a pass", beyond("hyper + stack, admitted", "hyper", Instructions)),
            others(
                "ordinary stack: 403",
                beyond("axum + ordinary stack, chained, 403", "axum", Instructions),
            ),
            others(
                "ordinary stack: 429",
                beyond("axum + ordinary stack, chained, 429", "axum", Instructions),
            ),
            others(
                "ordinary stack: a pass",
                beyond("axum + ordinary stack, chained, admitted", "axum", Instructions),
            ),
        ],
        marks: &[("our 429", at_most(32_500.0, Unit::Instructions))],
    },
    Chart {
        name: "turns",
        title: "Time of a whole request, server included, without a kernel",
        caption: "From the bytes of a request to those of its answer, with everything switched on: less is better.",
        unit: Unit::Nanoseconds,
        rows: &[
            ours("ours on hyper", Turn("hyper + stack, admitted")),
            ours("ours on hyper, 429", Turn("hyper + stack, 429")),
            ours("ours on hyper, 403", Turn("hyper + stack, 403")),
            ours("ours on axum", Turn("axum + stack, admitted")),
            others("ordinary stack, one layer", Turn("axum + ordinary stack, one layer, admitted")),
            others("ordinary stack, chained", Turn("axum + ordinary stack, chained, admitted")),
            others("ordinary stack, 403", Turn("axum + ordinary stack, chained, 403")),
            others("ordinary stack, 429", Turn("axum + ordinary stack, chained, 429")),
        ],
        marks: &[],
    },
    Chart {
        name: "threads",
        title: "How many times as fast two threads are as one",
        caption: "A second core helps as much as it can where no request writes what all share.",
        unit: Unit::Times,
        rows: &[
            ours("ours, distinct users", Threads("distinct users")),
            ours("ours, one hot user", Threads("one hot user")),
            others("bare hyper, which shares nothing", Threads("bare hyper")),
            others("ordinary stack", Threads("ordinary stack")),
        ],
        marks: &[("distinct users", at_least(1.3, Unit::Times))],
    },
    Chart {
        name: "limiter",
        title: "One check of the rate limiter",
        caption: "What it costs to count a request, with few keys and with many: less is better.",
        unit: Unit::Nanoseconds,
        rows: &[
            ours("ours, one hot key", Time("ratelimit/one hot key")),
            others("governor, one hot key", Time("ratelimit/peer: governor, one hot key")),
            ours("ours, 1 M keys", Time("ratelimit/1 M keys at random")),
            others("governor, 1 M keys", Time("ratelimit/peer: governor, 1 M keys at random")),
        ],
        marks: &[
            ("hot key", at_most(20.0, Unit::Nanoseconds)),
            ("1 M keys", at_most(80.0, Unit::Nanoseconds)),
        ],
    },
];

/// The same stacks for both counts.
const fn admitted(what: What) -> [Row; 4] {
    [
        ours("ours on hyper", beyond("hyper + stack, admitted", "hyper", what)),
        ours("ours on axum", beyond("axum + stack, admitted", "axum", what)),
        others(
            "ordinary stack, one layer",
            beyond("axum + ordinary stack, one layer, admitted", "axum", what),
        ),
        others(
            "ordinary stack, chained",
            beyond("axum + ordinary stack, chained, admitted", "axum", what),
        ),
    ]
}

// === impl Chart ===

impl Chart {
    /// Its file, in the folder of the charts.
    pub(super) fn file_name(&self) -> String {
        format!("{}.svg", self.name)
    }

    /// The picture; none where a figure of ours is missing.
    pub(super) fn drawn(&self, results: &Results) -> Option<String> {
        let mut drawn = Vec::new();
        for Row { label, whose, source } in self.rows {
            match (source.value(results), whose) {
                (Some(value), _) => {
                    let shown = self.unit.shown(value);
                    drawn.push(Drawn { label, whose: *whose, value, shown });
                }
                (None, Whose::Ours) => return None,
                (None, Whose::Others) => {}
            }
        }
        let line = |(what, limit): &(&str, Limit)| Line {
            value: limit.value,
            label: format!("{what} {}", limit.shown()),
        };
        let lines: Vec<Line> = self.marks.iter().map(line).collect();
        Some(svg::picture(self.title, &drawn, &lines))
    }
}
