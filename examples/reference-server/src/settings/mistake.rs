//! One mistake in the settings, on one line.

use std::fmt;

/// One mistake: which setting, which value, and what is allowed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake {
    name: String,
    value: String,
    allowed: String,
}

impl Mistake {
    /// Says that `value` of `name` is wrong. Never give it a secret.
    pub fn new(
        name: impl Into<String>,
        value: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self { name: name.into(), value: value.into(), allowed: allowed.into() }
    }

    /// Whether it is about the setting of that name.
    pub(super) fn is_about(&self, name: &str) -> bool {
        self.name == name
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, allowed } = self;
        if value.is_empty() {
            write!(f, "{name}: {allowed}")
        } else {
            write!(f, "{name}=`{}`: {allowed}", value.escape_debug())
        }
    }
}

/// Every mistake that was found; never empty.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.0 {
            writeln!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
