//! The header sets to begin with.

use std::time::Duration;

use crate::{
    CacheControl, ContentTypeOptions, CrossOriginEmbedderPolicy, CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy, Csp, DnsPrefetchControl, FrameOptions, Handler, Header, HeaderSet,
    Hsts, PermissionsPolicy, PermittedCrossDomainPolicies, ReferrerPolicy,
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
    base-uri 'none'; \
    require-trusted-types-for 'script'; \
    trusted-types 'none'";

const STRICT_STATIC_CSP: &str = "default-src 'none'; \
    script-src 'self'; \
    style-src 'self'; \
    font-src 'self'; \
    img-src 'self'; \
    connect-src 'self'; \
    media-src 'self'; \
    manifest-src 'self'; \
    form-action 'self'; \
    frame-ancestors 'none'; \
    object-src 'none'; \
    base-uri 'none'; \
    require-trusted-types-for 'script'; \
    trusted-types 'none'";

const API_CSP: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Names features, and writes what denies all of them.
macro_rules! denied {
    ($first:literal, $($other:literal),+ $(,)?) => {
        /// Features of today's browsers that few pages need. What a page does need is allowed by name.
        ///
        /// `bluetooth` and `web-share` are left out on purpose: Chromium on Linux does not know them, and warns on every page.
        const POWERFUL: &[&str] = &[$first, $($other),+];
        const POWERFUL_DENIED: &str = concat!($first, "=()", $(", ", $other, "=()"),+);
    };
}

denied!(
    "accelerometer",
    "autoplay",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "cross-origin-isolated",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "keyboard-map",
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
    "sync-xhr",
    "unload",
    "usb",
    "window-management",
    "xr-spatial-tracking",
);

/// Values that a preset makes at run time, so that they too are sent without a copy.
pub(crate) const TEXTS: &[&str] = &[
    "max-age=31536000; includeSubDomains",
    "max-age=63072000; includeSubDomains",
    "camera=(), microphone=(), geolocation=(), payment=(self)",
    POWERFUL_DENIED,
    API_CSP,
    STRICT_STATIC_CSP,
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

    /// For answers that are data: nothing in them may run, load, be framed or be loaded by another site. Tabled in the
    /// [crate docs](crate#presets).
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
    /// loads it, and powerful features are denied. Tabled in the [crate docs](crate#presets).
    #[must_use]
    pub fn strict() -> Self {
        Self::empty()
            .hsts(Hsts::including_subdomains(TWO_YEARS))
            .frame_options(FrameOptions::Deny)
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .permissions_policy(PermissionsPolicy::denying(POWERFUL))
            .csp(Csp::preset(STRICT_CSP))
            .cross_origin_resource_policy(CrossOriginResourcePolicy::SameOrigin)
            .cross_origin_embedder_policy(CrossOriginEmbedderPolicy::RequireCorp)
            .cross_origin_opener_policy(CrossOriginOpenerPolicy::SameOrigin)
            .permitted_cross_domain_policies(PermittedCrossDomainPolicies::None)
            .dns_prefetch_control(DnsPrefetchControl::Off)
            .content_type_options(ContentTypeOptions::NoSniff)
            .cache_control(CacheControl::WherePrivate)
            .handler(Header::CacheControl, Handler::Override)
    }

    /// As [`strict`](Self::strict), for pages that are the same for everybody, which caches may keep: without a nonce.
    /// Scripts and styles come from files of the site; an inline one is [allowed by its text](Csp::allow_inline).
    #[must_use]
    pub fn strict_static() -> Self {
        Self::strict().csp(Csp::preset(STRICT_STATIC_CSP))
    }
}
