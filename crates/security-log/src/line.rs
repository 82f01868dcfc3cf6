//! One line of the log.

use tracing::Level;

/// One line of the log: a JSON object without a line break in it.
///
/// Shared by all that take it: cheap to keep, and never changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line {
    level: Level,
    target: &'static str,
    event: Option<Box<str>>,
    json: Box<str>,
    worth: Worth,
}

/// What becomes of a line where not all have room.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Worth {
    /// One of many.
    #[default]
    Usual,
    /// A fact of its own: an error, a ban, what an admin did.
    Kept,
}

// === impl Line ===

impl Line {
    pub(crate) fn new(level: Level, target: &'static str, event: Option<&str>, json: &str) -> Self {
        Self { level, target, event: event.map(Into::into), json: json.into(), worth: Worth::Usual }
    }

    pub(crate) fn worth(self, worth: Worth) -> Self {
        Self { worth, ..self }
    }

    /// How bad it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Whose event it is: [`SECURITY_TARGET`](palisade_core::SECURITY_TARGET), or a module's path.
    #[must_use]
    pub fn target(&self) -> &'static str {
        self.target
    }

    /// Whether it belongs to the security log.
    #[must_use]
    pub fn is_security(&self) -> bool {
        self.target == palisade_core::SECURITY_TARGET
    }

    /// The event's stable name. The security log's have one each, others mostly none.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        self.event.as_deref()
    }

    /// The whole object, without a line break in it or behind it.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.worth == Worth::Kept
    }

    /// Bytes that it takes in a file.
    pub(crate) fn len(&self) -> usize {
        self.json.len().saturating_add(1)
    }
}
