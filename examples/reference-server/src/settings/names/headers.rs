//! What browsers are told to do, and not to do, with pages.

use super::{Part, Setting, setting};

pub(super) const HEADERS: &[Setting] = &[
    setting(
        Part::Headers,
        "SECURITY_HEADERS",
        "polymech",
        "`polymech` or `strict`",
        "Which security headers answers carry: the documented ones, or those that let pages load their own alone and no other site frame them, embeds excepted.",
    ),
    setting(
        Part::Headers,
        "CSP_REPORTS",
        "off",
        "`on` or `off`",
        "Has browsers report to /api/csp-reports what the Content-Security-Policy refused, whichever SECURITY_HEADERS there are: it adds to them where to report.",
    ),
];
