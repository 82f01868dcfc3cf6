//! Where clients are: what is known of addresses, and who is asked.

use palisade::{
    geo::{BreakerState, Geo, GeoStatus},
    metrics::{Exposition, Family},
};

use crate::{app::Shared, locations::Locations};

const LOOKUPS: Family<1> = Family::counter(
    "palisade_geo_lookups_total",
    "Questions where an address is: answered by what is known (hit), by an older answer (stale), not yet (miss), or by nobody, who is not asked either (none).",
    ["result"],
);
const ENTRIES: Family<0> =
    Family::gauge("palisade_geo_cache_entries", "Answers of the provider that are kept.", []);
const CAPACITY: Family<0> =
    Family::gauge("palisade_geo_cache_capacity", "The most answers that are kept.", []);
const CALLS: Family<1> =
    Family::counter("palisade_geo_calls_total", "Calls of the provider.", ["result"]);
const DROPPED: Family<0> = Family::counter(
    "palisade_geo_dropped_total",
    "Questions that the provider was not asked: no budget, no room, or it fails.",
    [],
);
const BUDGET: Family<0> =
    Family::gauge("palisade_geo_budget_left", "Calls that are left in this minute.", []);
const ASKED: Family<0> = Family::gauge(
    "palisade_geo_provider_asked",
    "1 while the provider is asked, 0 while it is left alone because it fails.",
    [],
);
const BUILT: Family<0> = Family::gauge(
    "palisade_geo_database_built_timestamp_seconds",
    "When the database in force was made: one that is not replaced any more knows less and less.",
    [],
);
const CURRENT: Family<0> = Family::gauge(
    "palisade_geo_current",
    "0 while less is known than should be: the provider fails, a database cannot be used, or the cache cannot be written.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let status = shared.locations.as_ref().map(Locations::geo).map(Geo::status);
    let status = status.as_ref();
    lookups(status, page);
    // Nothing is told of a provider where nobody is asked, nor of a cache that stays empty.
    let asked = status.and_then(|status| Some((status, status.breaker?)));
    cache(asked, page);
    provider(asked, page);
    let mut built = page.family(&BUILT);
    // The server has one at the most.
    if let Some(database) = status.and_then(|status| status.databases.first()) {
        built.add([], database.built);
    }
    let mut current = page.family(&CURRENT);
    if let Some(status) = status {
        current.add([], !status.is_degraded());
    }
}

fn lookups(status: Option<&GeoStatus>, page: &mut Exposition) {
    let mut lookups = page.family(&LOOKUPS);
    if let Some(status) = status {
        lookups
            .add(["hit"], status.hits)
            .add(["stale"], status.stale)
            .add(["miss"], status.misses)
            .add(["none"], status.nowhere);
    }
}

fn cache(asked: Option<(&GeoStatus, BreakerState)>, page: &mut Exposition) {
    let mut entries = page.family(&ENTRIES);
    if let Some((status, _)) = asked {
        entries.add([], status.entries);
    }
    let mut capacity = page.family(&CAPACITY);
    if let Some((status, _)) = asked {
        capacity.add([], status.capacity);
    }
}

fn provider(asked: Option<(&GeoStatus, BreakerState)>, page: &mut Exposition) {
    let mut calls = page.family(&CALLS);
    if let Some((status, _)) = asked {
        calls.add(["answered"], status.answered).add(["failed"], status.failures);
    }
    let mut dropped = page.family(&DROPPED);
    if let Some((status, _)) = asked {
        dropped.add([], status.dropped);
    }
    let mut budget = page.family(&BUDGET);
    if let Some((status, _)) = asked {
        budget.add([], status.budget_left);
    }
    let mut is_asked = page.family(&ASKED);
    if let Some((_, breaker)) = asked {
        is_asked.add([], breaker == BreakerState::Closed);
    }
}
