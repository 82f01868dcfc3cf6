//! What an order says.

use palisade::autoban::BanChange;
use palisade_database::OrderRow;
use serde_json::Error;

use super::Clearing;

/// What is to be done, and may be done twice.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// Bans and lifts, each with its time: what is newer stays.
    Bans(Vec<BanChange>),
    /// Where clients are, as far as somebody was asked, is to be forgotten.
    ForgetLocations,
    /// Records of requests are to be deleted, and that is to be recorded.
    ClearRecords(Box<Clearing>),
}

pub(super) const BANS: &str = "bans";
pub(super) const FORGET_LOCATIONS: &str = "forget-locations";
const CLEAR_RECORDS: &str = "clear-records";

// === impl Order ===

impl Order {
    /// What sort of order it is.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Bans(_) => BANS,
            Self::ForgetLocations => FORGET_LOCATIONS,
            Self::ClearRecords(_) => CLEAR_RECORDS,
        }
    }

    /// What it says, as JSON.
    pub(super) fn body(&self) -> Result<String, Error> {
        match self {
            Self::Bans(changes) => serde_json::to_string(changes),
            Self::ForgetLocations => Ok("{}".to_owned()),
            Self::ClearRecords(clearing) => serde_json::to_string(clearing),
        }
    }

    /// Reads one. `None` of what this version does not know.
    pub(super) fn read(row: &OrderRow) -> Option<Self> {
        match &*row.kind {
            BANS => serde_json::from_str(&row.body).ok().map(Self::Bans),
            FORGET_LOCATIONS => Some(Self::ForgetLocations),
            CLEAR_RECORDS => serde_json::from_str(&row.body).ok().map(Self::ClearRecords),
            _ => None,
        }
    }
}
