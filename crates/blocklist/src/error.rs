//! Why a list cannot be used.

use std::{fmt, io};

/// Why a list cannot be used: what is wrong and where.
///
/// Shown on one line: ``config/blocklist.json:3:18: `203.0.113.5/24` is not a valid network: …``. It never holds a token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BlocklistError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Inner {
    source: Box<str>,
    place: Option<(usize, usize)>,
    message: Box<str>,
}

impl BlocklistError {
    pub(crate) fn new(source: &str, message: impl Into<Box<str>>) -> Self {
        let inner = Inner { source: source.into(), place: None, message: message.into() };
        Self { inner: Box::new(inner) }
    }

    pub(crate) fn io(source: &str, error: &io::Error) -> Self {
        // Some of these messages begin with the path already; it is told once.
        let message = error.to_string();
        let message = message.strip_prefix(source).and_then(|rest| rest.strip_prefix(": "));
        message.map_or_else(
            || Self::new(source, error.to_string()),
            |message| Self::new(source, message),
        )
    }

    /// Takes the place of a mistake from `serde_json`, and the message without the values it may hold.
    pub(crate) fn json(source: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let message =
            message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
        // `invalid type: string "…", expected a list`: the value may be a token.
        let message = match message.rsplit_once(", expected ") {
            Some((invalid, expected)) if invalid.starts_with("invalid ") => {
                format!("expected {expected}")
            }
            _ => message.to_owned(),
        };
        Self::new(source, message).at((line, column))
    }

    /// Adds the place: line and column, from 1.
    pub(crate) fn at(mut self, place: (usize, usize)) -> Self {
        self.inner.place = Some(place);
        self
    }

    /// What the list was read from.
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.inner.source
    }

    /// The line where reading stopped, from 1, if the text could be read at all.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.inner.place.map(|(line, _)| line)
    }

    /// The column where reading stopped, from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.inner.place.map(|(_, column)| column)
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }
}

impl fmt::Display for BlocklistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { source, place, message } = &*self.inner;
        match place {
            Some((line, column)) => write!(f, "{source}:{line}:{column}: {message}"),
            None => write!(f, "{source}: {message}"),
        }
    }
}

impl std::error::Error for BlocklistError {}
