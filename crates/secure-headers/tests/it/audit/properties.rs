//! Laws that hold for any answer.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use palisade_secure_headers::audit::{Answer, Grade, Mark, Page, RuleSet, Scheme, Verdict};
use proptest::prelude::*;

const NAMES: [&str; 14] = [
    "content-security-policy",
    "content-security-policy-report-only",
    "set-cookie",
    "strict-transport-security",
    "referrer-policy",
    "x-frame-options",
    "x-content-type-options",
    "cross-origin-resource-policy",
    "cross-origin-opener-policy",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "permissions-policy",
    "content-type",
    "cache-control",
];

/// Values that are nearly right, and any bytes a header may hold.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(
        &[
            "default-src",
            "script-src",
            "'none'",
            "'self'",
            "'unsafe-inline'",
            "'nonce-a'",
            "'strict-dynamic'",
            "https:",
            "*",
            ";",
            ",",
            "=",
            "max-age=",
            "31536000",
            "-",
            "includeSubDomains",
            "session=1",
            "Secure",
            "SameSite",
            "Domain=",
            "a.example",
            "/",
            "text/html",
            "frame-ancestors",
            "base-uri",
            "true",
            "nosniff",
            "\u{e9}",
        ][..],
    );
    prop_oneof![
        prop::collection::vec(word, 0..12).prop_map(|words| words.join(" ").into_bytes()),
        prop::collection::vec(word_byte(), 0..40),
    ]
}

fn word_byte() -> impl Strategy<Value = u8> {
    prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff, Just(b'\t')]
}

fn html() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        &[
            "<",
            ">",
            "script",
            "/script",
            " src=",
            "'",
            "\"",
            "=",
            "//a.b/c",
            "http://a.b",
            "<!--",
            "-->",
            "<meta ",
            "http-equiv=",
            "content=",
            "content-security-policy",
            "title",
            "</",
            " ",
            "é",
            "integrity=x",
            "&amp;",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{1b}[2J",
        ][..],
    );
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn answers() -> impl Strategy<Value = Answer> {
    let headers = prop::collection::vec((prop::sample::select(&NAMES[..]), value()), 0..10);
    let scheme = prop::sample::select(&[Scheme::Https, Scheme::Http, Scheme::UntrustedHttps][..]);
    (headers, scheme, prop::option::of(html()), "[a-z.]{0,12}").prop_map(
        |(list, scheme, html, host)| {
            let mut headers = HeaderMap::new();
            for (name, value) in list {
                headers.append(
                    HeaderName::from_static(name),
                    HeaderValue::from_bytes(&value).unwrap(),
                );
            }
            let answer = Answer::new(StatusCode::OK, headers).over(scheme).host(host);
            match html {
                Some(html) => answer.page(Page::read(&html)),
                None => answer,
            }
        },
    )
}

/// What turns, hides or ends a line of a terminal.
fn deceives(char: char) -> bool {
    char.is_control() || "\u{200b}\u{200e}\u{200f}\u{202e}\u{2066}\u{feff}".contains(char)
}

proptest! {
    /// Whatever is answered: a row for each rule, points within what the tests can give, the grade of the score, a fix
    /// beside every failure, and text on one line.
    #[test]
    fn any_answer_gets_a_report_within_bounds(answer in answers()) {
        for rules in RuleSet::all() {
            let report = rules.audit(&answer);
            prop_assert_eq!(report.rows().len(), rules.rules().len());
            for row in report.rows() {
                prop_assert!(row.verdict != Verdict::Fail || !row.fix.is_empty(), "{}", row.id);
                prop_assert!(!row.found.contains(deceives), "{:?}", row.found);
                prop_assert!((-50..=10).contains(&row.points));
            }
            match report.mark() {
                Mark::Grade { score, grade } => {
                    prop_assert!(score <= 145);
                    prop_assert_eq!(Grade::of(score), grade);
                }
                Mark::Rules { passed, applicable } => prop_assert!(passed <= applicable),
                _ => {}
            }
            prop_assert!(report.to_string().lines().count() > rules.rules().len());
        }
    }

    /// The same answer has the same report.
    #[test]
    fn an_audit_depends_on_nothing_else(answer in answers()) {
        for rules in RuleSet::all() {
            prop_assert_eq!(rules.audit(&answer).to_string(), rules.audit(&answer).to_string());
        }
    }
}
