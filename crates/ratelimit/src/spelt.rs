//! The parts of header fields that are the same for every request.

use std::sync::Arc;

use http::HeaderValue;
use palisade_core::ConfigError;

use crate::Quota;

/// What is written behind a policy that stands in for one that instances share. A parameter of ours, as the drafts allow
/// (draft-6 section 2.1, draft-10 section 2.1.1): who does not know it passes it over.
const DEGRADED: &str = ";palisade-degraded";

/// To a client that is over a quota.
const OVER: &str = "Too many requests; wait as long as `Retry-After` says.";

/// The parts of header fields that are the same for every request.
#[derive(Debug)]
pub(crate) struct Spelt {
    /// Of a client that has all of its quota: `100`.
    pub(crate) limit: HeaderValue,
    /// What drafts 6 and 7 call the quota value: `100` of `100;w=60`.
    pub(crate) quota: u64,
    /// The window of that, in seconds.
    pub(crate) seconds: u64,
    /// Of drafts 6 and 7: `100;w=60`.
    pub(crate) numbered: HeaderValue,
    /// A String of RFC 8941: `"search"`.
    pub(crate) quoted: Box<str>,
    /// Of draft 10: `"search";q=100;w=60`.
    pub(crate) named: HeaderValue,
    /// For a client that is over the quota.
    pub(crate) detail: Arc<str>,
    /// For the log, of the same: which threshold. Who it was, the log says by itself.
    pub(crate) reason: Arc<str>,
}

// === impl Spelt ===

impl Spelt {
    /// Spells what is said of `quota`, called `name`.
    pub(crate) fn new(name: &str, quota: &Quota) -> Result<Self, ConfigError> {
        let (value, seconds) = quota.in_whole_seconds();
        let quoted = quote(name);
        Ok(Self {
            limit: HeaderValue::from(quota.burst()),
            quota: value,
            seconds,
            numbered: field(format!("{value};w={seconds}"))?,
            named: field(format!("{quoted};q={value};w={seconds}"))?,
            detail: OVER.into(),
            reason: format!("over `{name}`: {} in {:?}", quota.limit(), quota.window()).into(),
            quoted: quoted.into(),
        })
    }

    /// The same, of what stands in for a store that does not answer.
    pub(crate) fn degraded(self) -> Result<Self, ConfigError> {
        let marked = |value: &HeaderValue| {
            field(format!("{}{DEGRADED}", value.to_str().unwrap_or_default()))
        };
        let (numbered, named) = (marked(&self.numbered)?, marked(&self.named)?);
        Ok(Self { numbered, named, ..self })
    }

    /// Another one without a count of references in common.
    pub(crate) fn twin(&self) -> Self {
        let copy = |value: &HeaderValue| {
            HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
        };
        let Self { limit, quota, seconds, numbered, quoted, named, detail, reason } = self;
        Self {
            limit: copy(limit),
            quota: *quota,
            seconds: *seconds,
            numbered: copy(numbered),
            quoted: quoted.clone(),
            named: copy(named),
            detail: (**detail).into(),
            reason: (**reason).into(),
        }
    }
}

fn field(text: String) -> Result<HeaderValue, ConfigError> {
    HeaderValue::try_from(&text).map_err(|_| {
        ConfigError::new("name of a rate limit", text).expected("printable ASCII characters")
    })
}

/// Writes a String of RFC 8941 section 3.3.3; `name` is printable ASCII.
fn quote(name: &str) -> String {
    let mut quoted = String::from('"');
    for letter in name.chars() {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}
