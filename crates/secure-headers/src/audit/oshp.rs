//! What the OWASP Secure Headers Project recommends: headers to send (`ci/headers_add.json`), and headers to take away
//! (`ci/headers_remove.json`).

use http::header;

use super::{
    Scheme,
    asvs::{hsts_of, or_none},
    csp,
    facts::Facts,
    report,
    rule_set::{Finding, Published, Rule},
};

pub(super) static RULES: Published = Published {
    name: "OWASP Secure Headers",
    version: "2024-09-02",
    date: "2024-09-02",
    source: "https://github.com/OWASP/www-project-secure-headers/tree/main/ci",
    rules: &RECOMMENDATIONS,
    mark: report::count,
};

static RECOMMENDATIONS: [Rule; 13] = [
    rule("cache-control", "no-store, max-age=0 on pages", cache_control),
    rule("clear-site-data", "\"cache\",\"cookies\",\"storage\" on logout", clear_site_data),
    rule("content-security-policy", "own sources, forms and frames alone", policy),
    rule("cross-origin-embedder-policy", "require-corp", embedder_policy),
    rule("cross-origin-opener-policy", "same-origin", opener_policy),
    rule("cross-origin-resource-policy", "same-origin", resource_policy),
    rule("permissions-policy", "powerful features denied", permissions_policy),
    rule("referrer-policy", "no-referrer", referrer_policy),
    rule("strict-transport-security", "max-age=31536000; includeSubDomains", hsts),
    rule("x-content-type-options", "nosniff", nosniff),
    rule("x-frame-options", "deny", frame_options),
    rule("x-permitted-cross-domain-policies", "none", cross_domain),
    rule("headers to remove", "nothing that tells what runs behind", removed),
];

const fn rule(id: &'static str, what: &'static str, check: fn(&Facts<'_>) -> Finding) -> Rule {
    Rule { id, what, level: None, check }
}

/// Features that a page must not give away, if it does not say so for itself.
const POWERFUL: [&str; 3] = ["camera", "geolocation", "microphone"];

/// Headers that tell what runs behind.
const TO_REMOVE: [&str; 69] = [
    "$wsep",
    "host-header",
    "k-proxy-request",
    "liferay-portal",
    "oraclecommercecloud-version",
    "pega-host",
    "powered-by",
    "product",
    "server",
    "sourcemap",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-atmosphere-error",
    "x-atmosphere-first-request",
    "x-atmosphere-tracking-id",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-spanid",
    "x-b3-traceid",
    "x-beserver",
    "x-calculatedbetarget",
    "x-cf-powered-by",
    "x-cms",
    "x-cocoon-version",
    "x-content-encoded-by",
    "x-diaginfo",
    "x-dtagentid",
    "x-dthealthcheck",
    "x-dtinjectedservlet",
    "x-envoy-attempt-count",
    "x-envoy-external-address",
    "x-envoy-internal",
    "x-envoy-original-dst-host",
    "x-envoy-upstream-service-time",
    "x-feserver",
    "x-framework",
    "x-generated-by",
    "x-generator",
    "x-jitsi-release",
    "x-joomla-version",
    "x-kubernetes-pf-flowschema-ui",
    "x-kubernetes-pf-prioritylevel-uid",
    "x-litespeed-cache",
    "x-litespeed-cache-control",
    "x-litespeed-purge",
    "x-litespeed-tag",
    "x-litespeed-vary",
    "x-mod-pagespeed",
    "x-nextjs-cache",
    "x-nextjs-matched-path",
    "x-nextjs-page",
    "x-nextjs-redirect",
    "x-old-content-length",
    "x-oneagent-js-injection",
    "x-owa-version",
    "x-page-speed",
    "x-php-version",
    "x-powered-by",
    "x-powered-by-plesk",
    "x-powered-cms",
    "x-redirect-by",
    "x-ruxit-js-agent",
    "x-server-powered-by",
    "x-sourcefiles",
    "x-sourcemap",
    "x-turbo-charged-by",
    "x-umbraco-version",
    "x-varnish-backend",
    "x-varnish-server",
];

/// Passes if the header is one of `allowed`, without its parameters.
fn one_of(facts: &Facts<'_>, name: &'static str, allowed: &[&str], fix: &'static str) -> Finding {
    let told = facts.answer.text(name);
    let word = told.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
    let holds = allowed.iter().any(|allowed| word.trim().eq_ignore_ascii_case(allowed));
    Finding::when(holds.then_some(()), or_none(told.clone()), fix)
}

/// What only a page needs.
fn of_page(facts: &Facts<'_>, check: impl FnOnce() -> Finding) -> Finding {
    if facts.answer.is_page() { check() } else { Finding::not_applicable("no page") }
}

fn cache_control(facts: &Facts<'_>) -> Finding {
    of_page(facts, || {
        let told = facts.answer.text(header::CACHE_CONTROL);
        let lower = told.as_deref().unwrap_or_default().to_lowercase();
        let holds = lower.split(',').any(|word| word.trim() == "no-store").then_some(());
        Finding::when(holds, or_none(told), "send Cache-Control: no-store, max-age=0")
    })
}

fn clear_site_data(facts: &Facts<'_>) -> Finding {
    let Some(told) = facts.answer.text("clear-site-data") else {
        return Finding::not_applicable("for the answer that logs out");
    };
    let all = ["\"cache\"", "\"cookies\"", "\"storage\""].iter().all(|part| told.contains(part));
    let holds = (all || told.contains("\"*\"")).then_some(());
    Finding::when(holds, told, "send Clear-Site-Data: \"cache\",\"cookies\",\"storage\"")
}

fn policy(facts: &Facts<'_>) -> Finding {
    let policies = &facts.policies;
    if policies.is_empty() {
        return Finding::fail("none", "send a Content-Security-Policy");
    }
    let missing = [
        ("default-src 'self'", policies.say("default-src", csp::is_own)),
        ("form-action 'self'", policies.say("form-action", csp::is_own)),
        ("object-src 'none'", policies.say("object-src", csp::is_none)),
        ("frame-ancestors 'none'", policies.say("frame-ancestors", csp::is_own)),
        ("guarded scripts", policies.guard_scripts()),
    ];
    let missing: Vec<&str> =
        missing.into_iter().filter(|(_, is_so)| !is_so).map(|(what, _)| what).collect();
    if missing.is_empty() {
        return Finding::pass("own sources alone");
    }
    Finding::fail(format!("without {}", missing.join(", ")), "say so in the policy, or stricter")
}

fn embedder_policy(facts: &Facts<'_>) -> Finding {
    const FIX: &str =
        "send Cross-Origin-Embedder-Policy: require-corp, if what the page loads allows it";
    let allowed = ["require-corp", "credentialless"];
    of_page(facts, || one_of(facts, "cross-origin-embedder-policy", &allowed, FIX))
}

fn opener_policy(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send Cross-Origin-Opener-Policy: same-origin";
    let allowed = ["same-origin", "same-origin-allow-popups"];
    of_page(facts, || one_of(facts, "cross-origin-opener-policy", &allowed, FIX))
}

fn resource_policy(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send Cross-Origin-Resource-Policy: same-origin";
    one_of(facts, "cross-origin-resource-policy", &["same-origin", "same-site"], FIX)
}

fn permissions_policy(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "deny what the page does not need: camera=(), geolocation=(), microphone=()";
    of_page(facts, || {
        let Some(told) = facts.answer.text("permissions-policy") else {
            return Finding::fail("none", FIX);
        };
        let members: Vec<String> =
            told.split(',').map(|member| member.replace(' ', "").to_lowercase()).collect();
        let kept = |feature: &&&str| {
            let own = ["=()", "=(self)", "=self"];
            !own.iter().any(|list| members.contains(&format!("{feature}{list}")))
        };
        let given: Vec<&str> = POWERFUL.iter().filter(kept).copied().collect();
        if given.is_empty() {
            return Finding::pass(told);
        }
        Finding::fail(format!("gives away {}", given.join(", ")), FIX)
    })
}

fn referrer_policy(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send Referrer-Policy: no-referrer";
    let allowed =
        ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];
    one_of(facts, "referrer-policy", &allowed, FIX)
}

fn hsts(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send Strict-Transport-Security: max-age=31536000; includeSubDomains";
    match hsts_of(facts) {
        _ if facts.answer.scheme == Scheme::Http => Finding::not_applicable("not over TLS"),
        None => Finding::fail("none", FIX),
        Some((age, all, text)) => {
            Finding::when((age >= 31_536_000 && all).then_some(()), text, FIX)
        }
    }
}

fn nosniff(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send X-Content-Type-Options: nosniff";
    one_of(facts, "x-content-type-options", &["nosniff"], FIX)
}

/// `frame-ancestors` puts it out of force (CSP 3 section 6.4.2.2).
fn frame_options(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send X-Frame-Options: deny";
    if facts.answer.text(header::X_FRAME_OPTIONS).is_none()
        && facts.policies.say("frame-ancestors", csp::is_narrow)
    {
        return Finding::pass("by frame-ancestors");
    }
    one_of(facts, "x-frame-options", &["deny", "sameorigin"], FIX)
}

fn cross_domain(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send X-Permitted-Cross-Domain-Policies: none";
    one_of(facts, "x-permitted-cross-domain-policies", &["none"], FIX)
}

fn removed(facts: &Facts<'_>) -> Finding {
    let names = facts.answer.headers.keys().map(http::HeaderName::as_str);
    let told: Vec<&str> = names.filter(|name| TO_REMOVE.contains(name)).collect();
    if told.is_empty() {
        return Finding::pass("none");
    }
    Finding::fail(told.join(", "), "take them away")
}
