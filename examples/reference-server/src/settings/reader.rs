//! Reads values and collects what is wrong with them, so that a start shows all mistakes at once.

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use super::{
    mistake::{Mistake, Mistakes},
    names::{Setting, settings},
    values::Values,
};

/// Reads settings one by one.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    values: &'a Values,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    /// Starts with the mistakes in the names.
    pub(super) fn new(values: &'a Values) -> Self {
        Self { values, mistakes: values.mistaken_names() }
    }

    /// The text of a setting, if it has one.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        setting(name).and_then(|setting| self.values.of(setting))
    }

    /// Whether a setting was given a value at all, be it the one that it has anyway.
    pub(super) fn is_given(&self, name: &str) -> bool {
        setting(name).is_some_and(|known| self.values.given(known).is_some())
    }

    /// Whether something about it was wrong already.
    pub(super) fn is_mistaken(&self, name: &str) -> bool {
        self.mistakes.iter().any(|mistake| mistake.is_about(name))
    }

    /// Whether a setting was given another value than it has anyway.
    pub(super) fn is_changed(&self, name: &str) -> bool {
        setting(name).is_some_and(|known| self.text(name).unwrap_or_default() != known.default)
    }

    /// What `parse` makes of a setting's text; `fallback` where it has none, or a wrong one, which is noted.
    pub(super) fn parse<T>(
        &mut self,
        name: &str,
        fallback: T,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let Some(text) = self.text(name) else { return fallback };
        parse(text).unwrap_or_else(|| {
            self.wrong(name, setting(name).map_or("", |setting| setting.allowed));
            fallback
        })
    }

    /// A whole number within `range`.
    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<u64>) -> u64 {
        let fallback = *range.start();
        self.parse(name, fallback, |text| text.parse().ok().filter(|number| range.contains(number)))
    }

    /// A time in milliseconds within `range`.
    pub(super) fn milliseconds(&mut self, name: &str, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.number(name, range))
    }

    /// One of two words; of switches, `on` is `true` and `off` is `false`.
    pub(super) fn either<T: Copy>(&mut self, name: &str, first: (&str, T), second: (&str, T)) -> T {
        let parse = |text: &str| match text {
            _ if is_same(text, first.0) => Some(first.1),
            _ if is_same(text, second.0) => Some(second.1),
            _ => None,
        };
        self.parse(name, first.1, parse)
    }

    /// A path.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// The parts of a list.
    pub(super) fn list(&self, name: &str) -> Vec<&'a str> {
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// Notes that the value of `name` is wrong; a secret is not repeated, nor an address that may hold one.
    pub(super) fn wrong(&mut self, name: &str, allowed: impl Into<String>) {
        let is_secret = setting(name).is_some_and(Setting::is_secret);
        let value = self.text(name).filter(|value| !is_secret && !names_a_user(value));
        let value = value.unwrap_or(if self.text(name).is_some() { "…" } else { "" });
        self.mistakes.push(Mistake::new(name, value, allowed));
    }

    /// Takes what was built of `name`; what failed is noted, and nothing comes of it.
    pub(super) fn built<T>(
        &mut self,
        name: &str,
        result: Result<T, impl std::fmt::Display>,
    ) -> Option<T> {
        result.map_err(|error| self.wrong(name, error.to_string())).ok()
    }

    /// Ends the reading: all mistakes, or `settings`.
    ///
    /// # Errors
    ///
    /// The mistakes, if there are any.
    pub(super) fn finish<T>(self, settings: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() { Ok(settings) } else { Err(Mistakes(self.mistakes)) }
    }
}

/// Whether both say the same, be it in the two ways to say yes or no.
pub(super) fn is_same(text: &str, word: &str) -> bool {
    let twins = [("on", "true"), ("off", "false")];
    text == word || twins.contains(&(text, word)) || twins.contains(&(word, text))
}

fn setting(name: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.name == name)
}

/// Whether an address may say as whom to ask, as in `https://user:password@host/`. Where a password ends nobody knows of an
/// address that cannot be read.
fn names_a_user(value: &str) -> bool {
    value.contains('@')
}
