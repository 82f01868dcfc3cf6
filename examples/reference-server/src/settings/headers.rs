//! Which security headers answers carry.

use super::reader::Reader;

/// Which security headers answers carry.
#[derive(Clone, Copy, Debug)]
pub struct HeaderSettings {
    /// What to begin with.
    pub preset: HeaderPreset,
    /// What becomes of what the policy refuses.
    pub csp_reports: CspReports,
}

/// A set of security headers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum HeaderPreset {
    /// The documented table.
    Polymech,
    /// As strict as the pages of this server allow.
    Strict,
}

/// What becomes of what the policy refuses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum CspReports {
    /// Browsers report it to this server.
    Sent,
    /// Nobody hears of it.
    NotSent,
}

pub(super) fn headers(reader: &mut Reader<'_>) -> HeaderSettings {
    HeaderSettings {
        preset: reader.either(
            "SECURITY_HEADERS",
            ("polymech", HeaderPreset::Polymech),
            ("strict", HeaderPreset::Strict),
        ),
        csp_reports: reader.either(
            "CSP_REPORTS",
            ("off", CspReports::NotSent),
            ("on", CspReports::Sent),
        ),
    }
}
