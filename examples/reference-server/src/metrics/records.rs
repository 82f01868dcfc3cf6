//! The database of records of requests.

use palisade::metrics::{Exposition, Family};
use palisade_sqlite::SqliteStatus;

use crate::app::Shared;

const BYTES: Family<0> =
    Family::gauge("palisade_records_bytes", "Bytes of the database of records.", []);
const RECORDS: Family<0> = Family::gauge("palisade_records", "Records in the database.", []);
const APPEND: Family<0> = Family::gauge(
    "palisade_records_last_append_seconds",
    "How long the last batch of records took to be stored.",
    [],
);
const APPENDS: Family<0> = Family::counter(
    "palisade_records_appends_total",
    "Batches of records that were to be stored, those included that could not be.",
    [],
);
const APPENDED_IN: Family<0> = Family::counter(
    "palisade_records_append_seconds_total",
    "What all of them took, waits for a locked database included; divided by their number, the mean.",
    [],
);
const FAILURES: Family<0> = Family::counter(
    "palisade_records_failures_total",
    "Times that the database did not do what it was asked for.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let status = shared.records.as_ref().map(|records| records.status());
    let add = |page: &mut Exposition, family: &Family<0>, figure: fn(&SqliteStatus) -> u64| {
        let mut family = page.family(family);
        if let Some(status) = &status {
            family.add([], figure(status));
        }
    };
    add(page, &BYTES, |status| status.bytes);
    add(page, &RECORDS, |status| status.records);
    add(page, &FAILURES, |status| status.failures);
    let mut append = page.family(&APPEND);
    if let Some(status) = &status {
        append.add([], status.last_append);
    }
    add(page, &APPENDS, |status| status.appends);
    let mut appended_in = page.family(&APPENDED_IN);
    if let Some(status) = &status {
        appended_in.add([], status.appended_in);
    }
}
