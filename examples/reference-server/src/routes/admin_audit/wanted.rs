//! Which records are asked for, as the query says it.

use axum::extract::{Query, rejection::QueryRejection};
use jiff::Timestamp;
use palisade::core::{Rejection, RejectionKind};
use palisade_database::AuditFilter;
use serde::Deserialize;

use crate::routes::answers;

/// So many records are on a page, if nothing is said, and at most.
const PAGE: u32 = 100;
const LONGEST_PAGE: u32 = 1000;

/// A query as it came.
pub(super) type Asked = Result<Query<Wanted>, QueryRejection>;

/// Which records are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Wanted {
    since: Option<String>,
    until: Option<String>,
    action: Option<String>,
    outcome: Option<String>,
    actor: Option<String>,
    target: Option<String>,
    request_id: Option<String>,
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<u64>,
}

/// What a query chooses, read and found to be fine.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) filter: AuditFilter,
    pub(super) before: Option<u64>,
    pub(super) most: u32,
    /// The same for the record of the reading.
    pub(super) in_words: Option<String>,
}

impl Wanted {
    /// Reads the query.
    pub(super) fn read(asked: Asked) -> Result<Question, Rejection> {
        let Query(wanted) = asked.map_err(|_| {
            wrong("The query may hold since, until, action, outcome, actor, target, requestId, limit and cursor, once each.")
        })?;
        wanted.question()
    }

    fn question(self) -> Result<Question, Rejection> {
        let texts = [
            ("since", &self.since),
            ("until", &self.until),
            ("action", &self.action),
            ("outcome", &self.outcome),
            ("actor", &self.actor),
            ("target", &self.target),
            ("requestId", &self.request_id),
        ];
        let given = texts.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?)));
        let given: Vec<(&str, &str)> = given.collect();
        // What is empty is a mistake of a script, that would choose other records than it means.
        if given.iter().any(|(_, text)| text.is_empty()) {
            return Err(wrong("A parameter of the query is empty."));
        }
        let in_words: Vec<_> = given.iter().map(|(name, text)| format!("{name}={text}")).collect();
        let mut filter = AuditFilter::default();
        filter.since = self.since.as_deref().map(time).transpose()?;
        filter.until = self.until.as_deref().map(time).transpose()?;
        filter.action = self.action;
        filter.outcome = self.outcome;
        filter.actor = self.actor;
        filter.target = self.target;
        filter.request_id = self.request_id;
        let most = self.limit.unwrap_or(PAGE);
        if !(1..=LONGEST_PAGE).contains(&most) {
            return Err(wrong("`limit` is 1 to 1000."));
        }
        let in_words = (!in_words.is_empty()).then(|| in_words.join(" "));
        Ok(Question { filter, before: self.cursor, most, in_words })
    }
}

/// 400: what is wrong with the query.
fn wrong(detail: &str) -> Rejection {
    Rejection::new(RejectionKind::Malformed, answers::INVALID).detail(detail)
}

fn time(text: &str) -> Result<i64, Rejection> {
    // A plus sign that was not escaped comes as a space; no time that is meant here has one.
    let text = text.replace(' ', "+");
    let time = text.parse::<Timestamp>().ok().filter(|_| text.contains(['T', 't']));
    let expected = "`since` and `until` are times by RFC 3339, such as 2026-01-31T12:00:00Z.";
    time.map(Timestamp::as_millisecond).ok_or_else(|| wrong(expected))
}
