//! Decisions asked from outside.

use std::{io::Write, process::Stdio};

use serde_json::{Value, json};

use crate::server::command;

pub(crate) fn ask(kind: &str, questions: &[Value]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path())
        .args(["oracle", kind])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// 2 000 answers of the npm package proxy-addr: we agree on each, but print IPv4-mapped addresses as IPv4.
#[test]
fn the_client_ip_oracle_agrees_with_proxy_addr() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../crates/client-ip/tests/vectors/proxy-addr-2000.jsonl"
    );
    let vectors: Vec<Value> = std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(vectors.len(), 2000);
    let question = |vector: &Value| {
        let forwarded = vector["xff"].as_str().unwrap();
        let headers =
            if forwarded.is_empty() { json!([]) } else { json!([["X-Forwarded-For", forwarded]]) };
        json!({ "remote": vector["remote"], "headers": headers, "trust": vector["trust"], "header": "x-forwarded-for" })
    };
    let answers = ask("client-ip", &vectors.iter().map(question).collect::<Vec<_>>());
    for (vector, answer) in vectors.iter().zip(&answers) {
        let expected: std::net::IpAddr = vector["expect"].as_str().unwrap().parse().unwrap();
        assert_eq!(answer["ip"], expected.to_canonical().to_string(), "{vector}: {answer}");
    }
}

#[test]
fn the_route_oracle_names_the_pattern_and_the_parameters() {
    let patterns = json!([
        "/post/:id.xhtml",
        "/user/{id}/pages/:slug.email.html",
        "/user/{id}/pages/:slug.html"
    ]);
    let ask_path =
        |path: &str| ask("route", &[json!({ "patterns": patterns, "path": path })]).remove(0);
    assert_eq!(
        ask_path("/post/7.xhtml"),
        json!({ "pattern": "/post/:id.xhtml", "params": { "id": "7" } })
    );
    assert_eq!(
        ask_path("/user/a/pages/b.email.html")["pattern"],
        "/user/{id}/pages/:slug.email.html"
    );
    assert_eq!(ask_path("/post/7.pdf"), json!({ "pattern": null, "params": {} }));
}

#[test]
fn the_path_oracle_names_what_is_ambiguous() {
    let answers = ask(
        "path",
        &[
            json!({ "target": "/a/b?x=/../" }),
            json!({ "target": "/a/%2e%2e/b" }),
            json!({ "target": "/a b" }),
        ],
    );
    assert_eq!(answers[0], json!({ "ok": true, "code": null }));
    assert_eq!(answers[1]["ok"], false);
    assert!(answers[1]["code"].as_str().unwrap().starts_with("ambiguous-path"), "{answers:?}");
    assert_eq!(answers[2]["ok"], false);
}

#[test]
fn the_jws_oracle_checks_a_signature() {
    let key = json!({ "kty": "oct", "alg": "HS256", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow" });
    // RFC 7515 appendix A.1.
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let answers = ask(
        "jws",
        &[
            json!({ "token": token, "keys": key }),
            json!({ "token": token.replace("dBj", "dBk"), "keys": key }),
        ],
    );
    assert_eq!(answers[0]["valid"], true, "{answers:?}");
    assert!(answers[0]["payload"].as_str().unwrap().starts_with("eyJpc3MiOiJqb2Ui"));
    assert_eq!(answers[1]["valid"], false);
}

#[test]
fn a_question_that_cannot_be_read_is_answered_with_an_error() {
    assert!(ask("path", &[json!({ "path": "/" })])[0]["error"].is_string());
    assert!(
        ask("client-ip", &[json!({ "remote": "x", "headers": [], "trust": [] })])[0]["error"]
            .is_string()
    );
}

#[test]
fn the_headers_oracle_says_what_is_wrong_with_a_question() {
    let questions = [
        json!({ "headers": [["a b", "x"]] }),
        json!({ "headers": [["a", "x\r\ny"]] }),
        json!({ "headers": [], "htps": true }),
        json!({ "headers": [], "plainHttp": "open" }),
    ];
    for (answer, expected) in
        ask("headers", &questions).iter().zip(["`a b`", "`a`", "htps", "`open`"])
    {
        assert!(answer["error"].as_str().unwrap().contains(expected), "{answer}");
    }
    let answer =
        &ask("headers", &[json!({ "headers": [["x-frame-options", "DENY"]], "https": true })])[0];
    assert_eq!(answer["observatory"]["mark"], json!({ "grade": "C", "score": 50 }), "{answer:#}");
    assert_eq!(answer["asvs"]["mark"], json!({ "level": null }));
    assert_eq!(answer["oshp"]["mark"], json!({ "passed": 2, "applicable": 8 }));
}
