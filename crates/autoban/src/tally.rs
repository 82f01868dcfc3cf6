//! The violations of one offender within the window.

use std::time::{Duration, Instant};

use palisade_core::{Moment, Route, ViolationKind};
use smallvec::SmallVec;

use crate::{Evidence, ViolationCounts, evidence::MOST_ROUTES};

/// Up to this many violations per offender are counted to the nanosecond. Beyond, those that come within a 64th of the
/// window share one time, the earliest: so nobody is counted for longer than the window, and an offender costs 129
/// times at most, whatever the threshold.
const EXACT: usize = 64;
const PARTS: u32 = 64;

/// One violation, as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting<'a> {
    pub(crate) kind: ViolationKind,
    pub(crate) weight: u32,
    pub(crate) route: Option<&'a Route>,
}

/// The violations of one offender.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Most offenders of a flood are seen once.
    ticks: SmallVec<[Tick; 1]>,
    /// Each with the time it was last asked.
    routes: Vec<(Route, Instant)>,
}

#[derive(Clone, Copy, Debug)]
struct Tick {
    at: Instant,
    weight: u32,
    counts: ViolationCounts,
}

// === impl Tally ===

impl Tally {
    pub(crate) fn push(&mut self, sighting: Sighting<'_>, now: Instant, window: Duration) {
        let Sighting { kind, weight, route } = sighting;
        let counts = ViolationCounts::of(kind, 1);
        // A request that arrived before another may end after it.
        let newest = self.ticks.last().map_or(now, |tick| tick.at);
        let at = now.max(newest);
        self.prune(at, window);
        let part = window.checked_div(PARTS).unwrap_or_default();
        let crowded = self.ticks.len() >= EXACT && at.saturating_duration_since(newest) < part;
        match self.ticks.last_mut() {
            Some(tick) if crowded => {
                tick.counts.add(counts);
                tick.weight = tick.weight.saturating_add(weight);
            }
            _ => self.ticks.push(Tick { at, weight, counts }),
        }
        if let Some(route) = route {
            self.visit(route, at);
        }
    }

    /// A violation counts for less than a whole window: at its very end it is forgotten.
    pub(crate) fn prune(&mut self, now: Instant, window: Duration) {
        let over = self.ticks.iter().take_while(|tick| is_over(tick.at, now, window)).count();
        if over > 0 {
            self.ticks.drain(..over);
            self.routes.retain(|(_, at)| !is_over(*at, now, window));
        }
    }

    pub(crate) fn is_over(&self, now: Instant, window: Duration) -> bool {
        self.ticks.last().is_none_or(|tick| is_over(tick.at, now, window))
    }

    /// What the violations count together.
    pub(crate) fn weight(&self) -> u32 {
        self.ticks.iter().fold(0, |sum, tick| sum.saturating_add(tick.weight))
    }

    /// What is held against the offender; nothing if nothing is.
    pub(crate) fn evidence(&self, now: Moment) -> Option<Evidence> {
        let wall =
            |at: Instant| now.wall().checked_sub(now.instant().saturating_duration_since(at));
        let (first, last) = (wall(self.ticks.first()?.at)?, wall(self.ticks.last()?.at)?);
        let mut counts = ViolationCounts::default();
        self.ticks.iter().for_each(|tick| counts.add(tick.counts));
        let routes = self.routes.iter().map(|(route, _)| route.id());
        Some(Evidence::new(counts, self.weight(), first, last).on_routes(routes))
    }

    fn visit(&mut self, route: &Route, at: Instant) {
        let is_room = self.routes.len() < MOST_ROUTES;
        match self.routes.iter_mut().find(|(own, _)| own.id() == route.id()) {
            Some((_, last)) => *last = at,
            None if is_room => {
                self.routes.reserve_exact(1);
                self.routes.push((route.clone(), at));
            }
            None => {}
        }
    }
}

fn is_over(at: Instant, now: Instant, window: Duration) -> bool {
    now.saturating_duration_since(at) >= window
}
