//! What browsers report, and what strangers send in their place.

use std::time::Duration;

use palisade_secure_headers::{Disposition, Report, ReportKind, Reports, Unreadable};
use proptest::prelude::*;

const ARRAY: &str = "application/reports+json";
const LEGACY: &str = "application/csp-report";

fn read(content_type: &str, body: &str) -> Result<Reports, Unreadable> {
    Reports::read(content_type, body.as_bytes())
}

/// The only report of an array of one.
fn one(report: &str) -> Report {
    let reports = read(ARRAY, &format!("[{report}]")).unwrap();
    assert_eq!((reports.known().len(), reports.others(), reports.left_off()), (1, 0, 0));
    reports.known()[0].clone()
}

/// Every text of a report.
fn texts(report: &Report) -> impl Iterator<Item = &str> {
    let addresses = [report.page(), report.blocked(), report.source()];
    let others = [report.user_agent(), report.rule(), report.message()];
    addresses.into_iter().chain(others).flatten()
}

#[test]
fn a_report_of_chromium_is_read() {
    // As Chromium 142 sends it, from a page with a token in its address.
    let report = one(
        r#"{"age":2,"body":{"blockedURL":"inline","columnNumber":39,"disposition":"enforce",
        "documentURL":"https://app.example/a?token=eyJ","effectiveDirective":"script-src-elem","lineNumber":121,
        "originalPolicy":"default-src 'self'; report-to csp","referrer":"https://www.google.com/","sample":"console.log(\"lo\")",
        "sourceFile":"https://app.example/a?token=eyJ","statusCode":200},"type":"csp-violation",
        "url":"https://app.example/a?token=eyJ#part","user_agent":"Mozilla/5.0"}"#,
    );
    assert_eq!(report.kind(), ReportKind::CspViolation);
    assert_eq!(report.age(), Duration::from_millis(2));
    assert_eq!(report.page(), Some("https://app.example/a"));
    assert_eq!(report.source(), Some("https://app.example/a"));
    assert_eq!((report.line(), report.column()), (Some(121), Some(39)));
    assert_eq!((report.rule(), report.blocked()), (Some("script-src-elem"), Some("inline")));
    assert_eq!(report.disposition(), Some(Disposition::Enforce));
    assert_eq!(report.message(), Some("console.log(\"lo\")"));
    assert_eq!(report.user_agent(), Some("Mozilla/5.0"));
}

#[test]
fn a_report_of_an_older_browser_is_read() {
    let reports = read(
        "Application/CSP-Report; charset=utf-8",
        r#"{"csp-report":{"blocked-uri":"https://evil.example/x.js?a=b","column-number":1,"disposition":"report",
        "document-uri":"https://app.example/b","effective-directive":"","line-number":2,"original-policy":"default-src 'none'",
        "referrer":"","source-file":"https://app.example/b","status-code":200,"violated-directive":"script-src 'self' cdn.example"}}"#,
    );
    let reports = reports.unwrap();
    let report = &reports.known()[0];
    assert_eq!(report.kind(), ReportKind::CspViolation);
    assert_eq!(report.rule(), Some("script-src"), "the directive, without its sources");
    assert_eq!(report.blocked(), Some("https://evil.example/x.js"));
    assert_eq!(report.disposition(), Some(Disposition::Report));
    assert_eq!(report.page(), Some("https://app.example/b"));
}

#[test]
fn other_kinds_are_read_and_unknown_ones_counted() {
    let body = r#"[
        {"type":"coep","url":"https://a.example/","body":{"type":"corp","blockedURL":"https://b.example/i.png","disposition":"reporting"}},
        {"type":"coop","url":"https://a.example/","body":{"type":"access-from-coop-page-to-opener","disposition":"enforce"}},
        {"type":"permissions-policy-violation","url":"https://a.example/","body":{"policyId":"camera","message":"camera is not allowed"}},
        {"type":"deprecation","url":"https://a.example/","body":{"id":"UnloadHandler","message":"gone soon"}},
        {"type":"intervention","url":"https://a.example/","body":{"id":"AudioContext"}},
        {"type":"crash","url":"https://a.example/","body":{"reason":"oom"}},
        {"type":"csp-hash","url":"https://a.example/","body":{}},
        {"type":"csp-violation","url":"https://a.example/"}, {"type":7}, {}, [], null, "coep", 4]"#;
    let reports = read(ARRAY, body).unwrap();
    let said = |report: &Report| {
        let word = |text: Option<&str>| text.unwrap_or("-").to_owned();
        format!("{} {} {}", report.kind().as_str(), word(report.rule()), word(report.message()))
    };
    let said: Vec<_> = reports.known().iter().map(said).collect();
    let expected = [
        "coep corp -",
        "coop access-from-coop-page-to-opener -",
        "permissions-policy-violation camera camera is not allowed",
        "deprecation UnloadHandler gone soon",
        "intervention AudioContext -",
        "crash - oom",
    ];
    assert_eq!(said, expected);
    assert_eq!(reports.known()[0].disposition(), Some(Disposition::Report));
    assert_eq!((reports.others(), reports.left_off()), (8, 0));
}

#[test]
fn of_an_address_no_secret_is_kept() {
    let cases = [
        ("https://a.example/p?q=1#f", "https://a.example/p"),
        ("https://a.example#f?q", "https://a.example"),
        ("https://user:pass@a.example/p", "https://a.example/p"),
        ("https://user@evil@a.example\\p@q", "https://a.example\\p@q"),
        ("//user:pass@a.example/p", "//a.example/p"),
        ("  https://user:pass@a.example/  ", "https://a.example/"),
        ("data:text/html,<script>secret</script>", "data"),
        ("blob:https://a.example/4711", "blob"),
        ("mailto:bob@a.example", "mailto"),
        ("javascript:alert(document.cookie)", "javascript"),
        ("wss://a.example/chat?token=1", "wss://a.example/chat"),
        ("inline", "inline"),
        ("trusted-types-sink", "trusted-types-sink"),
        ("/here?token=1", "/here"),
        ("?token=1", ""),
    ];
    for (sent, kept) in cases {
        let sent = serde_json::to_string(sent).unwrap();
        let body = format!(r#"{{"blockedURL":{sent},"sourceFile":{sent}}}"#);
        let report = one(&format!(r#"{{"type":"csp-violation","url":{sent},"body":{body}}}"#));
        for text in [report.page(), report.blocked(), report.source()] {
            assert_eq!(text, Some(kept), "{sent}");
        }
    }
}

#[test]
fn e5_what_a_terminal_obeys_is_replaced_and_long_texts_are_cut() {
    let dangerous = "a\r\nb\u{1b}[31mc\u{202e}d\u{9b}e\u{2066}f\u{0}";
    let (sent, long) = (serde_json::to_string(dangerous).unwrap(), "é".repeat(1000));
    let body = format!(r#"{{"effectiveDirective":{sent},"sample":"{long}","blockedURL":{sent}}}"#);
    let report = one(&format!(
        r#"{{"type":"csp-violation","user_agent":"{long}","url":"https://a/{long}","body":{body}}}"#
    ));
    let harmless = "a\u{fffd}\u{fffd}b\u{fffd}[31mc\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}";
    assert_eq!((report.rule(), report.blocked()), (Some(harmless), Some(harmless)));
    assert_eq!(report.message().map(str::len), Some(Reports::MOST_TEXT), "128 whole letters");
    assert_eq!(report.page().map(str::len), Some(Reports::MOST_TEXT));
    assert_eq!(report.user_agent(), Some(&*"é".repeat(128)));
}

#[test]
fn what_is_over_a_bound_is_not_read() {
    let report = r#"{"type":"coep","body":{}}"#;
    let many = format!("[{}]", [report; 20].join(","));
    let reports = read(ARRAY, &many).unwrap();
    assert_eq!((reports.known().len(), reports.left_off()), (Reports::MOST_REPORTS, 4));

    let whole = format!("[{report}{}]", " ".repeat(Reports::MOST_BYTES - report.len() - 2));
    assert_eq!(whole.len(), Reports::MOST_BYTES);
    assert_eq!(read(ARRAY, &whole).unwrap().known().len(), 1);
    assert_eq!(read(ARRAY, &format!("{whole} ")), Err(Unreadable::TooLarge));

    let deep = "[".repeat(Reports::MOST_BYTES);
    assert_eq!(read(ARRAY, &deep), Err(Unreadable::Malformed));
    let closed = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(read(ARRAY, &closed), Err(Unreadable::Malformed), "too deep");
}

#[test]
fn what_is_no_list_of_reports_is_refused() {
    for media_type in ["application/json", "text/plain", "", "application/reports+jsonx"] {
        assert_eq!(read(media_type, "[]"), Err(Unreadable::MediaType), "{media_type}");
    }
    for body in ["", "{}", "nul", "{\"type\":\"coep\"}", "[]]", "\u{feff}[]", "7"] {
        assert_eq!(read(ARRAY, body), Err(Unreadable::Malformed), "{body}");
    }
    for body in ["", "{}", "[]", "{\"csp-report\":[]}", "{\"csp-report\":null}", "7"] {
        assert_eq!(read(LEGACY, body), Err(Unreadable::Malformed), "{body}");
    }
    assert_eq!(Reports::read(ARRAY, b"[\"\xff\"]"), Err(Unreadable::Malformed), "no UTF-8");
    assert_eq!(read(ARRAY, "[]"), Ok(Reports::default()));
}

/// Whatever is kept is within the bounds, and harmless.
fn check(reports: &Reports) {
    assert!(reports.known().len() <= Reports::MOST_REPORTS);
    for report in reports.known() {
        for text in texts(report) {
            assert!(text.len() <= Reports::MOST_TEXT, "{text:?}");
            let obeyed =
                |char: char| char.is_control() || ('\u{2028}'..='\u{202e}').contains(&char);
            assert!(!text.contains(obeyed), "{text:?}");
        }
        for address in [report.page(), report.blocked(), report.source()].into_iter().flatten() {
            assert!(!address.contains(['?', '#']), "{address:?}");
            let rest = address.split_once("//").map_or("", |(_, rest)| rest);
            let authority = rest.split(['/', '\\']).next().unwrap_or_default();
            assert!(!authority.contains('@'), "{address:?}");
        }
    }
}

/// Texts in which what is dangerous comes often.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("https://".to_owned()),
        Just("//".to_owned()),
        Just("@".to_owned()),
        Just("?token=1".to_owned()),
        Just("#x".to_owned()),
        Just("data:".to_owned()),
        Just("\u{1b}[2J".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("\r\n".to_owned()),
        "\\PC{0,20}",
        any::<char>().prop_map(String::from),
        Just("ü".repeat(200)),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn report() -> impl Strategy<Value = serde_json::Value> {
    let member = prop::sample::select(vec![
        "effectiveDirective",
        "violated-directive",
        "blockedURL",
        "blocked-uri",
        "sourceFile",
        "source-file",
        "documentURL",
        "document-uri",
        "message",
        "sample",
        "disposition",
        "policyId",
        "lineNumber",
    ]);
    let body = prop::collection::btree_map(member.prop_map(str::to_owned), text(), 0..6);
    let kind = prop::sample::select(vec!["csp-violation", "coep", "deprecation", "unknown"]);
    (kind, text(), text(), body).prop_map(|(kind, url, agent, body)| {
        serde_json::json!({ "type": kind, "url": url, "user_agent": agent, "body": body, "csp-report": body })
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for media_type in [ARRAY, LEGACY] {
            if let Ok(reports) = Reports::read(media_type, &bytes) {
                check(&reports);
            }
        }
    }

    #[test]
    fn any_json_is_read_within_the_bounds(reports in prop::collection::vec(report(), 0..24)) {
        let body = serde_json::to_vec(&reports).unwrap();
        match Reports::read(ARRAY, &body) {
            Ok(read) => {
                let known = reports.iter().filter(|report| report["type"] != "unknown").count();
                prop_assert_eq!(read.known().len() + read.left_off(), known);
                prop_assert_eq!(read.others(), reports.len() - known);
                check(&read);
            }
            Err(error) => prop_assert!(error == Unreadable::TooLarge && body.len() > Reports::MOST_BYTES),
        }
        if let Some(first) = reports.first() {
            check(&Reports::read(LEGACY, &serde_json::to_vec(first).unwrap()).unwrap());
        }
    }
}
