//! What is kept of one request.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{Method, StatusCode};
use jiff::Timestamp;
use palisade_core::{Code, Ended, Location, OneLine, RequestId, Route};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{RecordedAddress, SessionId, text};

/// What is kept of one request.
///
/// Serialized in camelCase, on one line whatever the client sent. `Display` is a line for people. The fields hold the
/// text as it came; whoever shows them without these two must escape them for the place where they show.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Record {
    /// When the request arrived. Serialized as RFC 3339, in UTC, with milliseconds.
    #[serde(serialize_with = "rfc3339")]
    pub time: SystemTime,
    /// The name by which a client quotes a refusal.
    #[serde(serialize_with = "display")]
    pub request_id: RequestId,
    /// The method.
    #[serde(serialize_with = "display")]
    pub method: Method,
    /// The path without the query, at most 512 bytes.
    #[serde(serialize_with = "text::one_line")]
    pub path: Box<str>,
    /// The route, serialized as its id.
    #[serde(serialize_with = "route_id")]
    pub route: Option<Route>,
    /// As much of the client's address as is kept; none if nothing outside learnt it.
    pub address: Option<RecordedAddress>,
    /// Where the client is. Serialized as `country`, `region` and `city`.
    #[serde(flatten, serialize_with = "place")]
    pub location: Option<Arc<Location>>,
    /// What the client calls itself, at most 256 bytes.
    #[serde(serialize_with = "text::one_line_if_any")]
    pub user_agent: Option<Box<str>>,
    /// The browser's session.
    pub session: Option<SessionId>,
    /// The user's id, at most 1024 bytes; none unless it was proven.
    #[serde(serialize_with = "text::one_line_if_any")]
    pub user: Option<Box<str>>,
    /// The status of the answer; none if there was no answer.
    #[serde(serialize_with = "number")]
    pub status: Option<StatusCode>,
    /// The code of the refusal, if the request was refused.
    #[serde(serialize_with = "display_if_any")]
    pub code: Option<Code>,
    /// From the arrival until the last byte of the answer was handed to the transport, or until the client was gone. Serialized
    /// in milliseconds, exact to the microsecond.
    #[serde(rename = "responseTimeMs", serialize_with = "milliseconds")]
    pub response_time: Duration,
    /// Bytes of the answer's body that were sent, as they travelled.
    pub bytes: u64,
    /// How far it came.
    #[serde(serialize_with = "ended")]
    pub ended: Ended,
}

// === impl Record ===

impl Record {
    /// A request that arrived at `time` and was answered to the last byte at once; the rest is not known. For who keeps records.
    #[must_use]
    pub fn new(
        time: SystemTime,
        request_id: RequestId,
        method: Method,
        path: impl Into<Box<str>>,
    ) -> Self {
        Self {
            time,
            request_id,
            method,
            path: path.into(),
            route: None,
            address: None,
            location: None,
            user_agent: None,
            session: None,
            user: None,
            status: None,
            code: None,
            response_time: Duration::ZERO,
            bytes: 0,
            ended: Ended::Whole,
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", Time(self.time))?;
        match self.address {
            Some(address) => write!(f, "{address}")?,
            None => f.write_str("-")?,
        }
        write!(f, " {} {} ", self.method, OneLine(&self.path))?;
        match self.status {
            Some(status) => write!(f, "{}", status.as_u16())?,
            None => f.write_str("-")?,
        }
        if let Some(code) = self.code {
            write!(f, " {code}")?;
        }
        write!(f, " {:.3}ms", in_milliseconds(self.response_time))
    }
}

/// A time as RFC 3339 in UTC.
struct Time(SystemTime);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Outside the years that RFC 3339 can say, the epoch is as wrong as any other answer.
        let time = Timestamp::try_from(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        write!(f, "{time:.3}")
    }
}

pub(crate) fn in_milliseconds(time: Duration) -> f64 {
    // Whole microseconds, which are exact up to 136 years: then one division, which rounds once.
    let seconds = f64::from(u32::try_from(time.as_secs()).unwrap_or(u32::MAX));
    (seconds * 1_000_000.0 + f64::from(time.subsec_micros())) / 1000.0
}

pub(crate) fn rfc3339<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Time(*time))
}

fn display<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[expect(clippy::ref_option, reason = "`serialize_with` passes a reference to the field")]
fn display_if_any<T: fmt::Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

#[expect(clippy::ref_option, reason = "`serialize_with` passes a reference to the field")]
fn route_id<S: Serializer>(route: &Option<Route>, serializer: S) -> Result<S::Ok, S::Error> {
    match route {
        Some(route) => serializer.collect_str(&OneLine(route.id())),
        None => serializer.serialize_none(),
    }
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature `serialize_with` asks for"
)]
fn number<S: Serializer>(status: &Option<StatusCode>, serializer: S) -> Result<S::Ok, S::Error> {
    match status {
        Some(status) => serializer.serialize_u16(status.as_u16()),
        None => serializer.serialize_none(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature `serialize_with` asks for")]
fn ended<S: Serializer>(ended: &Ended, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(ended.as_str())
}

#[expect(clippy::ref_option, reason = "`serialize_with` passes a reference to the field")]
fn place<S: Serializer>(
    location: &Option<Arc<Location>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let location = location.as_deref();
    let name = |text: Option<&Box<str>>| text.map(|text| OneLine(text).to_string());
    let mut map = serializer.serialize_map(Some(3))?;
    let country = location.and_then(|place| place.country).map(|country| country.to_string());
    map.serialize_entry("country", &country)?;
    map.serialize_entry("region", &name(location.and_then(|place| place.region.as_ref())))?;
    map.serialize_entry("city", &name(location.and_then(|place| place.city.as_ref())))?;
    map.end()
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(in_milliseconds(*time))
}
