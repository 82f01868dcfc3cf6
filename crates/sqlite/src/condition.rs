//! A filter as the condition of a question. What is looked for is bound, never written into the text.

use http::StatusCode;
use palisade_analytics::Filter;
use rusqlite::{params_from_iter, types::Value};

use crate::row::{nanoseconds, sixteen_bytes};

/// What stands behind `WHERE`, and what is bound to its question marks.
#[derive(Debug)]
pub(crate) struct Condition {
    clauses: Vec<&'static str>,
    values: Vec<Value>,
}

// === impl Condition ===

impl Condition {
    pub(crate) fn of(filter: &Filter) -> Self {
        let mut condition = Self { clauses: Vec::new(), values: Vec::new() };
        let text = |text: &str| Value::from(text.to_owned());
        condition.and("time >= ?", filter.since.map(|time| nanoseconds(time).into()));
        condition.and("time < ?", filter.until.map(|time| nanoseconds(time).into()));
        condition.and("route = ?", filter.route.as_deref().map(text));
        let status = filter.status.map(|status: StatusCode| i64::from(status.as_u16()).into());
        condition.and("status = ?", status);
        condition.and("user = ?", filter.user.as_deref().map(text));
        condition.and("address = ?", filter.address.map(|address| address.to_string().into()));
        condition.and("country = ?", filter.country.map(|country| country.to_string().into()));
        let session = filter.session.map(|session| sixteen_bytes(&session).to_vec().into());
        condition.and("session = ?", session);
        condition
    }

    /// Adds a clause, if there is something to look for.
    pub(crate) fn and(&mut self, clause: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.clauses.push(clause);
            self.values.push(value);
        }
    }

    /// Whether everything matches.
    pub(crate) fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// `WHERE …`, or nothing.
    pub(crate) fn sql(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        format!("WHERE {}", self.clauses.join(" AND "))
    }

    /// A question with it in its place.
    pub(crate) fn put_into(&self, question: &str) -> String {
        question.replace("{where}", &self.sql())
    }

    /// The values, and those behind them.
    pub(crate) fn values(
        &self,
        others: impl IntoIterator<Item = i64>,
    ) -> rusqlite::ParamsFromIter<Vec<Value>> {
        let others = others.into_iter().map(Value::from);
        params_from_iter(self.values.iter().cloned().chain(others).collect())
    }
}
