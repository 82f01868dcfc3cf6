//! Why a body is no list of reports.

use std::fmt;

/// Why a body is no list of reports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Unreadable {
    /// It says to be something else.
    MediaType,
    /// It is larger than is read.
    TooLarge,
    /// It is no JSON, or JSON of another form.
    Malformed,
}

// === impl Unreadable ===

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MediaType => {
                "reports are sent as `application/reports+json` or `application/csp-report`"
            }
            Self::TooLarge => "the body is larger than any list of reports that is read",
            Self::Malformed => "the body is no list of reports",
        })
    }
}

impl std::error::Error for Unreadable {}
