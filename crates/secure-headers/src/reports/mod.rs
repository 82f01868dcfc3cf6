//! What browsers report about pages: read from a stranger's bytes, within bounds.

mod disposition;
mod member;
mod report;
mod report_kind;
mod text;
mod unreadable;

use serde_json::Value;

pub use self::{
    disposition::Disposition, report::Report, report_kind::ReportKind, unreadable::Unreadable,
};

/// The form of the Reporting API: an array of reports.
const REPORTS: &str = "application/reports+json";
/// The form of `report-uri`: one report (CSP 3 section 5.3).
const CSP_REPORT: &str = "application/csp-report";

/// What a browser sent to an endpoint of `Reporting-Endpoints`, or to a `report-uri`.
///
/// Anybody can send anything there: it is hearsay, to be looked at and not to be acted upon. So it is read within
/// bounds, and what is kept of it is harmless to write down:
///
/// - at most [`MOST_BYTES`](Self::MOST_BYTES) and [`MOST_REPORTS`](Self::MOST_REPORTS); JSON within JSON no deeper than 127 levels;
/// - of an address neither query nor fragment nor user, which may be secrets; of `data:`, `blob:` and the like the scheme alone;
/// - of each text at most [`MOST_TEXT`](Self::MOST_TEXT) bytes, with U+FFFD in place of characters that a terminal obeys.
///
/// ```
/// use palisade_secure_headers::{ReportKind, Reports};
///
/// let body = br#"[{"type":"csp-violation","age":12,"url":"https://app.example/login?token=1","user_agent":"A",
///     "body":{"effectiveDirective":"script-src-elem","blockedURL":"inline","disposition":"enforce","lineNumber":7}}]"#;
/// let reports = Reports::read("application/reports+json", body)?;
/// let report = &reports.known()[0];
/// assert_eq!((report.kind(), report.rule()), (ReportKind::CspViolation, Some("script-src-elem")));
/// assert_eq!(report.page(), Some("https://app.example/login"));
/// # Ok::<_, palisade_secure_headers::Unreadable>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Reports {
    known: Vec<Report>,
    others: usize,
    left_off: usize,
}

// === impl Reports ===

impl Reports {
    /// The most bytes of a body.
    pub const MOST_BYTES: usize = 64 * 1024;
    /// The most reports of a body that are kept.
    pub const MOST_REPORTS: usize = 16;
    /// The most bytes of a text that are kept.
    pub const MOST_TEXT: usize = 256;

    /// Reads a body by its `Content-Type`: `application/reports+json`, or `application/csp-report` of older browsers.
    ///
    /// # Errors
    ///
    /// Another media type, more than [`MOST_BYTES`](Self::MOST_BYTES), and what is no JSON of that form.
    pub fn read(content_type: &str, body: &[u8]) -> Result<Self, Unreadable> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let read = if media_type.eq_ignore_ascii_case(REPORTS) {
            Self::of_array
        } else if media_type.eq_ignore_ascii_case(CSP_REPORT) {
            Self::of_one
        } else {
            return Err(Unreadable::MediaType);
        };
        if body.len() > Self::MOST_BYTES {
            return Err(Unreadable::TooLarge);
        }
        let value = serde_json::from_slice(body).map_err(|_| Unreadable::Malformed)?;
        read(&value).ok_or(Unreadable::Malformed)
    }

    /// The reports of a kind that is known, as they came; the first [`MOST_REPORTS`](Self::MOST_REPORTS) of them.
    #[must_use]
    pub fn known(&self) -> &[Report] {
        &self.known
    }

    /// How many others there were: of a kind that is not known, or no reports at all.
    #[must_use]
    pub fn others(&self) -> usize {
        self.others
    }

    /// How many of a known kind came behind those that are kept.
    #[must_use]
    pub fn left_off(&self) -> usize {
        self.left_off
    }

    fn of_array(value: &Value) -> Option<Self> {
        let mut reports = Self::default();
        for value in value.as_array()? {
            match Report::of_reporting_api(value) {
                Some(report) if reports.known.len() < Self::MOST_REPORTS => {
                    reports.known.push(report);
                }
                Some(_) => reports.left_off = reports.left_off.saturating_add(1),
                None => reports.others = reports.others.saturating_add(1),
            }
        }
        Some(reports)
    }

    fn of_one(value: &Value) -> Option<Self> {
        let report = Report::of_report_uri(value.get("csp-report")?)?;
        Some(Self { known: vec![report], ..Self::default() })
    }
}
