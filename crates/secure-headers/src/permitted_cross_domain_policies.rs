//! `X-Permitted-Cross-Domain-Policies`: whether PDF readers obey policy files on this host. OWASP Secure Headers asks for it.

use std::str::FromStr;

use palisade_core::ConfigError;

use crate::keyword;

/// `X-Permitted-Cross-Domain-Policies`: which `crossdomain.xml` files on this host let documents of other hosts, as Adobe's
/// readers show them, read from it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PermittedCrossDomainPolicies {
    /// None.
    None,
    /// The one at the root of the host.
    MasterOnly,
    /// Those served as `text/x-cross-domain-policy`.
    ByContentType,
    /// All.
    All,
}

const WORDS: [(&str, PermittedCrossDomainPolicies); 4] = [
    ("none", PermittedCrossDomainPolicies::None),
    ("master-only", PermittedCrossDomainPolicies::MasterOnly),
    ("by-content-type", PermittedCrossDomainPolicies::ByContentType),
    ("all", PermittedCrossDomainPolicies::All),
];

impl PermittedCrossDomainPolicies {
    /// The header's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::MasterOnly => "master-only",
            Self::ByContentType => "by-content-type",
            Self::All => "all",
        }
    }
}

impl FromStr for PermittedCrossDomainPolicies {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        keyword::find("value of x-permitted-cross-domain-policies", text, &WORDS)
    }
}
