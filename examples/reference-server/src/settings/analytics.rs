//! What is kept of requests.

use std::{path::PathBuf, time::Duration};

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
    pub addresses: RecordedAddresses,
    /// Patterns of what is not recorded, beside the usual.
    pub exclude: Vec<String>,
}

/// How much of an address is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum RecordedAddresses {
    /// All of it.
    Whole,
    /// The network.
    Network,
    /// What is the same for a day and says nothing of the address.
    DailyHash,
}

const MEMORY: &str = "memory";
const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn analytics(reader: &mut Reader<'_>) -> Option<AnalyticsSettings> {
    let database = match reader.text("ANALYTICS_DB") {
        Some(MEMORY) => None,
        Some(path) => Some(PathBuf::from(path)),
        None => Some(reader.path("DATA_DIR").unwrap_or_default().join("analytics.db")),
    };
    let days = u32::try_from(reader.number("ANALYTICS_RETENTION_DAYS", 1..=3650)).unwrap_or(1);
    let size = |text: &str| bytes(text).filter(|size| *size >= 1 << 20);
    let addresses = |text: &str| match text {
        "whole" => Some(RecordedAddresses::Whole),
        "network" => Some(RecordedAddresses::Network),
        "daily-hash" => Some(RecordedAddresses::DailyHash),
        _ => None,
    };
    let settings = AnalyticsSettings {
        database,
        keep_for: DAY.saturating_mul(days),
        max_bytes: reader.parse("ANALYTICS_MAX_SIZE", 1 << 30, size),
        addresses: reader.parse("ANALYTICS_ADDRESSES", RecordedAddresses::Whole, addresses),
        exclude: reader.list("ANALYTICS_EXCLUDE").into_iter().map(str::to_owned).collect(),
    };
    reader.either("ANALYTICS", ("on", true), ("off", false)).then_some(settings)
}
