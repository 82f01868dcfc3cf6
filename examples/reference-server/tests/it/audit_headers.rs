//! The header auditor: what it says of this server, of others, and beside the program whose rules it has.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::{Value, json};

use crate::{
    clients,
    oracle::ask,
    server::{Server, run},
};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/observatory/grade.mjs");

/// Answers, and what version 1.4.8 of the Observatory's program made of them.
fn vectors() -> Vec<Value> {
    let text = fs::read_to_string(format!("{DATA}/observatory.jsonl")).unwrap();
    let vectors: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(vectors.len() > 150, "{}", vectors.len());
    vectors
}

/// What it says of each, in the same words as ours.
fn told(score: &Value, grade: &Value, rows: impl Iterator<Item = Value>) -> Value {
    json!({ "score": score, "grade": grade, "results": rows.collect::<Vec<_>>() })
}

#[test]
fn score_grade_and_every_test_are_those_of_the_observatory() {
    let vectors = vectors();
    let questions: Vec<Value> = vectors.iter().map(|vector| vector["question"].clone()).collect();
    let mut different = Vec::new();
    for (vector, answer) in vectors.iter().zip(ask("headers", &questions)) {
        let ours = &answer["observatory"];
        let rows = ours["rows"].as_array().unwrap_or_else(|| panic!("{vector}: {answer}"));
        let row = |row: &Value| json!([row["result"], row["verdict"] == "pass", row["points"]]);
        let ours = told(&ours["mark"]["score"], &ours["mark"]["grade"], rows.iter().map(row));
        if ours != vector["observatory"] {
            different.push(format!("{}: {ours}\n  not {}", vector["name"], vector["observatory"]));
        }
    }
    assert!(
        different.is_empty(),
        "{} of {}:\n{}",
        different.len(),
        vectors.len(),
        different.join("\n")
    );
}

/// The folder in which node finds the Observatory's program.
fn observatory() -> Option<std::path::PathBuf> {
    clients::installed("clients-observatory", "observatory/package-lock.json", |folder| {
        for file in ["package.json", "package-lock.json"] {
            let source = Path::new(SCRIPT).with_file_name(file);
            fs::copy(source, folder.join(file)).unwrap();
        }
        let install = [
            "ci",
            "--ignore-scripts",
            "--omit=optional",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ];
        clients::succeeds("npm", &install, folder)
    })
}

#[test]
fn the_observatory_itself_says_what_is_written_down_of_it() {
    let Some(folder) = observatory() else { return };
    let vectors = vectors();
    // Beside the packages: there they are looked for. Each process has a copy of its own.
    let script = folder.join(format!("grade-{}.mjs", std::process::id()));
    fs::copy(SCRIPT, &script).unwrap();
    let mut child = Command::new("node")
        .arg(&script)
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = vectors.iter().map(|vector| format!("{}\n", vector["question"])).collect();
    let mut input = child.stdin.take().unwrap();
    let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    fs::remove_file(&script).unwrap();
    assert!(output.status.success());
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), vectors.len());
    for (vector, answer) in vectors.iter().zip(answers.lines()) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let row = |row: &Value| json!([row["result"], row["pass"], row["points"]]);
        let rows = answer["rows"].as_array().unwrap().iter().map(row);
        assert_eq!(
            told(&answer["score"], &answer["grade"], rows),
            vector["observatory"],
            "{}",
            vector["name"]
        );
    }
}

/// Runs the subcommand in a folder of its own: whether it succeeded, its output, its errors.
pub(crate) fn audit(arguments: &[&str]) -> (bool, String, String) {
    audit_with(arguments, &[])
}

fn audit_with(arguments: &[&str], settings: &[(&str, &str)]) -> (bool, String, String) {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[&["audit-headers"], arguments].concat(), settings)
}

/// The proxy that the auditor plays is believed.
const BEHIND_TLS: [(&str, &str); 1] = [("TRUSTED_PROXIES", "127.0.0.1/32")];

/// The reports of a URL of this server, as if behind TLS.
fn reports(server: &Server, path: &str) -> Value {
    let (fine, told, errors) = audit(&[&server.url(path), "--behind-tls", "--format", "json"]);
    assert!(fine, "{errors}");
    serde_json::from_str(&told).unwrap()
}

#[test]
fn the_pages_of_this_server_have_the_grades_they_are_meant_to_have() {
    let server = Server::start(&BEHIND_TLS);
    // Of the 130 points that headers can give, styles in the page cost 10, and so does that others may load it. The cookie of
    // a session gives 5.
    for (path, score, level) in
        [("/", 115, "L1"), ("/api/feed", 115, "L1"), ("/embed/wall", 115, "L1")]
    {
        let look = reports(&server, path);
        assert_eq!(look["status"], 200, "{path}");
        let [observatory, asvs, _] = look["reports"].as_array().unwrap().as_slice() else {
            panic!()
        };
        assert_eq!(
            observatory["mark"],
            json!({ "grade": "A+", "score": score }),
            "{path}: {observatory:#}"
        );
        let verdicts = observatory["rows"].as_array().unwrap().iter();
        assert!(verdicts.clone().all(|row| row["verdict"] == "pass"), "{path}: {observatory:#}");
        assert_eq!(asvs["mark"], json!({ "level": level }), "{path}: {asvs:#}");
        // What the documented values do not reach, and why: `base-uri 'self'`, and pages that are made to be framed.
        let failed: Vec<&Value> = asvs["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["verdict"] == "fail" && row["level"] != "L3")
            .map(|row| &row["id"])
            .collect();
        let expected: &[&str] =
            if path == "/embed/wall" { &["3.4.3", "3.4.6"] } else { &["3.4.3"] };
        assert_eq!(failed, expected, "{path}");
    }
}

#[test]
fn strict_pages_get_all_points_that_headers_can_give_and_with_reports_every_level() {
    // The cookie of a session gives 5 beside the 130 of headers.
    for (reports_are, page, embed) in [("off", "L2", "L1"), ("on", "L3", "L1")] {
        let strict = [("SECURITY_HEADERS", "strict"), ("CSP_REPORTS", reports_are)];
        let server = Server::start(&[&BEHIND_TLS[..], &strict].concat());
        for (path, score, level) in [
            ("/", 135, page),
            ("/api/feed", 135, page),
            ("/nowhere", 135, page),
            // Made to be framed and loaded by others.
            ("/embed/wall", 125, embed),
        ] {
            let look = reports(&server, path);
            let [observatory, asvs, _] = look["reports"].as_array().unwrap().as_slice() else {
                panic!()
            };
            let mark = json!({ "grade": "A+", "score": score });
            assert_eq!(observatory["mark"], mark, "{path}: {observatory:#}");
            assert_eq!(asvs["mark"], json!({ "level": level }), "{path}: {asvs:#}");
        }
    }
}

#[test]
fn refusals_have_the_same_grade_as_pages() {
    let server = Server::start(&BEHIND_TLS);
    for (path, status) in [("/api/me", 401), ("/nowhere", 404)] {
        let look = reports(&server, path);
        assert_eq!(look["status"], status);
        assert_eq!(look["reports"][0]["mark"]["grade"], "A+", "{look:#}");
    }
}

#[test]
fn the_exit_status_says_whether_the_grade_is_good_enough() {
    let server = Server::start(&BEHIND_TLS);
    let url = &*server.url("/");
    let (fine, told, _) = audit(&[url, "--behind-tls", "--fail-under", "A+"]);
    assert!(fine, "{told}");
    assert!(told.contains("graded as if a proxy in front spoke TLS"), "{told}");
    assert!(told.contains("MDN HTTP Observatory 1.4.8 (2026-09-16): A+, 115 points\n"), "{told}");
    assert!(told.contains("OWASP ASVS 5.0.0") && told.contains("OWASP Secure Headers"), "{told}");
    let (fine, told, errors) = audit(&[url, "--fail-under", "A", "--rules", "observatory"]);
    assert!(!fine, "in the clear it is no A: {told}");
    assert!(told.contains("-> serve it over TLS") && !told.contains("ASVS"), "{told}");
    assert_eq!(errors, "palisade-server: the headers do not reach A\n");
    let (fine, _, errors) = audit(&[url, "--behind-tls", "--fail-under", "L2"]);
    assert_eq!((fine, &*errors), (false, "palisade-server: the headers do not reach L2\n"));
    assert!(audit(&[url, "--behind-tls", "--fail-under", "l1"]).0);
}

#[test]
fn mistakes_are_told_plainly() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (arguments, expected) in [
        (vec!["ftp://x/"], "expected an http or https URL"),
        (vec!["/path"], "expected an http or https URL"),
        (
            vec!["http://x/", "--fail-under", "E"],
            "expected a grade from `A+` to `F`, or `L1`, `L2`, `L3`",
        ),
        (
            vec!["http://x/", "--fail-under", "A", "--rules", "asvs"],
            "--fail-under A needs --rules observatory",
        ),
        (vec!["http://x/", "--rules", "mine"], "[possible values: observatory, asvs, oshp, all]"),
        (vec![&*format!("http://{closed}/")], "Connection refused"),
        (vec!["https://me:hidden@x/"], "without a user and a password"),
        (vec!["https://me:hidden@x\\/ y"], "without a user and a password"),
    ] {
        let (fine, told, errors) = audit(&arguments);
        assert!(
            !fine && told.is_empty() && errors.contains(expected),
            "{arguments:?}: {told}{errors}"
        );
        assert!(!errors.contains("hidden"), "{errors}");
    }
}

/// What the small servers below answer.
pub(crate) const HEADERS: &str = "content-type: text/html\r\nx-content-type-options: nosniff\r\nstrict-transport-security: max-age=31536000\r\n\
    content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n";

/// Reads the head of a request, and writes `answer` to it.
pub(crate) fn serve(mut stream: impl Read + Write, answer: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n")
        && head.len() < 8192
        && matches!(stream.read(&mut byte), Ok(1))
    {
        head.push(byte[0]);
    }
    // Who asked may have gone.
    drop(stream.write_all(answer.as_bytes()));
    drop(stream.flush());
}

/// A server for at most 20 connections that answers each with `answer`.
fn plain(answer: impl Into<String>) -> SocketAddr {
    let (listener, answer) = (TcpListener::bind("127.0.0.1:0").unwrap(), answer.into());
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().take(20).flatten() {
            serve(stream, &answer);
        }
    });
    address
}

/// The same over TLS, with a certificate that it issued to itself, for 127.0.0.1.
pub(crate) fn secure(answer: &'static str) -> SocketAddr {
    let file = format!("{DATA}/loopback.pem");
    let certificate = CertificateDer::from_pem_file(&file).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from_pem_file(&file).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().take(20).flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            serve(&mut stream, answer);
            stream.conn.send_close_notify();
            drop(stream.flush());
        }
    });
    address
}

pub(crate) fn answer(headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

#[test]
fn a_certificate_that_does_not_count_is_told_plainly() {
    let page: &'static str = answer(HEADERS, "").leak();
    let port = secure(page).port();
    let (address, name) =
        (format!("https://127.0.0.1:{port}/"), format!("https://localhost:{port}/"));
    let own = format!("{DATA}/loopback.pem");
    let (fine, told, errors) = audit(&[&address]);
    assert!(!fine && told.is_empty());
    assert!(errors.contains("its certificate does not count: "), "{errors}");
    assert!(errors.contains("--insecure looks at the headers all the same"), "{errors}");

    let (fine, told, errors) = audit(&[&address, "--insecure", "--fail-under", "A+"]);
    assert!(fine && told.contains("the certificate was not checked"), "{told}{errors}");

    let trusted = [("SSL_CERT_FILE", &*own)];
    let (fine, told, errors) = audit_with(&[&address, "--fail-under", "A+"], &trusted);
    assert!(fine && !told.contains("certificate"), "{told}{errors}");
    let (fine, _, errors) = audit_with(&[&name], &trusted);
    assert!(!fine && errors.contains("it is for another host"), "{errors}");
}

#[test]
fn redirects_are_followed_from_plain_http_to_https_and_no_further() {
    let page: &'static str = answer(HEADERS, "").leak();
    let secure = secure(page);
    let redirect = |to: &str| {
        format!(
            "HTTP/1.1 301 Moved\r\nconnection: close\r\ncontent-length: 0\r\nlocation: {to}\r\n\r\n"
        )
    };
    let first = plain(redirect(&format!("https://{secure}/x#y")));
    let (fine, told, errors) =
        audit(&[&format!("http://{first}/"), "--insecure", "--format", "json"]);
    assert!(fine, "{errors}");
    let look: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(look["route"], json!([format!("http://{first}/"), format!("https://{secure}/x")]));
    assert_eq!((&look["url"], &look["leadsTo"]), (&look["route"][1], &Value::Null));
    let rows = look["reports"][0]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "redirection").unwrap();
    assert_eq!(row["result"], "redirection-to-https", "{row}");

    let round: &'static str = redirect("https://elsewhere.invalid/").leak();
    let (fine, told, errors) = audit(&[&format!("https://{}/", self::secure(round)), "--insecure"]);
    assert!(fine, "{errors}");
    assert!(
        told.contains("it redirects to https://elsewhere.invalid/, which was not followed"),
        "{told}"
    );
}

#[test]
fn redirects_that_never_end_are_left_after_five() {
    let endless = plain(
        "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\nlocation: /again\r\n\r\n",
    );
    let (fine, told, errors) = audit(&[&format!("http://{endless}/"), "--format", "json"]);
    assert!(fine, "{errors}");
    let look: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(look["route"].as_array().unwrap().len(), 6);
    let rows = look["reports"][0]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "redirection").unwrap();
    assert_eq!(row["result"], "redirection-not-to-https");
}

#[test]
fn what_the_page_loads_and_what_other_origins_get_are_looked_at() {
    let headers = "content-type: text/html\r\naccess-control-allow-origin: https://palisade-audit.example\r\n\
        access-control-allow-credentials: true\r\nserver: thing/1.2\r\n";
    let page = "<meta http-equiv=content-security-policy content=\"default-src 'self'\"><script src=//cdn.example/a.js></script>";
    let address = plain(answer(headers, page));
    let (_, told, errors) = audit(&[&format!("http://{address}/")]);
    assert!(told.contains("->"), "{errors}");
    for expected in [
        "default-src 'self'\n",
        "//cdn.example/a.js\n",
        "-50  https://palisade-audit.example\n",
        "server: thing/1.2\n",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}
