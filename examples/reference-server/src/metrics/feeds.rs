//! What is told live.

use palisade::{
    live::FeedStatus,
    metrics::{Exposition, Family},
};

use crate::app::Shared;

const READERS: Family<1> =
    Family::gauge("palisade_feed_readers", "Streams that read a feed.", ["feed"]);
const PUBLISHED: Family<1> =
    Family::counter("palisade_feed_events_total", "Events that a feed was told.", ["feed"]);
const DROPPED: Family<1> = Family::counter(
    "palisade_feed_dropped_total",
    "Events that no reader was told, because they came faster than they could be told.",
    ["feed"],
);
const MISSED: Family<1> = Family::counter(
    "palisade_feed_missed_total",
    "Events that readers lost because they were slow, added up.",
    ["feed"],
);
const CUT: Family<1> = Family::counter(
    "palisade_feed_cut_total",
    "Readers that were cut because they lost events and did not read.",
    ["feed"],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let feeds = [("requests", shared.live.requests.status()), ("log", shared.live.lines.status())];
    each(&feeds, page, &READERS, |status| u64::try_from(status.readers).unwrap_or(u64::MAX));
    each(&feeds, page, &PUBLISHED, |status| status.published);
    each(&feeds, page, &DROPPED, |status| status.dropped);
    each(&feeds, page, &MISSED, |status| status.missed);
    each(&feeds, page, &CUT, |status| status.cut);
}

fn each(
    feeds: &[(&str, FeedStatus)],
    page: &mut Exposition,
    family: &Family<1>,
    figure: impl Fn(&FeedStatus) -> u64,
) {
    let mut family = page.family(family);
    for (name, status) in feeds {
        family.add([name], figure(status));
    }
}
