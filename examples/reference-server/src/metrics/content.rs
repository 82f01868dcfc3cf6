//! What is kept of rendered content.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const REQUESTS: Family<2> = Family::counter(
    "palisade_content_cache_requests_total",
    "Requests for content that may be kept: `hit` was there, or was being rendered for another; `miss` was rendered.",
    ["type", "result"],
);
const ENTRIES: Family<0> = Family::gauge(
    "palisade_content_cache_entries",
    "Pieces of rendered content in memory, with those that are out of date and not replaced yet.",
    [],
);
const BYTES: Family<0> = Family::gauge(
    "palisade_content_cache_bytes",
    "Bytes that they take, with what keeps them.",
    [],
);
const CAPACITY: Family<0> = Family::gauge(
    "palisade_content_cache_capacity_bytes",
    "Bytes that they may take; beyond, what is asked for least goes.",
    [],
);
const DROPPED: Family<0> = Family::counter(
    "palisade_content_cache_invalidated_total",
    "Pieces that admins dropped before their time.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let content = &shared.content;
    let mut requests = page.family(&REQUESTS);
    for (kind, counts) in content.counts() {
        requests.add([kind.as_str(), "hit"], counts.hits);
        requests.add([kind.as_str(), "miss"], counts.misses);
    }
    let (entries, bytes) = content.size();
    page.family(&ENTRIES).add([], entries);
    page.family(&BYTES).add([], bytes);
    page.family(&CAPACITY).add([], content.most_bytes());
    page.family(&DROPPED).add([], content.dropped());
}
