//! What a figure counts.

use crate::bench::number::{grouped, short};

/// A unit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    Instructions,
    Allocations,
    /// Of what it is compared with.
    Percent,
    /// How many times as much.
    Times,
    Nanoseconds,
    Mebibytes,
    Bytes,
    /// Calls per 100 requests.
    Calls,
}

/// It keeps a figure and its unit in one line.
const NO_BREAK: char = '\u{a0}';

impl Unit {
    /// `value` as a person reads it.
    pub(crate) fn shown(self, value: f64) -> String {
        match self {
            Self::Instructions => format!("{}{NO_BREAK}instructions", grouped(value, 0)),
            Self::Allocations => format!("{}{NO_BREAK}allocations", grouped(value, 0)),
            Self::Percent => format!("{}{NO_BREAK}%", short(value)),
            Self::Times => format!("{}{NO_BREAK}×", short(value)),
            Self::Nanoseconds => duration(value),
            Self::Mebibytes => format!("{}{NO_BREAK}MiB", short(value)),
            Self::Bytes => format!("{}{NO_BREAK}B", short(value)),
            Self::Calls => format!("{}{NO_BREAK}call per 100 requests", short(value)),
        }
    }
}

/// So many nanoseconds, in the unit in which they are a short number.
fn duration(nanoseconds: f64) -> String {
    let (divisor, unit) = match nanoseconds.abs() {
        size if size < 1e3 => (1.0, "ns"),
        size if size < 1e6 => (1e3, "µs"),
        size if size < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    };
    format!("{}{NO_BREAK}{unit}", short(nanoseconds / divisor))
}
