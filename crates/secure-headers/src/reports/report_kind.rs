//! What a report is about.

/// What a report is about, by its `type`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ReportKind {
    /// A `Content-Security-Policy` (CSP 3 section 5.3).
    CspViolation,
    /// A `Cross-Origin-Embedder-Policy`.
    Coep,
    /// A `Cross-Origin-Opener-Policy`.
    Coop,
    /// A `Permissions-Policy`.
    PermissionsPolicyViolation,
    /// A `Document-Policy`.
    DocumentPolicyViolation,
    /// An `Integrity-Policy`.
    IntegrityViolation,
    /// The page uses what browsers will do without.
    Deprecation,
    /// The browser did not do what the page asked for, for its user's sake.
    Intervention,
    /// The page broke down.
    Crash,
}

const WORDS: [(&str, ReportKind); 9] = [
    ("csp-violation", ReportKind::CspViolation),
    ("coep", ReportKind::Coep),
    ("coop", ReportKind::Coop),
    ("permissions-policy-violation", ReportKind::PermissionsPolicyViolation),
    ("document-policy-violation", ReportKind::DocumentPolicyViolation),
    ("integrity-violation", ReportKind::IntegrityViolation),
    ("deprecation", ReportKind::Deprecation),
    ("intervention", ReportKind::Intervention),
    ("crash", ReportKind::Crash),
];

// === impl ReportKind ===

impl ReportKind {
    /// As reports write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let word = WORDS.iter().find(|(_, kind)| *kind == self);
        word.map_or("csp-violation", |(word, _)| word)
    }

    pub(super) fn of(text: &str) -> Option<Self> {
        WORDS.iter().find(|(word, _)| *word == text).map(|(_, kind)| *kind)
    }
}
