//! Asking for records: what to find, and one page of it.

use std::{fmt, net::IpAddr, str::FromStr, sync::Arc, time::SystemTime};

use http::StatusCode;
use palisade_core::{ConfigError, Route};
use serde::{Serialize, Serializer};

use crate::Record;

/// The most records of one page.
const MOST: usize = 1000;

/// Says which records to find. Without any condition: all of them, the latest 100 first.
#[derive(Clone, Debug)]
pub struct Filter {
    route: Option<Box<str>>,
    status: Option<StatusCode>,
    user: Option<Box<str>>,
    address: Option<IpAddr>,
    since: Option<SystemTime>,
    limit: usize,
    cursor: Option<Cursor>,
}

/// Some records, newest first. Serialized in camelCase.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Page {
    /// The records.
    #[serde(serialize_with = "records")]
    pub records: Vec<Arc<Record>>,
    /// Where to go on; none if there are no more.
    pub next: Option<Cursor>,
}

/// A place between records, older than those that were seen. Opaque: shown and read back as text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cursor(u64);

/// By what requests are counted. A request that has no such thing is not counted by it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Dimension {
    /// The client's address.
    Address,
    /// The id of the route.
    Route,
    /// The status of the answer.
    Status,
    /// The user's id.
    User,
    /// The method.
    Method,
    /// The country.
    Country,
    /// The code of the refusal.
    Code,
}

// === impl Filter ===

impl Filter {
    /// Finds all.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            route: None,
            status: None,
            user: None,
            address: None,
            since: None,
            limit: 100,
            cursor: None,
        }
    }

    /// Only requests for the route with this id.
    #[must_use]
    pub fn route(mut self, id: impl Into<Box<str>>) -> Self {
        self.route = Some(id.into());
        self
    }

    /// Only answers with this status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Only requests of this user.
    #[must_use]
    pub fn user(mut self, id: impl Into<Box<str>>) -> Self {
        self.user = Some(id.into());
        self
    }

    /// Only requests from this address. An IPv4-mapped IPv6 address is IPv4.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address.to_canonical());
        self
    }

    /// Only requests that arrived at `time` or later.
    #[must_use]
    pub fn since(mut self, time: SystemTime) -> Self {
        self.since = Some(time);
        self
    }

    /// At most this many records; 100 if not said, and never more than 1 000.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Goes on where a page ended.
    #[must_use]
    pub fn cursor(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    pub(crate) fn before(&self) -> Option<Cursor> {
        self.cursor
    }

    pub(crate) fn most(&self) -> usize {
        self.limit.clamp(1, MOST)
    }

    pub(crate) fn matches(&self, record: &Record) -> bool {
        let route = || record.route.as_ref().map(Route::id);
        self.status.is_none_or(|status| record.status == status)
            && self.address.is_none_or(|address| record.address == Some(address))
            && self.since.is_none_or(|since| record.time >= since)
            && self.route.as_deref().is_none_or(|id| route() == Some(id))
            && self.user.as_deref().is_none_or(|id| record.user.as_deref() == Some(id))
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::new()
    }
}

// === impl Page ===

fn records<S: Serializer>(records: &[Arc<Record>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(records.iter().map(|record| &**record))
}

// === impl Cursor ===

impl Cursor {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl FromStr for Cursor {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ConfigError::new("cursor", text).expected("the `next` of a page");
        if text.starts_with('+') {
            return Err(wrong());
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| wrong())
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

// === impl Dimension ===

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Address,
        Self::Route,
        Self::Status,
        Self::User,
        Self::Method,
        Self::Country,
        Self::Code,
    ];

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Route => "route",
            Self::Status => "status",
            Self::User => "user",
            Self::Method => "method",
            Self::Country => "country",
            Self::Code => "code",
        }
    }
}
