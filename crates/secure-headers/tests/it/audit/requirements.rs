//! Requirements of the ASVS, each met and not met.

use palisade_secure_headers::audit::{Answer, Page, PlainHttp, RuleSet, Scheme, Script};

use super::{answer, row, verdict};

const CSP: &str = "content-security-policy";
const COOKIE: &str = "set-cookie";

/// What the standard says of a requirement for `headers`.
fn check(id: &str, headers: &[(&str, &str)], expected: &str) {
    assert_eq!(verdict(RuleSet::asvs(), id, headers), expected, "{id}: {headers:?}");
}

/// The same of an answer of which more is known.
fn check_answer(id: &str, answer: &Answer, expected: &str) {
    let report = RuleSet::asvs().audit(answer);
    assert_eq!(row(&report, id).verdict.as_str(), expected, "{report}");
}

#[test]
fn cookies_are_secure_and_named_so() {
    check("3.3.1", &[], "n/a");
    check("3.3.1", &[(COOKIE, "__Host-a=1; Secure; Path=/")], "pass");
    check("3.3.1", &[(COOKIE, "__Secure-a=1; Secure; Domain=site.example")], "pass");
    check("3.3.1", &[(COOKIE, "a=1; Secure")], "FAIL");
    check("3.3.1", &[(COOKIE, "__host-a=1; Secure; Path=/")], "pass");
    check("3.3.1", &[(COOKIE, "__SECURE-a=1; Secure")], "pass");
    check("3.3.3", &[(COOKIE, "__HOST-a=1; Secure; Path=/")], "pass");
    check("3.3.3", &[(COOKIE, "__Secure-a=1; Secure")], "FAIL");
    check("3.3.3", &[(COOKIE, "__Secure-a=1; Secure; Domain=site.example")], "pass");
}

#[test]
fn a_cookie_that_browsers_drop_is_none() {
    for cookie in [
        "__Host-a=1; Path=/",
        "__Host-a=1; Secure; Domain=site.example",
        "__Host-a=1; Secure; Path=/x",
        "__Host-a=1; Secure",
        "__host-a=1; Secure; Path=/x",
        "__secure-a=1",
        "__Secure-a=1",
        "a=1; Domain=other.example",
        "a=1; Domain=ite.example",
        "a=1; Domain=example",
        "a",
    ] {
        check("3.3.1", &[(COOKIE, cookie)], "n/a");
    }
    check(
        "3.3.1",
        &[(COOKIE, "__Host-a=1; Secure; Path=/"), (COOKIE, "a=1; Domain=.SITE.example")],
        "FAIL",
    );
}

#[test]
fn cookies_say_same_site_and_sessions_http_only() {
    check("3.3.2", &[(COOKIE, "a=1; samesite=LAX")], "pass");
    check("3.3.2", &[(COOKIE, "a=1; SameSite=Maybe")], "FAIL");
    check("3.3.4", &[], "n/a");
    for name in ["theme", "inside", "author", "csrf_token", "XSRF-TOKEN", "sidebar", "lang"] {
        check("3.3.4", &[(COOKIE, &format!("{name}=1"))], "n/a");
    }
    for name in [
        "login",
        "PHPSESSID",
        "connect.sid",
        "sid",
        "access_token",
        "refreshToken",
        "jwt",
        "auth",
        "authToken",
        ".ASPXAUTH",
        "sb-x-auth-token",
        "__Host-sid",
        "wordpress_logged_in_1",
    ] {
        check("3.3.4", &[(COOKIE, &format!("{name}=1; Secure; Path=/"))], "FAIL");
        check("3.3.4", &[(COOKIE, &format!("{name}=1; Secure; Path=/; HttpOnly"))], "pass");
        check("14.3.2", &[(COOKIE, &format!("{name}=1; Secure; Path=/"))], "FAIL");
    }
    check("3.3.4", &[(COOKIE, "SESSION=1; HttpOnly")], "pass");
    check("3.3.4", &[(COOKIE, "SESSION=1")], "FAIL");
    let just = format!("n={}", "x".repeat(4_095));
    check("3.3.5", &[(COOKIE, &just)], "pass");
    check("3.3.5", &[(COOKIE, &format!("{just}x"))], "FAIL");
}

#[test]
fn tls_alone_for_a_year_and_below() {
    let hsts = |value| [("strict-transport-security", value)];
    check("3.4.1", &[], "FAIL");
    check("3.4.1", &hsts("max-age=31535999"), "FAIL");
    check("3.4.1", &hsts("max-age=\"31536000\""), "pass");
    check("3.4.1", &hsts("max-age=99999999999999999999999999"), "pass");
    check("3.4.1", &hsts("max-age=+31536000"), "FAIL");
    check("3.4.1", &hsts("max-age=31536000; max-age=31536000"), "FAIL");
    check("3.4.1", &hsts("max-age=31536000; includeSubDomains; includeSubDomains"), "FAIL");
    check("3.4.1+", &hsts("max-age=31536000; includeSubDomains; Max-Age=0"), "FAIL");
    check("3.4.1+", &hsts("max-age=31536000"), "FAIL");
    check("3.4.1+", &hsts("max-age=31536000; INCLUDESUBDOMAINS"), "pass");
    check_answer("3.4.1", &answer(&[]).over(Scheme::Http), "n/a");
    check_answer("12.2.1", &answer(&[]).over(Scheme::Http), "FAIL");
    check_answer("12.2.1", &answer(&[]).over(Scheme::UntrustedHttps), "FAIL");
    check_answer("12.2.1", &answer(&[]), "n/a");
    check_answer("12.2.1", &answer(&[]).plain_http(PlainHttp::Closed), "pass");
    check_answer("12.2.1", &answer(&[]).plain_http(PlainHttp::Untrusted), "FAIL");
    let away = ["http://site.example/", "https://site.example/"];
    let away = PlainHttp::Route(away.map(|url| url.parse().unwrap()).into());
    check_answer("12.2.1", &answer(&[]).plain_http(away), "pass");
    let beside = PlainHttp::Route(vec!["http://site.example/".parse().unwrap()]);
    check_answer("12.2.1", &answer(&[]).plain_http(beside), "FAIL");
}

#[test]
fn no_origin_gets_what_it_asks_for() {
    let told = |origin, credentials| {
        super::map(&[
            ("access-control-allow-origin", origin),
            ("access-control-allow-credentials", credentials),
        ])
    };
    let asked = |origin, credentials| {
        answer(&[]).cross_origin("https://a.example", told(origin, credentials))
    };
    check("3.4.2", &[], "n/a");
    check_answer("3.4.2", &answer(&[]).cross_origin("https://a.example", super::map(&[])), "pass");
    check_answer("3.4.2", &asked("https://b.example", "true"), "pass");
    check_answer("3.4.2", &asked("https://a.example", "false"), "FAIL");
    check_answer("3.4.2", &asked(" HTTPS://a.example", "false"), "FAIL");
    check_answer("3.4.2", &asked("https://a.example", "true"), "FAIL");
    check_answer("3.4.2", &asked("null", "true"), "FAIL");
    check("3.4.2", &[("access-control-allow-origin", "*")], "pass");
    check(
        "3.4.2",
        &[("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true")],
        "FAIL",
    );
}

#[test]
fn the_policy_forbids_objects_and_bases_and_lists_scripts() {
    let base = "object-src 'none'; base-uri 'none'; ";
    for (scripts, expected) in [
        ("script-src 'self'", "pass"),
        ("script-src 'nonce-a' 'strict-dynamic' https: 'unsafe-inline'", "pass"),
        ("script-src 'self' 'unsafe-inline'", "FAIL"),
        ("script-src https:", "FAIL"),
        ("script-src data:", "FAIL"),
        ("img-src 'self'", "FAIL"),
        ("default-src 'self'", "pass"),
        ("script-src 'self'; script-src-elem * 'unsafe-inline'", "FAIL"),
        ("script-src 'self'; script-src-elem 'self' 'unsafe-inline'", "FAIL"),
        ("script-src 'self'; script-src-attr 'unsafe-inline'", "FAIL"),
        ("script-src 'nonce-a'; script-src-attr 'nonce-a' 'unsafe-inline'", "pass"),
        ("script-src *; script-src-elem 'self'; script-src-attr 'none'", "FAIL"),
        ("script-src 'self'; script-src-elem 'nonce-a'; script-src-attr 'none'", "pass"),
        ("script-src 'nonce-' 'unsafe-inline'", "FAIL"),
        ("script-src 'nonce-' 'strict-dynamic' https:", "FAIL"),
        ("script-src 'sha256-' 'unsafe-inline'", "FAIL"),
        ("script-src 'nonce-a' 'unsafe-inline'", "pass"),
        ("script-src 'nonce-a==' 'unsafe-inline'", "pass"),
        ("script-src 'nonce-%' 'unsafe-inline'", "FAIL"),
        ("script-src 'nonce-a 'unsafe-inline'", "FAIL"),
        ("script-src *:443", "FAIL"),
        ("script-src *:*", "FAIL"),
        ("script-src https://*:*", "FAIL"),
        ("script-src https://*/a.js", "FAIL"),
        ("script-src filesystem:", "FAIL"),
        ("script-src *.site.example:443 https://site.example:*", "pass"),
    ] {
        check("3.4.3", &[(CSP, &format!("{base}{scripts}"))], expected);
    }
    check("3.4.3", &[(CSP, "default-src 'none'; base-uri 'none'")], "pass");
    check("3.4.3", &[(CSP, "default-src 'none'")], "FAIL");
    check(
        "3.4.3",
        &[("content-security-policy-report-only", "default-src 'none'; base-uri 'none'")],
        "FAIL",
    );
}

#[test]
fn several_policies_hold_together_and_the_first_of_a_directive_counts() {
    let two = [(CSP, "default-src 'self'; base-uri 'none'"), (CSP, "object-src 'none'")];
    check("3.4.3", &two, "pass");
    check("3.4.3", &[(CSP, "default-src 'self'; base-uri 'none', object-src 'none'")], "pass");
    check("3.4.3", &[(CSP, "default-src 'none'; base-uri 'none'; base-uri *")], "pass");
    check("3.4.3", &[(CSP, "default-src 'none'; base-uri *; base-uri 'none'")], "FAIL");
    check("3.4.3", &[(CSP, "DEFAULT-SRC 'None'; Base-Uri\t'NONE';;unknown;")], "pass");
    check("3.4.3+", &[(CSP, "script-src 'nonce-abc'"), (CSP, "script-src 'self'")], "FAIL");
    check("3.4.3+", &[(CSP, "script-src 'sha256-abc'"), (CSP, "img-src 'self'")], "pass");
    check("3.4.3+", &[(CSP, "default-src 'none'")], "pass");
    check("3.4.3+", &[(CSP, "script-src 'nonce-a'; script-src-elem *")], "FAIL");
    check("3.4.3+", &[(CSP, "script-src 'none'; script-src-elem *")], "FAIL");
    check("3.4.3+", &[(CSP, "script-src 'nonce-' https:")], "FAIL");
    let two = [
        (CSP, "default-src 'none'; base-uri 'none'; script-src 'self'; script-src-elem *"),
        (CSP, "script-src-elem 'self'"),
    ];
    check("3.4.3", &two, "pass");
}

#[test]
fn a_policy_of_the_page_says_nothing_about_frames() {
    let page = Page {
        policies: vec![
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; report-uri /x".into(),
        ],
        ..Page::default()
    };
    let answer = answer(&[]).page(page);
    check_answer("3.4.3", &answer, "pass");
    check_answer("3.4.6", &answer, "FAIL");
    check_answer("3.4.7", &answer, "FAIL");
}

#[test]
fn who_may_frame_open_and_load_is_said() {
    check("3.4.6", &[("x-frame-options", "DENY")], "FAIL");
    check("3.4.6", &[(CSP, "frame-ancestors 'self' https://a.example")], "pass");
    for all in ["*", "*:443", "https://*:*", "http://*", "https:"] {
        check("3.4.6", &[(CSP, &format!("frame-ancestors {all}"))], "FAIL");
    }
    check("3.4.6", &[(CSP, "default-src 'none'")], "FAIL");
    check("3.4.7", &[(CSP, "default-src 'none'; report-to csp")], "pass");
    let page = ("content-type", "text/html; charset=utf-8");
    let opener = "cross-origin-opener-policy";
    check("3.4.8", &[page], "FAIL");
    check("3.4.8", &[page, (opener, "same-origin; report-to=\"x\"")], "pass");
    check("3.4.8", &[page, (opener, "unsafe-none")], "FAIL");
    for kind in ["Text/HTML", "text/html ; charset=utf-8", " text/html", "image/svg+xml"] {
        check("3.4.8", &[("content-type", kind)], "FAIL");
    }
    check("3.4.8", &[("content-type", "application/json")], "n/a");
    check("3.5.8", &[("cross-origin-resource-policy", "same-site")], "pass");
    check("3.5.8", &[("cross-origin-resource-policy", "cross-origin")], "FAIL");
}

#[test]
fn the_rest_of_the_headers() {
    check("3.4.4", &[("x-content-type-options", "NOSNIFF")], "pass");
    check("3.4.4", &[], "FAIL");
    check("3.4.5", &[("referrer-policy", "unsafe-url, strict-origin")], "pass");
    check("3.4.5", &[("referrer-policy", "unsafe-url")], "FAIL");
    check("4.1.1", &[("content-type", "text/html; charset=utf-8")], "pass");
    check("4.1.1", &[("content-type", "application/atom+xml")], "FAIL");
    check("4.1.1", &[("content-type", "application/json")], "pass");
    check("4.1.1", &[("content-type", "text/event-stream")], "pass");
    check("4.1.1", &[], "FAIL");
    check("13.4.6", &[("server", "nginx")], "pass");
    check("13.4.6", &[("server", "nginx/1.29.1")], "FAIL");
    check("14.3.2", &[("cache-control", "public, max-age=60")], "n/a");
    check("14.3.2", &[("cache-control", "private, max-age=60")], "FAIL");
    check("14.3.2", &[("cache-control", "private, no-store")], "pass");
    check("14.3.2", &[(COOKIE, "session=1; HttpOnly")], "FAIL");
    check("14.3.2", &[(COOKIE, "theme=dark")], "n/a");
}

#[test]
fn foreign_scripts_have_their_hash() {
    let page = |src: &str, integrity: Option<&str>| {
        let script = Script { src: Some(src.into()), integrity: integrity.map(str::to_owned) };
        answer(&[]).page(Page { scripts: vec![script], ..Page::default() })
    };
    check("3.6.1", &[], "n/a");
    check_answer("3.6.1", &page("https://cdn.other/a.js", None), "FAIL");
    check_answer("3.6.1", &page("//cdn.other/a.js", None), "FAIL");
    check_answer("3.6.1", &page("https://cdn.other/a.js", Some("sha384-x")), "pass");
    check_answer("3.6.1", &page("https://www.site.example/a.js", None), "pass");
    check_answer("3.6.1", &page("/a.js", None), "pass");
}
