//! What stands in the query: each name known, once, and with a value.

use std::{collections::BTreeMap, fmt::Display};

use axum::extract::{Query, rejection::QueryRejection};
use jiff::Timestamp;
use palisade::{
    analytics::{Analytics, Filter, RecordedAddress},
    core::{Rejection, RejectionKind},
};

use crate::routes::answers;

/// A query as it came.
pub(super) type Pairs = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// What chooses records.
const FILTERS: [&str; 8] =
    ["since", "until", "route", "status", "user", "address", "country", "session"];

/// What stands in the query.
#[derive(Debug)]
pub(super) struct Parameters {
    given: BTreeMap<String, String>,
}

/// 400: what is wrong with the query.
pub(super) fn wrong(detail: impl Into<std::sync::Arc<str>>) -> Rejection {
    Rejection::new(RejectionKind::Malformed, answers::INVALID).detail(detail)
}

/// Which records are meant by what [`Parameters::choosing`] told.
pub(crate) fn filter(
    given: BTreeMap<String, String>,
    analytics: &Analytics,
) -> Result<Filter, Rejection> {
    Parameters { given }.filter(analytics)
}

// === impl Parameters ===

impl Parameters {
    /// Reads a query.
    pub(super) fn read(pairs: Pairs) -> Result<Self, Rejection> {
        let Query(pairs) = pairs.map_err(|_| wrong("The query cannot be read."))?;
        let mut given = BTreeMap::new();
        for (name, value) in pairs {
            // What is empty is a mistake of a script, that would choose other records than it means.
            if value.is_empty() || given.insert(name, value).is_some() {
                return Err(wrong("A parameter of the query is empty, or stands there twice."));
            }
        }
        Ok(Self { given })
    }

    /// Refuses all but what chooses records, and these others.
    pub(super) fn no_others_than(&self, others: &[&str]) -> Result<(), Rejection> {
        let known: Vec<&str> = FILTERS.iter().chain(others).copied().collect();
        if self.given.keys().all(|name| known.contains(&name.as_str())) {
            return Ok(());
        }
        Err(wrong(format!("The query may hold {}.", known.join(", "))))
    }

    /// What a parameter says.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    /// What `read` makes of it.
    pub(super) fn parsed<T, E: Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Rejection> {
        let parsed = self.text(name).map(read).transpose();
        parsed.map_err(|error| wrong(format!("`{name}`: {error}.")))
    }

    /// One of some words.
    pub(super) fn one_of<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Rejection> {
        self.parsed(name, |text| {
            let found = words.iter().find(|(word, _)| *word == text);
            found.map(|(_, value)| *value).ok_or_else(|| {
                let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                format!("one of {}", words.join(", "))
            })
        })
    }

    /// Which records are meant.
    pub(super) fn filter(&self, analytics: &Analytics) -> Result<Filter, Rejection> {
        let mut filter = Filter::new();
        filter.since = self.parsed("since", time)?;
        filter.until = self.parsed("until", time)?;
        filter.route = self.text("route").map(Box::from);
        filter.status =
            self.parsed("status", |text| text.parse().map_err(|_| "a status, 100 to 999"))?;
        filter.user = self.text("user").map(Box::from);
        filter.country = self.parsed("country", str::parse)?;
        filter.session = self.parsed("session", str::parse)?;
        if let Some(address) = self.parsed("address", str::parse)? {
            filter = filter.address(as_kept(address, analytics)?);
        }
        Ok(filter)
    }

    /// What of it chooses records, as it was given, but an address as it is kept; none, if nothing does.
    pub(super) fn chosen(&self, filter: &Filter) -> Option<String> {
        let given = self.choosing(filter);
        let given: Vec<_> =
            given.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!given.is_empty()).then(|| given.join(" "))
    }

    /// The same, name by name.
    pub(super) fn choosing(&self, filter: &Filter) -> BTreeMap<String, String> {
        let given = self.given.iter().filter(|(name, _)| FILTERS.contains(&name.as_str()));
        let as_kept = |(name, value): (&String, &String)| match &filter.address {
            Some(address) if name == "address" => (name.clone(), address.to_string()),
            _ => (name.clone(), value.clone()),
        };
        given.map(as_kept).collect()
    }
}

/// The address, if that is how it is kept: of a shortened one others would be meant too, and of one that has another name each day
/// only today's.
fn as_kept(address: RecordedAddress, analytics: &Analytics) -> Result<RecordedAddress, Rejection> {
    let RecordedAddress::Ip(given) = address else { return Ok(address) };
    let kept = analytics.as_kept(given);
    if kept == RecordedAddress::Ip(given.to_canonical()) {
        return Ok(kept);
    }
    Err(wrong(format!(
        "`address`: it is kept as `{kept}`, which may stand for other days and clients: name what is kept."
    )))
}

fn time(text: &str) -> Result<std::time::SystemTime, &'static str> {
    // A plus sign that was not escaped comes as a space; no time that is meant here has one.
    let text = text.replace(' ', "+");
    let time = text.parse::<Timestamp>().ok().filter(|_| text.contains(['T', 't']));
    time.map(Into::into).ok_or("a time by RFC 3339, such as 2026-01-31T12:00:00Z")
}
