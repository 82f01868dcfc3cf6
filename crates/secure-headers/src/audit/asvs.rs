//! What the OWASP ASVS asks of headers and cookies: chapters 3.3 to 3.7, and those beside that one answer shows.

use http::{StatusCode, header};

use super::{
    Level, PlainHttp, Scheme,
    cookie::Cookie,
    csp,
    facts::Facts,
    report,
    rule_set::{Finding, Published, Rule},
    site,
};

pub(super) static RULES: Published = Published {
    name: "OWASP ASVS",
    version: "5.0.0",
    date: "2025-05-30",
    source: "https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/en",
    rules: &REQUIREMENTS,
    mark: report::level,
};

/// By number. Where a level asks for more of the same, the number stands twice.
static REQUIREMENTS: [Rule; 21] = [
    rule("3.3.1", Level::L1, "cookies are Secure and named __Host- or __Secure-", secure_cookies),
    rule("3.3.2", Level::L2, "cookies say SameSite", same_site),
    rule(
        "3.3.3",
        Level::L2,
        "cookies are named __Host-, unless other hosts share them",
        host_cookies,
    ),
    rule("3.3.4", Level::L2, "sessions are HttpOnly", http_only),
    rule("3.3.5", Level::L3, "name and value of a cookie have 4096 bytes at the most", cookie_size),
    rule("3.4.1", Level::L1, "Strict-Transport-Security of a year", hsts),
    rule("3.4.1+", Level::L2, "... for subdomains too", hsts_subdomains),
    rule("3.4.2", Level::L1, "Access-Control-Allow-Origin is fixed or listed", cors),
    rule(
        "3.4.3",
        Level::L2,
        "a policy with object-src 'none', base-uri 'none' and listed scripts",
        policy,
    ),
    rule("3.4.3+", Level::L3, "... with a nonce or hashes", policy_with_nonce),
    rule("3.4.4", Level::L2, "X-Content-Type-Options: nosniff", nosniff),
    rule("3.4.5", Level::L2, "a Referrer-Policy that tells other sites no path", referrer_policy),
    rule("3.4.6", Level::L2, "frame-ancestors, not X-Frame-Options alone", frame_ancestors),
    rule("3.4.7", Level::L3, "the policy says where to report", reporting),
    rule("3.4.8", Level::L3, "pages have a Cross-Origin-Opener-Policy", opener_policy),
    rule("3.5.8", Level::L3, "a Cross-Origin-Resource-Policy", resource_policy),
    rule("3.6.1", Level::L3, "foreign scripts have their hash", integrity),
    rule("4.1.1", Level::L1, "Content-Type, with its charset where it is text", content_type),
    rule("12.2.1", Level::L1, "TLS, and no way around it", tls),
    rule("13.4.6", Level::L3, "no versions of what runs behind", versions),
    rule("14.3.2", Level::L2, "no-store where an answer is for one person", no_store),
];

const fn rule(
    id: &'static str,
    level: Level,
    what: &'static str,
    check: fn(&Facts<'_>) -> Finding,
) -> Rule {
    Rule { id, what, level: Some(level), check }
}

/// A year, in seconds.
const YEAR: u64 = 31_536_000;
const LARGEST_COOKIE: usize = 4_096;
/// What tells other sites no path.
const DISCREET: [&str; 4] =
    ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];

/// The names of cookies for which `fault` is so; passes if there are none.
fn cookies(facts: &Facts<'_>, fix: &'static str, fault: fn(&Cookie) -> bool) -> Finding {
    if facts.cookies.is_empty() {
        return Finding::not_applicable("no cookies");
    }
    let at_fault: Vec<&str> = facts
        .cookies
        .iter()
        .filter(|cookie| fault(cookie))
        .map(|cookie| cookie.name.as_str())
        .collect();
    if at_fault.is_empty() { Finding::pass("all") } else { Finding::fail(at_fault.join(", "), fix) }
}

fn secure_cookies(facts: &Facts<'_>) -> Finding {
    cookies(facts, "add Secure, and begin the name with __Host- or __Secure-", |cookie| {
        let named = ["__Host-", "__Secure-"].iter().any(|prefix| cookie.begins(prefix));
        !(cookie.is_secure && named)
    })
}

fn same_site(facts: &Facts<'_>) -> Finding {
    cookies(facts, "set SameSite=Strict or Lax; None only where other sites need it", |cookie| {
        cookie.same_site.is_none()
    })
}

fn host_cookies(facts: &Facts<'_>) -> Finding {
    cookies(facts, "begin the name with __Host-, with Path=/ and without Domain", |cookie| {
        cookie.domain.is_none() && !cookie.begins("__Host-")
    })
}

fn http_only(facts: &Facts<'_>) -> Finding {
    if !facts.cookies.iter().any(Cookie::says_session) {
        return Finding::not_applicable("no name says session");
    }
    cookies(facts, "add HttpOnly", |cookie| cookie.says_session() && !cookie.is_http_only)
}

fn cookie_size(facts: &Facts<'_>) -> Finding {
    cookies(facts, "keep less in the cookie: browsers drop it", |cookie| {
        cookie.name.len().saturating_add(cookie.value.len()) > LARGEST_COOKIE
    })
}

/// The lifetime and the words of `Strict-Transport-Security` (RFC 6797 section 6.1); of two headers the first counts. Where a
/// directive stands twice, none counts.
pub(super) fn hsts_of(facts: &Facts<'_>) -> Option<(u64, bool, String)> {
    let text = facts.answer.first(header::STRICT_TRANSPORT_SECURITY)?;
    let lower = text.to_lowercase();
    let mut ages = Vec::new();
    let mut subdomains = 0_usize;
    for word in lower.split(';') {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name.trim() {
            "max-age" => ages.push(seconds(value)),
            "includesubdomains" => subdomains = subdomains.saturating_add(1),
            _ => {}
        }
    }
    let (age, all) = match ages.as_slice() {
        [age] if subdomains < 2 => (*age, subdomains == 1),
        _ => (0, false),
    };
    Some((age, all, text))
}

/// A number of seconds, in quotes or without. More than can be counted are for ever.
fn seconds(text: &str) -> u64 {
    let digits = text.trim().trim_matches('"');
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().unwrap_or(u64::MAX) } else { 0 }
}

fn hsts(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send Strict-Transport-Security: max-age=31536000; includeSubDomains";
    match hsts_of(facts) {
        _ if facts.answer.scheme == Scheme::Http => Finding::not_applicable("not over TLS"),
        None => Finding::fail("none", FIX),
        Some((age, _, text)) => Finding::when((age >= YEAR).then_some(()), text, FIX),
    }
}

fn hsts_subdomains(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "add includeSubDomains";
    match hsts_of(facts) {
        _ if facts.answer.scheme == Scheme::Http => Finding::not_applicable("not over TLS"),
        None => Finding::fail("none", FIX),
        Some((_, all, text)) => Finding::when(all.then_some(()), text, FIX),
    }
}

fn cors(facts: &Facts<'_>) -> Finding {
    let row = super::observatory::cross_origin(facts);
    let told = facts.answer.text(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).unwrap_or_default();
    let asked = facts.answer.cross_origin.as_ref().map(|(origin, _)| origin.trim());
    match row.found.trim() {
        "none" if asked.is_none() => Finding::not_applicable("no foreign origin was answered"),
        "none" => Finding::pass("none"),
        found if asked.is_some_and(|origin| found.eq_ignore_ascii_case(origin)) => Finding::fail(
            format!("{found}: whoever asks"),
            "never echo the Origin that asks; compare it with a list",
        ),
        "*" if told.trim() == "true" => {
            Finding::fail("* with credentials", "name the origins that may send credentials")
        }
        "*" => Finding::pass("*: fine for what everybody may read"),
        "null" => Finding::fail("null", "never allow `null`: any sandboxed frame has this origin"),
        _ => row,
    }
}

fn policy(facts: &Facts<'_>) -> Finding {
    let policies = &facts.policies;
    if policies.is_empty() {
        return Finding::fail("none", "send a Content-Security-Policy");
    }
    let none_of = |directive| policies.say(directive, csp::is_none);
    let missing = [
        ("object-src 'none'", none_of("object-src")),
        ("base-uri 'none'", none_of("base-uri")),
        ("a list, a nonce or hashes for every script", policies.guard_scripts()),
    ];
    let missing: Vec<&str> =
        missing.into_iter().filter(|(_, is_so)| !is_so).map(|(what, _)| what).collect();
    if missing.is_empty() {
        return Finding::pass("object-src 'none', base-uri 'none', guarded scripts");
    }
    Finding::fail(format!("without {}", missing.join(", ")), "say so in the policy")
}

fn policy_with_nonce(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "let scripts through by a nonce per answer, or by their hashes";
    let policies = &facts.policies;
    let proven = policies.allow("script-src-elem", csp::is_proven);
    let nothing_runs = policies.say("script-src-elem", csp::is_none);
    let found = if proven { "nonce or hashes" } else { "neither" };
    let found = if nothing_runs { "no script runs" } else { found };
    Finding::when((proven || nothing_runs).then_some(()), found, FIX)
}

fn nosniff(facts: &Facts<'_>) -> Finding {
    let told = facts.answer.text(header::X_CONTENT_TYPE_OPTIONS);
    // Of several the first counts (Fetch, "determine nosniff").
    let first = told.as_deref().and_then(|told| told.split(',').next()).unwrap_or_default();
    let holds = first.trim().eq_ignore_ascii_case("nosniff").then_some(());
    Finding::when(holds, or_none(told), "send X-Content-Type-Options: nosniff")
}

fn referrer_policy(facts: &Facts<'_>) -> Finding {
    let header = facts.answer.text(header::REFERRER_POLICY);
    let page = facts.answer.page.as_ref().and_then(|page| page.referrer.clone());
    let told = page.or(header);
    // The last that is known counts (Referrer Policy section 8.1); one that is talkative is not what is asked for.
    let last = told.as_deref().and_then(|told| told.rsplit(',').next()).unwrap_or_default();
    let holds = DISCREET.contains(&last.trim().to_lowercase().as_str()).then_some(());
    Finding::when(
        holds,
        or_none(told),
        "send Referrer-Policy: strict-origin-when-cross-origin, or stricter",
    )
}

fn frame_ancestors(facts: &Facts<'_>) -> Finding {
    const FIX: &str =
        "say frame-ancestors 'none', or who may frame it; * only for what is made to be framed";
    let policies = &facts.policies;
    let found = match policies.have("frame-ancestors") {
        true if policies.say("frame-ancestors", csp::is_narrow) => return Finding::pass("listed"),
        true => "anybody may frame it",
        false => "none",
    };
    Finding::fail(found, FIX)
}

fn reporting(facts: &Facts<'_>) -> Finding {
    if facts.policies.is_empty() {
        return Finding::fail("no policy", "send a Content-Security-Policy with report-to");
    }
    let told = ["report-to", "report-uri"].into_iter().find(|name| facts.policies.have(name));
    Finding::when(
        told.map(|_| ()),
        told.unwrap_or("none"),
        "add report-to, and report-uri for browsers that know no other",
    )
}

fn opener_policy(facts: &Facts<'_>) -> Finding {
    if !facts.answer.is_page() {
        return Finding::not_applicable("no page");
    }
    let told = facts.answer.text("cross-origin-opener-policy");
    let word = told.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
    let holds = ["same-origin", "same-origin-allow-popups"].contains(&word.trim()).then_some(());
    Finding::when(holds, or_none(told.clone()), "send Cross-Origin-Opener-Policy: same-origin")
}

fn resource_policy(facts: &Facts<'_>) -> Finding {
    let told = facts.answer.text("cross-origin-resource-policy");
    let word = told.as_deref().unwrap_or_default().trim();
    let holds = ["same-origin", "same-site"].contains(&word).then_some(());
    Finding::when(
        holds,
        or_none(told.clone()),
        "send Cross-Origin-Resource-Policy: same-origin, or check Sec-Fetch-Site",
    )
}

fn integrity(facts: &Facts<'_>) -> Finding {
    let Some(page) = &facts.answer.page else {
        return Finding::not_applicable("the page was not looked at");
    };
    let own = site::registered(&facts.answer.host);
    let is_foreign = |src: &str| {
        let place = if src.starts_with("//") { format!("https:{src}") } else { src.to_owned() };
        let host = place.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        host.is_some_and(|host| host != *facts.answer.host && site::registered(&host) != own)
    };
    let bare: Vec<&str> = page
        .scripts
        .iter()
        .filter(|script| script.integrity.as_deref().unwrap_or_default().is_empty())
        .filter_map(|script| script.src.as_deref())
        .filter(|src| is_foreign(src))
        .collect();
    if bare.is_empty() {
        return Finding::pass("no foreign script without its hash");
    }
    Finding::fail(bare.join(", "), "add integrity= and crossorigin to foreign scripts")
}

fn content_type(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "send a Content-Type, with charset=utf-8 where it is text";
    let answer = facts.answer;
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&answer.status);
    if bodiless || answer.status.is_redirection() {
        return Finding::not_applicable("no body to speak of");
    }
    let Some(told) = answer.first(header::CONTENT_TYPE) else { return Finding::fail("none", FIX) };
    let lower = told.to_lowercase();
    let kind = lower.split(';').next().unwrap_or_default().trim();
    // JSON is UTF-8 whatever is said (RFC 8259 section 8.1).
    let is_text = kind.starts_with("text/") || kind.ends_with("xml");
    // `text/event-stream` is UTF-8 whatever is said (HTML section 9.2.5).
    let holds = !is_text || kind == "text/event-stream" || lower.contains("charset=");
    Finding::when(holds.then_some(()), told, FIX)
}

fn tls(facts: &Facts<'_>) -> Finding {
    const FIX: &str = "serve over TLS alone; redirect pages from plain HTTP";
    match (&facts.answer.plain_http, facts.answer.scheme) {
        (_, Scheme::Http) => Finding::fail("plain HTTP", FIX),
        (_, Scheme::UntrustedHttps) => {
            Finding::fail("a certificate that does not count", "install one that browsers trust")
        }
        (Some(PlainHttp::Route(route)), Scheme::Https)
            if route.last().is_some_and(|last| last.scheme_str() != Some("https")) =>
        {
            Finding::fail("plain HTTP is served beside", FIX)
        }
        (Some(PlainHttp::Untrusted), Scheme::Https) => {
            Finding::fail("plain HTTP leads to a certificate that does not count", FIX)
        }
        (None, Scheme::Https) => Finding::not_applicable("plain HTTP was not asked"),
        (Some(_), Scheme::Https) => Finding::pass("TLS"),
    }
}

fn versions(facts: &Facts<'_>) -> Finding {
    let names =
        ["server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator"];
    let told = names.into_iter().filter_map(|name| {
        let value = facts.answer.text(name)?;
        let says = value.contains(|letter: char| letter.is_ascii_digit());
        says.then(|| format!("{name}: {value}"))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return Finding::pass("none");
    }
    Finding::fail(told.join(", "), "take the header away, or its version")
}

fn no_store(facts: &Facts<'_>) -> Finding {
    let told = facts.answer.text(header::CACHE_CONTROL);
    let lower = told.as_deref().unwrap_or_default().to_lowercase();
    let has = |wanted: &str| lower.split(',').any(|word| word.trim() == wanted);
    let is_personal = facts.cookies.iter().any(Cookie::says_session) || has("private");
    if !is_personal {
        return Finding::not_applicable("nothing says that it is for one person");
    }
    Finding::when(
        has("no-store").then_some(()),
        or_none(told.clone()),
        "send Cache-Control: no-store",
    )
}

/// What was found, or that nothing was.
pub(super) fn or_none(told: Option<String>) -> String {
    told.unwrap_or_else(|| "none".to_owned())
}
