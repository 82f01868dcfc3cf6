//! The security headers that were asked for.

use palisade::{
    core::{ConfigError, RouteTag},
    secure_headers::{
        CrossOriginResourcePolicy, Directive, Header, HeaderSet, SecureHeadersPolicy,
    },
};

use crate::{
    routes::{CSP_REPORTS, REFERENCE},
    settings::{self, CertificateSource, HeaderPreset, Settings},
};

/// What policies call the endpoint.
const ENDPOINT: &str = "csp";

/// The headers of every answer.
///
/// Reports go to a path and not to `PUBLIC_URL`: whichever name a page was reached by, its reports are of the same origin,
/// and no browser asks first whether it may send them.
///
/// Nothing says HSTS for a certificate of the server's own: it counts for all ports of a host, and once somebody trusts that
/// certificate, all that he serves by HTTP on localhost would be out of reach for a year.
pub(crate) fn policy(settings: &Settings) -> Result<SecureHeadersPolicy, ConfigError> {
    let policy = match settings.headers.preset {
        HeaderPreset::Polymech => SecureHeadersPolicy::polymech(),
        HeaderPreset::Strict => SecureHeadersPolicy::strict()
            .override_for(RouteTag::EMBED, |headers| Ok(embeddable(headers)))?
            .override_for(REFERENCE, showing_the_reference)?,
    };
    let source = settings.tls.as_ref().map(|tls| &tls.source);
    let policy = match source {
        Some(CertificateSource::SelfSigned(_)) => {
            policy.change(|headers| Ok(headers.without(Header::Hsts)))?
        }
        Some(CertificateSource::Files { .. }) | None => policy,
    };
    match settings.headers.csp_reports {
        settings::CspReports::Sent => {
            policy.change(|headers| headers.report_csp(ENDPOINT, CSP_REPORTS))
        }
        settings::CspReports::NotSent => Ok(policy),
    }
}

/// For every site's frames; those of a site that is isolated show what says that it may be loaded by others.
fn embeddable(headers: HeaderSet) -> HeaderSet {
    headers.embeddable().cross_origin_resource_policy(CrossOriginResourcePolicy::CrossOrigin)
}

/// For the two programs that show the API's description: they write HTML and styles by themselves, and pictures into those.
/// Scripts still run by the nonce alone, and nothing is loaded from elsewhere.
fn showing_the_reference(headers: HeaderSet) -> Result<HeaderSet, ConfigError> {
    headers.change_csp(|csp| {
        let csp = csp.without(Directive::RequireTrustedTypesFor).without(Directive::TrustedTypes);
        // A nonce beside it would take it back.
        let csp = csp.directive(Directive::StyleSrc, ["'self'", "'unsafe-inline'"])?;
        csp.allow(Directive::ImgSrc, "data:")
    })
}
