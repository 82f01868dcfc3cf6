//! The log.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const WRITTEN: Family<0> =
    Family::counter("palisade_log_lines_total", "Lines of JSON that were written.", []);
const FOLDED: Family<0> = Family::counter(
    "palisade_log_folded_total",
    "Events of the security log that were counted instead of written, because they were like others or too many.",
    [],
);
const LOST: Family<0> = Family::counter(
    "palisade_log_lost_total",
    "Lines that were lost: there was no room for them, or they could not be written.",
    [],
);
const WRITABLE: Family<0> =
    Family::gauge("palisade_log_writable", "0 while the log cannot be written.", []);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let status = shared.sources.log();
    let mut written = page.family(&WRITTEN);
    if let Some(status) = &status {
        written.add([], status.written);
    }
    let mut folded = page.family(&FOLDED);
    if let Some(status) = &status {
        folded.add([], status.folded);
    }
    let mut lost = page.family(&LOST);
    if let Some(status) = &status {
        lost.add([], status.lost);
    }
    let mut writable = page.family(&WRITABLE);
    if let Some(status) = &status {
        writable.add([], !status.fails);
    }
}
