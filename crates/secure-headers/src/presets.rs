//! The header sets to begin with.

use std::time::Duration;

use crate::{
    CacheControl, ContentTypeOptions, CrossOriginOpenerPolicy, CrossOriginResourcePolicy, Csp,
    FrameOptions, HeaderSet, Hsts, PermissionsPolicy, ReferrerPolicy,
};

const ONE_YEAR: Duration = Duration::from_secs(31_536_000);
const TWO_YEARS: Duration = Duration::from_secs(63_072_000);

/// The documented table, in its order.
const POLYMECH_CSP: &str = "default-src 'self'; \
    script-src 'self' 'nonce' cdn.jsdelivr.net; \
    style-src 'self' 'unsafe-inline' fonts.googleapis.com cdn.jsdelivr.net; \
    font-src 'self' fonts.gstatic.com cdn.jsdelivr.net fonts.scalar.com; \
    img-src 'self' data: blob: *.supabase.co *.polymech.info; \
    connect-src 'self' *.supabase.co wss://*.supabase.co api.openai.com assets.polymech.info cdn.jsdelivr.net proxy.scalar.com; \
    media-src 'self' blob: *.supabase.co assets.polymech.info stream.mux.com; \
    frame-src 'self' *.supabase.co; \
    frame-ancestors 'self'; \
    object-src 'none'; \
    base-uri 'self'";

const STRICT_CSP: &str = "default-src 'none'; \
    script-src 'nonce' 'strict-dynamic'; \
    style-src 'self' 'nonce'; \
    font-src 'self'; \
    img-src 'self'; \
    connect-src 'self'; \
    media-src 'self'; \
    manifest-src 'self'; \
    form-action 'self'; \
    frame-ancestors 'none'; \
    object-src 'none'; \
    base-uri 'none'";

const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";

/// Features of today's browsers that few pages need. What a page does need is allowed by name.
const POWERFUL: &[&str] = &[
    "accelerometer",
    "autoplay",
    "bluetooth",
    "camera",
    "clipboard-read",
    "display-capture",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "web-share",
    "window-management",
    "xr-spatial-tracking",
];

/// Values that a preset makes at run time, so that they too are sent without a copy.
pub(crate) const TEXTS: &[&str] = &[
    "max-age=31536000; includeSubDomains",
    "max-age=63072000; includeSubDomains",
    "camera=(), microphone=(), geolocation=(), payment=(self)",
    API_CSP,
];

impl HeaderSet {
    /// The documented tables, `nosniff`, and `private, no-store` where an answer is for one person alone.
    #[must_use]
    pub fn polymech() -> Self {
        let permissions = PermissionsPolicy::denying(&["camera", "microphone", "geolocation"]);
        Self::empty()
            .hsts(Hsts::including_subdomains(ONE_YEAR))
            .frame_options(FrameOptions::SameOrigin)
            .referrer_policy(ReferrerPolicy::StrictOriginWhenCrossOrigin)
            .permissions_policy(permissions.and_self("payment"))
            .csp(Csp::preset(POLYMECH_CSP))
            .content_type_options(ContentTypeOptions::NoSniff)
            .cache_control(CacheControl::WherePrivate)
    }

    /// For answers that are data: nothing in them may run, load or be framed.
    #[must_use]
    pub fn api() -> Self {
        Self::empty()
            .hsts(Hsts::including_subdomains(ONE_YEAR))
            .frame_options(FrameOptions::Deny)
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .csp(Csp::preset(API_CSP))
            .cross_origin_resource_policy(CrossOriginResourcePolicy::SameOrigin)
            .content_type_options(ContentTypeOptions::NoSniff)
            .cache_control(CacheControl::WherePrivate)
    }

    /// For a site that loads all of its own from itself: scripts run by their nonce alone, no other site frames, opens or
    /// loads it, and powerful features are denied.
    #[must_use]
    pub fn strict() -> Self {
        Self::empty()
            .hsts(Hsts::including_subdomains(TWO_YEARS))
            .frame_options(FrameOptions::Deny)
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .permissions_policy(PermissionsPolicy::denying(POWERFUL))
            .csp(Csp::preset(STRICT_CSP))
            .cross_origin_resource_policy(CrossOriginResourcePolicy::SameOrigin)
            .cross_origin_opener_policy(CrossOriginOpenerPolicy::SameOrigin)
            .content_type_options(ContentTypeOptions::NoSniff)
            .cache_control(CacheControl::WherePrivate)
    }
}
