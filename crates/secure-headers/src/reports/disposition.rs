//! Whether what is reported was prevented.

/// Whether what is reported was prevented.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Disposition {
    /// It was.
    Enforce,
    /// It was only reported: the policy is tried out.
    Report,
}

// === impl Disposition ===

impl Disposition {
    /// As a policy's reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Report => "report",
        }
    }

    /// Policies of CSP say `report`, those of HTML `reporting`.
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "enforce" => Some(Self::Enforce),
            "report" | "reporting" => Some(Self::Report),
            _ => None,
        }
    }
}
