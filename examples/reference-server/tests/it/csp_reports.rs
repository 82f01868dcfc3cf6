//! What browsers report, and what strangers send in their place.

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    malformed::raw,
    server::{Server, problem, until},
};

const REPORTS: &str = "application/reports+json";
const CSP_REPORT: &str = "application/csp-report";
const JSON_LOG: (&str, &str) = ("LOG_FORMAT", "json");

fn send(server: &Server, content_type: &str, body: impl Into<String>) -> Response {
    let request = server.request("POST", "/api/csp-reports");
    request.header("content-type", content_type.to_owned()).body(body.into()).send().unwrap()
}

/// A report of a script that was refused on `page`.
fn report(page: &str) -> Value {
    json!({
        "type": "csp-violation", "age": 1, "url": page, "user_agent": "Mozilla/5.0",
        "body": { "effectiveDirective": "script-src-elem", "blockedURL": "inline", "disposition": "enforce",
            "documentURL": page, "sourceFile": page, "lineNumber": 7, "columnNumber": 3, "sample": "alert(1)" },
    })
}

/// The lines of the security log about reports.
fn told(server: &Server) -> Vec<Value> {
    let log = server.log();
    let lines = log
        .lines()
        .filter(|line| line.contains("\"csp.violation\"") || line.contains("\"browser.report"));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn told_at_last(server: &Server, count: usize) -> Vec<Value> {
    until("the lines", || told(server).len() >= count);
    told(server)
}

#[test]
fn a_report_of_either_form_is_a_line_of_the_security_log_without_secrets() {
    let server = Server::unlimited(&[JSON_LOG]);
    let page = "https://app.example/a?token=secret#secret";
    assert_eq!(send(&server, REPORTS, json!([report(page)]).to_string()).status(), 204);
    let old = json!({ "csp-report": {
        "document-uri": "https://user:secret@app.example/b?token=secret", "violated-directive": "img-src 'self'",
        "blocked-uri": "https://evil.example/i.png?secret", "disposition": "report", "line-number": 9,
    } });
    assert_eq!(send(&server, CSP_REPORT, old.to_string()).status(), 204);
    let lines = told_at_last(&server, 2);
    let [new, old] = &lines[..] else { panic!("{lines:?}") };
    for line in [new, old] {
        assert_eq!(
            (&line["target"], &line["level"]),
            (&json!("palisade::security"), &json!("INFO"))
        );
        assert_eq!(
            (&line["event"], &line["client_ip"]),
            (&json!("csp.violation"), &json!("127.0.0.1"))
        );
    }
    assert_eq!(new["rule"], "script-src-elem");
    assert_eq!(
        (&new["blocked"], &new["page"]),
        (&json!("inline"), &json!("https://app.example/a"))
    );
    assert_eq!(
        (&new["line"], &new["column"], &new["disposition"]),
        (&json!(7), &json!(3), &json!("enforce"))
    );
    assert_eq!(old["rule"], "img-src");
    assert_eq!(
        (&old["page"], &old["blocked"]),
        (&json!("https://app.example/b"), &json!("https://evil.example/i.png"))
    );
    let told =
        server.log().lines().filter(|line| line.contains("csp.violation")).collect::<String>();
    assert!(!told.is_empty() && !told.contains("secret"), "{told}");
}

#[test]
fn e5_a_report_cannot_write_a_line_of_its_own_into_the_log() {
    let server = Server::unlimited(&[]);
    let mut forged = report("https://app.example/");
    forged["body"]["sample"] = "\r\n2026 WARN palisade::security: forged\u{1b}[2J\u{202e}".into();
    forged["user_agent"] = "x\n2026 WARN palisade::security: forged".into();
    assert_eq!(send(&server, REPORTS, json!([forged]).to_string()).status(), 204);
    until("the line", || server.log().contains("csp.violation"));
    let log = server.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("forged")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("csp.violation") && !log.contains(['\u{1b}', '\u{202e}']), "{log}");
}

#[test]
fn reports_that_are_alike_are_one_line() {
    let server = Server::unlimited(&[JSON_LOG]);
    let (same, other) = (report("https://app.example/a"), report("https://app.example/b"));
    for _ in 0..3 {
        assert_eq!(send(&server, REPORTS, json!([same, same]).to_string()).status(), 204);
    }
    assert_eq!(send(&server, REPORTS, json!([other]).to_string()).status(), 204);
    until("the other", || told(&server).iter().any(|line| line["page"] == "https://app.example/b"));
    assert_eq!(told(&server).len(), 2, "{:?}", told(&server));
}

#[test]
fn what_is_no_report_is_refused_and_not_told() {
    let server = Server::unlimited(&[JSON_LOG]);
    let unknown = json!([{ "type": "unknown", "body": {} }, 7, null]);
    assert_eq!(send(&server, REPORTS, unknown.to_string()).status(), 204, "of a kind of tomorrow");
    assert_eq!(send(&server, REPORTS, "[]").status(), 204);
    let code = |answer| {
        let (status, code, _) = problem(answer);
        (status, code)
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code(send(&server, REPORTS, "{")), refused(422, "invalid-request"));
    assert_eq!(code(send(&server, REPORTS, "[".repeat(60_000))), refused(422, "invalid-request"));
    assert_eq!(code(send(&server, CSP_REPORT, "[]")), refused(422, "invalid-request"));
    assert_eq!(code(send(&server, "application/json", "[]")), refused(415, "invalid-request"));
    let large = send(&server, REPORTS, " ".repeat(64 * 1024 + 1));
    assert_eq!(large.headers()["connection"], "close");
    assert_eq!(code(large), refused(413, "content-too-large"));
    assert_eq!(code(server.get("/api/csp-reports")), refused(405, "method-not-allowed"));
    assert!(told(&server).is_empty(), "{:?}", told(&server));
}

#[test]
fn h10_reports_without_a_length_are_cut_at_the_same_bound() {
    let server = Server::unlimited(&[]);
    let chunk = format!("{:x}\r\n{}\r\n", 16 * 1024, " ".repeat(16 * 1024));
    let head = format!(
        "POST /api/csp-reports HTTP/1.1\r\nHost: x\r\nContent-Type: {REPORTS}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    let answer = raw(&server, format!("{head}{}", chunk.repeat(5)));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(server.get("/healthz").status(), 200);
}

#[test]
fn a_page_with_many_violations_gets_no_reader_limited_or_banned() {
    let settings = [
        JSON_LOG,
        ("RATE_LIMIT_MAX", "1"),
        ("RATE_LIMIT_WINDOW_MS", "3600000"),
        ("AUTO_BAN_THRESHOLD", "1"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let server = Server::start(&settings);
    let ask = |method: &str, path: &str, address: &str, body: String| {
        let request = server.request(method, path).header("x-forwarded-for", address.to_owned());
        request.header("content-type", REPORTS).body(body).send().unwrap()
    };
    let send = |place: usize, address: &str| {
        let body = json!([report(&format!("https://app.example/{place}"))]).to_string();
        ask("POST", "/api/csp-reports", address, body)
    };
    let statuses: Vec<u16> =
        (0..40).map(|place| send(place, "192.0.2.1").status().as_u16()).collect();
    let taken = statuses.iter().filter(|status| **status == 204).count();
    // One comes back every three seconds, however slow this machine is.
    assert!(
        (20..40).contains(&taken) && statuses[..20].iter().all(|status| *status == 204),
        "{statuses:?}"
    );
    // What is counted of the API is not what is counted here: so nothing is said of it.
    let told = |answer: &Response| {
        let mut names = answer.headers().keys().map(http::HeaderName::as_str);
        names.find(|name| name.starts_with("ratelimit")).map(str::to_owned)
    };
    assert_eq!(told(&send(0, "192.0.2.3")), None);
    let last = send(40, "192.0.2.1");
    assert_eq!(told(&last), None);
    assert!(last.headers().contains_key("retry-after"));
    let (status, code, body) = problem(last);
    assert_eq!((status, &*code), (429, "quota-exceeded"));
    assert_eq!(body["violated-policies"], json!(["csp-reports"]));
    assert_eq!(send(41, "192.0.2.2").status(), 204, "others have their own");
    // Neither banned nor at the end of what may be asked of the API: one is served, two too many are a ban.
    let feed = || ask("GET", "/api/feed", "192.0.2.1", String::new()).status().as_u16();
    assert_eq!([feed(), feed(), feed(), feed()], [200, 429, 429, 403]);
}

#[test]
fn a_page_of_another_site_may_report_where_it_may_call() {
    let preflight = |server: &Server, origin: &str| {
        let request =
            server.request("OPTIONS", "/api/csp-reports").header("origin", origin.to_owned());
        let request = request.header("access-control-request-method", "POST");
        let answer =
            request.header("access-control-request-headers", "content-type").send().unwrap();
        answer
            .headers()
            .get("access-control-allow-origin")
            .map(|origin| origin.to_str().unwrap().to_owned())
    };
    assert_eq!(preflight(&Server::unlimited(&[]), "https://a.example").as_deref(), Some("*"));
    let listed = Server::unlimited(&[("CORS_ORIGINS", "https://a.example")]);
    assert_eq!(preflight(&listed, "https://a.example").as_deref(), Some("https://a.example"));
    assert_eq!(preflight(&listed, "https://b.example"), None);
}

/// The proxy that these tests play is believed.
const MANY: [(&str, &str); 2] = [JSON_LOG, ("TRUSTED_PROXIES", "127.0.0.1")];

/// Sends `bodies` bodies of 16 reports of `kind` each from one address, each report of a page of its own.
fn flood(server: &Server, address: &str, kind: &str, bodies: usize) {
    for body in 0..bodies {
        let reports: Vec<Value> = (0..16)
            .map(|place| {
                let mut report = report(&format!("https://app.example/{address}/{body}/{place}"));
                report["type"] = kind.into();
                report["body"]["id"] = format!("{address}-{body}-{place}").into();
                report
            })
            .collect();
        let request = server.request("POST", "/api/csp-reports").header("content-type", REPORTS);
        let request = request.header("x-forwarded-for", address.to_owned());
        assert_eq!(request.body(json!(reports).to_string()).send().unwrap().status(), 204);
    }
}

#[test]
fn a_few_addresses_cannot_keep_others_out_of_the_log() {
    let server = Server::unlimited(&MANY);
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] {
        flood(&server, address, "csp-violation", 20);
    }
    flood(&server, "192.0.2.5", "csp-violation", 1);
    until("the fifth", || {
        told(&server).iter().filter(|line| line["client_ip"] == "192.0.2.5").count() >= 16
    });
    let lines = told(&server);
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"] {
        let of = |event: &str| {
            let is_one = |line: &&Value| line["client_ip"] == address && line["event"] == event;
            lines.iter().filter(is_one).count()
        };
        assert_eq!(of("csp.violation"), 20, "{address}");
    }
    // It is said at once that something was left out, not when somebody else reports later.
    let folded = lines.iter().filter(|line| line["event"] == "browser.reports.folded").count();
    assert_eq!(folded, 1, "{lines:?}");
}

#[test]
fn reports_of_another_kind_leave_room_for_violations() {
    let server = Server::unlimited(&MANY);
    for number in 0..60 {
        flood(&server, &format!("192.0.2.{number}"), "deprecation", 2);
    }
    flood(&server, "198.51.100.1", "csp-violation", 1);
    until("the violation", || told(&server).iter().any(|line| line["client_ip"] == "198.51.100.1"));
    let others = told(&server).iter().filter(|line| line["event"] == "browser.report").count();
    assert_eq!(others, 500);
}

#[test]
fn what_was_left_out_is_told_at_the_end() {
    let server = Server::unlimited(&[JSON_LOG]);
    let same = report("https://app.example/a");
    assert_eq!(send(&server, REPORTS, json!([same, same, same]).to_string()).status(), 204);
    let folder = server.stop();
    let log = std::fs::read_to_string(folder.path().join("stderr.log")).unwrap();
    let line = log.lines().find(|line| line.contains("browser.reports.folded")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(line).unwrap()["folded"], 2);
}
