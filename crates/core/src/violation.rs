//! What a refusal says about the behaviour of the one refused.

/// What a refusal says about the behaviour of the one refused. Auto-ban counts these.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ViolationKind {
    /// A quota was used up.
    RateLimit,
    /// A credential was presented and is not valid. A missing credential is not a violation.
    AuthFailure,
    /// A request no honest client sends: a path that two parsers read differently, a scanner's probe.
    Suspicious,
}

impl ViolationKind {
    /// The kind's name in files and logs, in kebab-case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate-limit",
            Self::AuthFailure => "auth-failure",
            Self::Suspicious => "suspicious",
        }
    }
}
