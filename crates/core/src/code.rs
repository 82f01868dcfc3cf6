//! The stable name of a reason to refuse.

use std::fmt;

/// The stable name of a reason to refuse, as clients, dashboards and tests see it: `quota-exceeded`, or
/// `invalid-token.expired` where one problem has several checks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Code {
    /// The whole code.
    code: &'static str,
    title: &'static str,
}

impl Code {
    /// Names a code in kebab-case, with a title for people that says no more than the code does.
    ///
    /// Of a code with a dot, what stands before it is the [problem](Self::problem), and what stands behind it is the
    /// check that found it.
    #[must_use]
    pub const fn new(code: &'static str, title: &'static str) -> Self {
        Self { code, title }
    }

    /// The whole code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.code
    }

    /// The problem, without the check that found it: `invalid-token` of `invalid-token.expired`.
    #[must_use]
    pub fn problem(self) -> &'static str {
        self.code.split_once('.').map_or(self.code, |(problem, _)| problem)
    }

    /// The title for people (RFC 9457 section 3.1.3).
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.title
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}
