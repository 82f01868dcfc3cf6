//! The bars: what is promised, where today's figure comes from, and what is set beside it.

mod parts;
mod whole;

use crate::bench::{results::Results, source::Source, unit::Unit};

pub(crate) use self::{parts::PARTS, whole::WHOLE};

/// A bar.
#[derive(Debug)]
pub(crate) struct Bar {
    /// The promise it belongs to.
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    pub(crate) source: Source,
    pub(crate) limit: Limit,
    /// What was promised first, where that proved out of reach; the note says why.
    pub(crate) planned: Option<f64>,
    pub(crate) peer: Option<Peer>,
    pub(crate) note: Option<&'static str>,
}

/// The figure that must not be passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    direction: Direction,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Direction {
    AtMost,
    AtLeast,
}

/// What others need for the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) label: &'static str,
    pub(crate) source: Source,
}

// === impl Bar ===

impl Bar {
    /// Sets the figure of a peer beside it.
    const fn beside(self, label: &'static str, source: Source) -> Self {
        Self { peer: Some(Peer { label, source }), ..self }
    }

    /// Takes the place of a bar that proved out of reach: what is measured today and a little more.
    const fn instead_of(self, planned: f64, reason: &'static str) -> Self {
        Self { planned: Some(planned), note: Some(reason), ..self }
    }

    const fn with_note(self, note: &'static str) -> Self {
        Self { note: Some(note), ..self }
    }

    /// The limit as a person reads it, beside the one it replaced.
    pub(crate) fn shown(&self) -> String {
        let shown = self.limit.shown();
        let planned = |value| format!("{shown}; planned: {}", self.limit.unit.shown(value));
        self.planned.map_or_else(|| shown.clone(), planned)
    }

    /// Whether it is reached; nothing where nothing was measured.
    pub(crate) fn is_reached(&self, results: &Results) -> Option<bool> {
        self.source.value(results).map(|value| self.limit.holds(value))
    }
}

// === impl Limit ===

impl Limit {
    fn holds(self, value: f64) -> bool {
        match self.direction {
            Direction::AtMost => value <= self.value,
            Direction::AtLeast => value >= self.value,
        }
    }

    /// The limit as a person reads it.
    pub(crate) fn shown(self) -> String {
        let sign = match self.direction {
            Direction::AtMost => '≤',
            Direction::AtLeast => '≥',
        };
        format!("{sign}\u{a0}{}", self.unit.shown(self.value))
    }
}

/// A time beside that of another in the same run: machines differ by half and more, also from one day to the next.
const fn in_percent(
    id: &'static str,
    what: &'static str,
    [of, base]: [&'static str; 2],
    most: f64,
    why: &'static str,
) -> Bar {
    bar(id, what, Source::TimeRatio { of, base }, at_most(most, Unit::Percent)).with_note(why)
}

const fn bar(id: &'static str, what: &'static str, source: Source, limit: Limit) -> Bar {
    Bar { id, what, source, limit, planned: None, peer: None, note: None }
}

pub(crate) const fn at_most(value: f64, unit: Unit) -> Limit {
    Limit { direction: Direction::AtMost, value, unit }
}

pub(crate) const fn at_least(value: f64, unit: Unit) -> Limit {
    Limit { direction: Direction::AtLeast, value, unit }
}
