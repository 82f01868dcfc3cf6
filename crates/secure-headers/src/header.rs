//! The headers of this crate, by name, and what becomes of a handler's own.

use http::{HeaderName, header};

/// A header of a [`HeaderSet`](crate::HeaderSet). Declared in the order in which they are written.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Header {
    /// `Strict-Transport-Security`
    Hsts,
    /// `X-Frame-Options`
    FrameOptions,
    /// `Referrer-Policy`
    ReferrerPolicy,
    /// `Permissions-Policy`
    PermissionsPolicy,
    /// `Content-Security-Policy`
    Csp,
    /// `Content-Security-Policy-Report-Only`
    CspReportOnly,
    /// `Reporting-Endpoints`
    ReportingEndpoints,
    /// `Cross-Origin-Resource-Policy`
    CrossOriginResourcePolicy,
    /// `Cross-Origin-Embedder-Policy`
    CrossOriginEmbedderPolicy,
    /// `Cross-Origin-Embedder-Policy-Report-Only`
    CrossOriginEmbedderPolicyReportOnly,
    /// `Cross-Origin-Opener-Policy`
    CrossOriginOpenerPolicy,
    /// `Cross-Origin-Opener-Policy-Report-Only`
    CrossOriginOpenerPolicyReportOnly,
    /// `X-Permitted-Cross-Domain-Policies`
    PermittedCrossDomainPolicies,
    /// `X-DNS-Prefetch-Control`
    DnsPrefetchControl,
    /// `X-Content-Type-Options`
    ContentTypeOptions,
    /// `Cache-Control`
    CacheControl,
}

/// What becomes of a header the handler set itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third thing to do with it")]
pub enum Handler {
    /// It stays, and ours is not sent: who answers knows his page best.
    Keep,
    /// Ours takes its place.
    Override,
}

impl Header {
    /// In this order. What a line says can depend on those before it: `Cache-Control`, the last, on all.
    pub(crate) const ALL: [Self; 16] = [
        Self::Hsts,
        Self::FrameOptions,
        Self::ReferrerPolicy,
        Self::PermissionsPolicy,
        Self::Csp,
        Self::CspReportOnly,
        Self::ReportingEndpoints,
        Self::CrossOriginResourcePolicy,
        Self::CrossOriginEmbedderPolicy,
        Self::CrossOriginEmbedderPolicyReportOnly,
        Self::CrossOriginOpenerPolicy,
        Self::CrossOriginOpenerPolicyReportOnly,
        Self::PermittedCrossDomainPolicies,
        Self::DnsPrefetchControl,
        Self::ContentTypeOptions,
        Self::CacheControl,
    ];

    /// The header's name on the wire.
    #[must_use]
    pub const fn name(self) -> HeaderName {
        match self {
            Self::Hsts => header::STRICT_TRANSPORT_SECURITY,
            Self::FrameOptions => header::X_FRAME_OPTIONS,
            Self::ReferrerPolicy => header::REFERRER_POLICY,
            Self::PermissionsPolicy => HeaderName::from_static("permissions-policy"),
            Self::Csp => header::CONTENT_SECURITY_POLICY,
            Self::CspReportOnly => header::CONTENT_SECURITY_POLICY_REPORT_ONLY,
            Self::ReportingEndpoints => HeaderName::from_static("reporting-endpoints"),
            Self::CrossOriginResourcePolicy => {
                HeaderName::from_static("cross-origin-resource-policy")
            }
            Self::CrossOriginEmbedderPolicy => {
                HeaderName::from_static("cross-origin-embedder-policy")
            }
            Self::CrossOriginEmbedderPolicyReportOnly => {
                HeaderName::from_static("cross-origin-embedder-policy-report-only")
            }
            Self::CrossOriginOpenerPolicy => HeaderName::from_static("cross-origin-opener-policy"),
            Self::CrossOriginOpenerPolicyReportOnly => {
                HeaderName::from_static("cross-origin-opener-policy-report-only")
            }
            Self::PermittedCrossDomainPolicies => {
                HeaderName::from_static("x-permitted-cross-domain-policies")
            }
            Self::DnsPrefetchControl => header::X_DNS_PREFETCH_CONTROL,
            Self::ContentTypeOptions => header::X_CONTENT_TYPE_OPTIONS,
            Self::CacheControl => header::CACHE_CONTROL,
        }
    }

    /// HSTS speaks for the whole host and not for one page; `nosniff` has no second value, so a handler's own can only be
    /// a mistake. All else a handler sets on purpose.
    pub(crate) const fn usual(self) -> Handler {
        match self {
            Self::Hsts | Self::ContentTypeOptions => Handler::Override,
            _ => Handler::Keep,
        }
    }
}
