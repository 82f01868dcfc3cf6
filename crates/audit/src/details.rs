//! What else there is to know about an event.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::plain::{NAME, WORD, plain};

/// The most bytes of all details of an event, as JSON.
const LONGEST: usize = 4096;

/// What else there is to know: names and values, as one JSON object of 4 KiB at most, in the order of their names.
///
/// What has no room is left off, and `"left_off"` says how many did not fit.
#[derive(Clone, Debug, Default)]
pub struct Details {
    values: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(i64),
    List(Vec<String>),
}

// === impl Details ===

impl Details {
    /// Says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text: 512 bytes of it.
    #[must_use]
    pub fn text(self, name: &str, value: impl fmt::Display) -> Self {
        self.with(name, Value::Text(plain(&value.to_string(), NAME)))
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, name: &str, value: i64) -> Self {
        self.with(name, Value::Number(value))
    }

    /// Adds texts, such as the roles that somebody got.
    #[must_use]
    pub fn list<T: AsRef<str>>(self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().map(|value| plain(value.as_ref(), NAME)).collect();
        self.with(name, Value::List(values))
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.values.insert(plain(name, WORD), value);
        self
    }

    /// The object as text, if it says anything.
    pub(crate) fn into_json(self) -> Option<String> {
        let mut values = self.values;
        let mut left_off = 0_i64;
        while !values.is_empty() {
            // Texts and numbers under names of text: that is always JSON.
            let json = serde_json::to_string(&values).ok()?;
            if json.len() <= LONGEST {
                return Some(json);
            }
            let largest = values
                .iter()
                .filter(|(name, _)| *name != LEFT_OFF)
                .max_by_key(|(_, value)| serde_json::to_string(value).map_or(0, |json| json.len()))
                .map(|(name, _)| name.clone())?;
            values.remove(&largest);
            left_off = left_off.saturating_add(1);
            values.insert(LEFT_OFF.to_owned(), Value::Number(left_off));
        }
        None
    }
}

const LEFT_OFF: &str = "left_off";
