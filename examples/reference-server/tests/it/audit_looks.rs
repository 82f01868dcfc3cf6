//! What the header auditor makes of servers that stall, say nothing, or lead elsewhere.

use std::{io::Read, net::TcpListener, thread};

use serde_json::{Value, json};

use crate::{
    audit_headers::{HEADERS, answer, audit, secure, serve},
    oracle::ask,
};

#[test]
fn a_body_that_never_ends_does_not_hide_the_headers() {
    // The connection stays open until the auditor goes.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n{HEADERS}\r\n<script src=//cdn.example/a.js></script>"
    );
    thread::spawn(move || {
        for stream in listener.incoming().take(4).flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                let mut rest = stream.try_clone().unwrap();
                serve(stream, &answer);
                drop(rest.read(&mut [0]));
            });
        }
    });
    let (fine, told, errors) = audit(&[&format!("http://{address}/")]);
    assert!(fine, "{errors}");
    assert!(told.contains("its body did not end within"), "{told}");
    assert!(told.contains("//cdn.example/a.js") && told.contains("nosniff"), "{told}");
}

#[test]
fn what_nobody_answered_is_no_pass() {
    // Answers what is asked first, and then nobody any more.
    let (listener, page) = (TcpListener::bind("127.0.0.1:0").unwrap(), answer(HEADERS, ""));
    let address = listener.local_addr().unwrap();
    thread::spawn(move || serve(listener.accept().unwrap().0, &page));
    let (fine, told, errors) = audit(&[&format!("http://{address}/"), "--format", "json"]);
    assert!(fine, "{errors}");
    let look: Value = serde_json::from_str(&told).unwrap();
    let rows = look["reports"][1]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "3.4.2").unwrap();
    assert_eq!(row["verdict"], "n/a", "{row}");
    let notes = look["notes"].to_string();
    assert!(notes.contains("the preflight of a foreign origin was not answered"), "{notes}");
}

#[test]
fn where_a_redirect_leads_is_found_as_browsers_find_it() {
    for (from, to, expected) in [
        ("/a/b?x", "login", "/a/login"),
        ("/a/b", "./c/../d?y#z", "/a/d?y"),
        ("/a/b", "../../e", "/e"),
        ("/a/b?x", "?y", "/a/b?y"),
        ("/a/", "/f/../g", "/g"),
        ("/", "login", "/login"),
    ] {
        let moved = format!(
            "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\nlocation: {to}\r\n\r\n"
        );
        let address = secure(moved.leak());
        let (fine, told, errors) =
            audit(&[&format!("https://{address}{from}"), "--insecure", "--format", "json"]);
        assert!(fine, "{errors}");
        let look: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(look["leadsTo"], format!("https://{address}{expected}"), "{from} -> {to}");
    }
    let secret = "HTTP/1.1 302 Found\r\nconnection: close\r\ncontent-length: 0\r\nlocation: https://me:hidden@x/\r\n\r\n";
    let (_, told, _) = audit(&[&format!("https://{}/", secure(secret)), "--insecure"]);
    assert!(told.contains("it redirects to https://x/") && !told.contains("hidden"), "{told}");
}

#[test]
fn a_question_with_more_headers_than_fit_is_answered() {
    let many: Vec<Value> = (0..40_000).map(|number| json!([format!("x-{number}"), "1"])).collect();
    let questions = [json!({ "headers": many }), json!({ "headers": [["x-a", "1"]] })];
    let answers = ask("headers", &questions);
    assert_eq!(answers[0]["error"], "there are more headers than an answer can have");
    assert!(answers[1]["asvs"].is_object());
}
