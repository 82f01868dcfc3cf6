//! The manual blocklist.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const ENTRIES: Family<1> = Family::gauge(
    "palisade_blocklist_entries",
    "Entries of the list in force, expired ones included; `safe` are never blocked.",
    ["kind"],
);
const HITS: Family<1> = Family::counter(
    "palisade_blocklist_hits_total",
    "Requests that an entry decided about; `safe` were let through, `overruled` are those of them that another entry would have refused.",
    ["kind"],
);
const LOADS: Family<0> = Family::counter(
    "palisade_blocklist_loads_total",
    "Versions of the file that were taken or refused.",
    [],
);
const CURRENT: Family<0> = Family::gauge(
    "palisade_blocklist_current",
    "1 while the newest version of the file is the list in force, 0 after one that could not be used.",
    [],
);
const LOADED: Family<0> = Family::gauge(
    "palisade_blocklist_loaded_timestamp_seconds",
    "When the list in force was taken from its file.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let status = shared.blocklist.shared().status();
    let (entries, hits) = (status.entries, status.hits);
    page.family(&ENTRIES)
        .add(["address"], entries.addresses)
        .add(["user"], entries.users)
        .add(["token"], entries.tokens)
        .add(["country"], entries.countries)
        .add(["safe"], entries.safe_addresses);
    page.family(&HITS)
        .add(["address"], hits.addresses)
        .add(["user"], hits.users)
        .add(["token"], hits.tokens)
        .add(["country"], hits.countries)
        .add(["safe"], hits.safe_addresses)
        .add(["overruled"], hits.overruled);
    page.family(&LOADS).add([], status.loads);
    page.family(&CURRENT).add([], status.is_current());
    let mut loaded = page.family(&LOADED);
    if let Some(time) = status.loaded {
        loaded.add([], time);
    }
}
