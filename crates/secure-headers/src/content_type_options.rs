//! `X-Content-Type-Options` (Fetch, section 3.6): the content is what its type says, and nothing else.

/// `X-Content-Type-Options`. There is one value.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ContentTypeOptions {
    /// A browser must not guess the type: text that looks like a script is not run.
    #[default]
    NoSniff,
}

impl ContentTypeOptions {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoSniff => "nosniff",
        }
    }
}
