//! The security headers that were asked for.

use palisade::{
    core::{ConfigError, RouteTag},
    secure_headers::{CrossOriginResourcePolicy, HeaderSet, SecureHeadersPolicy},
};

use crate::{
    routes::CSP_REPORTS,
    settings::{self, HeaderPreset, HeaderSettings},
};

/// What policies call the endpoint.
const ENDPOINT: &str = "csp";

/// The headers of every answer.
///
/// Reports go to a path and not to `PUBLIC_URL`: whichever name a page was reached by, its reports are of the same origin,
/// and no browser asks first whether it may send them.
pub(crate) fn policy(settings: HeaderSettings) -> Result<SecureHeadersPolicy, ConfigError> {
    let policy = match settings.preset {
        HeaderPreset::Polymech => SecureHeadersPolicy::polymech(),
        HeaderPreset::Strict => SecureHeadersPolicy::strict()
            .override_for(RouteTag::EMBED, |headers| Ok(embeddable(headers)))?,
    };
    match settings.csp_reports {
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
