//! A limiter where it applies, with what the headers say of it worked out beforehand.

use std::sync::Arc;

use http::HeaderValue;
use palisade_core::{ConfigError, LimitReport};

use crate::{Limiter, Quota, Scope, Standing, quota::valid_name};

/// A limiter where it applies.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) scope: Scope,
    pub(crate) limiter: Limiter,
    pub(crate) name: Arc<str>,
    pub(crate) spelt: Spelt,
}

/// The parts of header fields that are the same for every request.
#[derive(Debug)]
pub(crate) struct Spelt {
    /// Of a client that has all of its quota: `100`.
    pub(crate) limit: HeaderValue,
    /// What drafts 6 and 7 call the quota value: `100` of `100;w=60`.
    pub(crate) quota: u64,
    /// Of drafts 6 and 7: `100;w=60`.
    pub(crate) numbered: HeaderValue,
    /// A String of RFC 8941: `"search"`.
    pub(crate) quoted: Box<str>,
    /// Of draft 10: `"search";q=100;w=60`.
    pub(crate) named: HeaderValue,
    /// For a client that is over the quota.
    pub(crate) detail: Arc<str>,
    /// For the log, of the same.
    reason: Arc<str>,
}

/// To a client that is over a quota.
const OVER: &str = "Too many requests; wait as long as `Retry-After` says.";

/// What a rule said of one request.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) rule: Arc<Rule>,
    pub(crate) standing: Standing,
}

// === impl Rule ===

impl Rule {
    pub(crate) fn new(scope: Scope, limiter: Limiter) -> Result<Self, ConfigError> {
        // Asked in any case: it also finds a list of no routes.
        let usual = scope.name()?;
        let name = valid_name(limiter.quota().shared_name().unwrap_or(usual))?;
        let spelt = Spelt::new(&name, &limiter)?;
        Ok(Self { scope, limiter, name, spelt })
    }

    /// Another one of the same limiter, without a count of references in common: for another thread.
    pub(crate) fn twin(&self) -> Self {
        let Self { scope, limiter, name, spelt } = self;
        let (scope, limiter) = (scope.clone(), limiter.clone());
        Self { scope, limiter, name: (**name).into(), spelt: spelt.twin() }
    }
}

// === impl Spelt ===

impl Spelt {
    fn twin(&self) -> Self {
        let copy = |value: &HeaderValue| {
            HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
        };
        let Self { limit, quota, numbered, quoted, named, detail, reason } = self;
        Self {
            limit: copy(limit),
            quota: *quota,
            numbered: copy(numbered),
            quoted: quoted.clone(),
            named: copy(named),
            detail: (**detail).into(),
            reason: (**reason).into(),
        }
    }

    fn new(name: &str, limiter: &Limiter) -> Result<Self, ConfigError> {
        let (quota, seconds) = limiter.quota().in_whole_seconds();
        let quoted = quote(name);
        let field = |text: String| {
            HeaderValue::try_from(text).map_err(|_| {
                ConfigError::new("name of a rate limit", name)
                    .expected("printable ASCII characters")
            })
        };
        Ok(Self {
            limit: HeaderValue::from(limiter.quota().burst()),
            quota,
            numbered: field(format!("{quota};w={seconds}"))?,
            named: field(format!("{quoted};q={quota};w={seconds}"))?,
            detail: OVER.into(),
            reason: over(name, limiter.quota()),
            quoted: quoted.into(),
        })
    }
}

fn over(name: &str, quota: &Quota) -> Arc<str> {
    format!("over `{name}`: {} in {:?}", quota.limit(), quota.window()).into()
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

// === impl Reading ===

impl Reading {
    /// What the rest of the stack hears of it.
    pub(crate) fn report(&self) -> LimitReport {
        let Standing { remaining, reset, .. } = self.standing;
        let limit = u64::from(self.rule.limiter.quota().burst());
        LimitReport::new(Arc::clone(&self.rule.name), limit, remaining.into(), reset)
    }

    /// For the log: which threshold. Who it was, the log says by itself.
    pub(crate) fn reason(&self) -> Arc<str> {
        Arc::clone(&self.rule.spelt.reason)
    }
}
