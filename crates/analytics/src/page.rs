//! Asking for records: what to find, and one page of it.

use std::{fmt, str::FromStr, sync::Arc, time::SystemTime};

use http::StatusCode;
use palisade_core::{ConfigError, Country, Route};
use serde::{Serialize, Serializer};

use crate::{Record, RecordedAddress, SessionId};

/// Says which records to find. Without any condition: all of them. All conditions must hold.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Those that arrived at this time or later.
    pub since: Option<SystemTime>,
    /// Those that arrived before this time.
    pub until: Option<SystemTime>,
    /// Those of the route with this id.
    pub route: Option<Box<str>>,
    /// Those with this status.
    pub status: Option<StatusCode>,
    /// Those of this user.
    pub user: Option<Box<str>>,
    /// Those from this address, as it is kept.
    pub address: Option<RecordedAddress>,
    /// Those from this country.
    pub country: Option<Country>,
    /// Those of this session.
    pub session: Option<SessionId>,
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
    /// The path.
    Path,
    /// The browser's session.
    Session,
    /// How far it came.
    Ended,
}

// === impl Filter ===

impl Filter {
    /// Finds all.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            since: None,
            until: None,
            route: None,
            status: None,
            user: None,
            address: None,
            country: None,
            session: None,
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

    /// Only requests from this address, as it is kept. An IPv4-mapped IPv6 address is IPv4.
    #[must_use]
    pub fn address(mut self, address: RecordedAddress) -> Self {
        self.address = Some(match address {
            RecordedAddress::Ip(address) => RecordedAddress::Ip(address.to_canonical()),
            RecordedAddress::Pseudonym(_) => address,
        });
        self
    }

    /// Only requests from this country.
    #[must_use]
    pub fn country(mut self, country: Country) -> Self {
        self.country = Some(country);
        self
    }

    /// Only requests of this session.
    #[must_use]
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Only requests that arrived at `time` or later.
    #[must_use]
    pub fn since(mut self, time: SystemTime) -> Self {
        self.since = Some(time);
        self
    }

    /// Only requests that arrived before `time`.
    #[must_use]
    pub fn until(mut self, time: SystemTime) -> Self {
        self.until = Some(time);
        self
    }

    /// Whether `record` is to be found.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        let route = || record.route.as_ref().map(Route::id);
        let country = || record.location.as_ref().and_then(|location| location.country);
        self.status.is_none_or(|status| record.status == Some(status))
            && self.address.is_none_or(|address| record.address == Some(address))
            && self.since.is_none_or(|since| record.time >= since)
            && self.until.is_none_or(|until| record.time < until)
            && self.session.is_none_or(|session| record.session == Some(session))
            && self.country.is_none_or(|wanted| country() == Some(wanted))
            && self.route.as_deref().is_none_or(|id| route() == Some(id))
            && self.user.as_deref().is_none_or(|id| record.user.as_deref() == Some(id))
    }
}

// === impl Page ===

impl Page {
    /// These records, and where to go on.
    #[must_use]
    pub const fn new(records: Vec<Arc<Record>>, next: Option<Cursor>) -> Self {
        Self { records, next }
    }
}

fn records<S: Serializer>(records: &[Arc<Record>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(records.iter().map(|record| &**record))
}

// === impl Cursor ===

impl Cursor {
    /// Behind the record with this number, by a count of the store's own.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
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
    pub const ALL: [Self; 10] = [
        Self::Address,
        Self::Route,
        Self::Status,
        Self::User,
        Self::Method,
        Self::Country,
        Self::Code,
        Self::Path,
        Self::Session,
        Self::Ended,
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
            Self::Path => "path",
            Self::Session => "session",
            Self::Ended => "ended",
        }
    }
}
