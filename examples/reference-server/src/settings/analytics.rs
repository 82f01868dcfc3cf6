//! What is kept of requests.

use std::{path::PathBuf, time::Duration};

use palisade::analytics::{Addresses, Exclusions};

use super::{bytes, reader::Reader};

/// What is kept of requests.
#[derive(Clone, Debug)]
pub struct AnalyticsSettings {
    /// The database; none: they are kept in memory.
    pub database: Option<PathBuf>,
    /// How long they are kept there.
    pub keep_for: Duration,
    /// How many bytes it may have.
    pub max_bytes: u64,
    /// How much of addresses is kept.
    pub addresses: Addresses,
    /// What is not recorded.
    pub exclusions: Exclusions,
}

const MEMORY: &str = "memory";
/// What says how it is recorded.
const DETAILS: [&str; 5] = [
    "ANALYTICS_DB",
    "ANALYTICS_RETENTION_DAYS",
    "ANALYTICS_MAX_SIZE",
    "ANALYTICS_ADDRESSES",
    "ANALYTICS_EXCLUDE",
];
const DAY: Duration = Duration::from_hours(24);

pub(super) fn analytics(reader: &mut Reader<'_>) -> Option<AnalyticsSettings> {
    let database = match reader.text("ANALYTICS_DB") {
        Some(MEMORY) => None,
        Some(path) => Some(PathBuf::from(path)),
        None => Some(reader.path("DATA_DIR").unwrap_or_default().join("analytics.db")),
    };
    let days = u32::try_from(reader.number("ANALYTICS_RETENTION_DAYS", 1..=3650)).unwrap_or(1);
    let size = |text: &str| bytes(text).filter(|size| *size >= 1 << 20);
    let addresses = |text: &str| match text {
        "whole" => Some(Addresses::Whole),
        "network" => Some(Addresses::Network),
        "daily-hash" => Some(Addresses::DailyHash),
        _ => None,
    };
    let settings = AnalyticsSettings {
        database,
        keep_for: DAY.saturating_mul(days),
        max_bytes: reader.parse("ANALYTICS_MAX_SIZE", 256 << 20, size),
        addresses: reader.parse("ANALYTICS_ADDRESSES", Addresses::Whole, addresses),
        exclusions: exclusions(reader),
    };
    let is_on = reader.either("ANALYTICS", ("on", true), ("off", false));
    for name in DETAILS {
        if !is_on && reader.is_given(name) {
            reader.wrong(name, "ANALYTICS=off records nothing: leave one of the two out");
        }
    }
    is_on.then_some(settings)
}

fn exclusions(reader: &mut Reader<'_>) -> Exclusions {
    let text = reader.text("ANALYTICS_EXCLUDE").filter(|text| *text != "none").unwrap_or_default();
    reader.built("ANALYTICS_EXCLUDE", Exclusions::parse(text)).unwrap_or_default()
}
