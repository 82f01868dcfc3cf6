//! What there is to be told in figures: one file for each part, and the ways in which it is asked.

mod analytics;
mod answer;
mod bans;
mod blocklist;
mod connections;
mod content;
mod credentials;
mod database;
mod feeds;
mod files;
mod geo;
mod limits;
mod listener;
mod log;
mod process;
mod records;
mod redis;
mod sources;
mod streams;
mod tls;
mod traces;

use palisade::metrics::{Described, Exposition, Format};

pub use self::listener::is_exposed;
pub(crate) use self::{answer::answer, listener::Scrapes, sources::Sources};
use crate::app::Shared;

/// Writes all figures. Takes milliseconds: tables of limits are looked through. No lock is held but while one part is read, and none
/// while anything is written; so it is for a thread that may block.
pub(crate) fn page(shared: &Shared, format: Format) -> Exposition {
    let mut page = Exposition::new(format);
    if let Some(requests) = shared.sources.requests() {
        requests.write(&mut page);
    }
    for write in PARTS {
        write(shared, &mut page);
    }
    page
}

/// Every family that this server tells, those without figures included.
pub fn families(shared: &Shared) -> Vec<Described> {
    page(shared, Format::Text).families().to_vec()
}

/// The parts, in the order of the page. One that is not there writes its families without figures.
const PARTS: [fn(&Shared, &mut Exposition); 18] = [
    limits::write,
    bans::write,
    blocklist::write,
    credentials::write,
    streams::write,
    feeds::write,
    analytics::write,
    records::write,
    content::write,
    geo::write,
    log::write,
    connections::write,
    tls::write,
    redis::write,
    database::write,
    files::write,
    traces::write,
    process::write,
];
