//! Records as files: whole, in every form, and harmless where they are opened.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read},
};

use serde_json::Value;

use crate::analytics::started;

/// The rows of a CSV file by RFC 4180: a reader of its own.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => cell.push(chars.next().unwrap()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !is_quoted => {
                assert_eq!(chars.next(), Some('\n'));
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(!is_quoted && cell.is_empty() && row.is_empty(), "it ends with a row");
    rows
}

#[test]
fn e8_what_clients_send_is_no_formula_and_no_markup_in_any_answer() {
    let (server, admin) = started(&[]);
    let hostile = [
        "=HYPERLINK(\"http://evil.example\",\"x\")",
        "+1+1",
        "-2+3",
        "@SUM(1)",
        "<script>alert(1)</script>",
        "a\",\"b;=1+1",
        "\u{ff1d}1",
        "plain, text",
    ];
    for agent in hostile {
        let value = reqwest::header::HeaderValue::from_bytes(agent.as_bytes()).unwrap();
        server.request("GET", "/api/feed").header("user-agent", value).send().unwrap();
    }
    server.get("/api/%3Cimg%20src=x%20onerror=alert(1)%3E");
    let page = server.analytics(&admin, "?limit=1000").to_string();
    assert!(page.contains("<script>alert(1)"), "JSON, by its media type, and never sniffed");

    let csv = server.get_as(&admin, "/api/analytics?format=csv&route=/api/feed");
    let headers = csv.headers().clone();
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"analytics.csv\"");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["cache-control"], "no-store");
    let text = csv.text().unwrap();
    let rows = rows(&text);
    let place = rows[0].iter().position(|name| name == "userAgent").unwrap();
    let told: Vec<_> = rows[1..].iter().rev().map(|row| row[place].as_str()).collect();
    let expected = hostile.map(|agent| {
        let is_formula = agent.starts_with(['=', '+', '-', '@', '\u{ff1d}']);
        if is_formula { format!("'{agent}") } else { agent.to_owned() }
    });
    assert_eq!(told, expected);
    assert!(!text.contains(";=1+1,") && !text.contains("\n="), "{text}");
}

#[test]
fn a_file_has_every_record_once_with_every_field_whatever_its_form() {
    let (server, admin) = started(&[]);
    // More than two of the pages that it is made of.
    for n in 0..1100 {
        server.get(&format!("/api/feed?{n}"));
    }
    let json: Value = server.analytics(&admin, "?route=/api/feed&limit=1");
    let fields: BTreeSet<_> =
        json["page"]["records"][0].as_object().unwrap().keys().cloned().collect();

    let lines = server.get_as(&admin, "/api/analytics?format=ndjson&route=/api/feed");
    assert_eq!(lines.headers()["content-type"], "application/x-ndjson");
    assert_eq!(lines.headers()["content-disposition"], "attachment; filename=\"analytics.ndjson\"");
    let lines = lines.text().unwrap();
    let records: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: BTreeSet<_> = records.iter().map(|record| record["requestId"].to_string()).collect();
    assert_eq!((records.len(), ids.len()), (1100, 1100));
    let times: Vec<_> = records.iter().map(|record| record["time"].to_string()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));

    let accept = server.request("GET", "/api/analytics?route=/api/feed").bearer_auth(&admin);
    let csv = accept.header("accept", "text/csv").send().unwrap();
    assert!(csv.headers().get_all("vary").iter().any(|it| it.to_str().unwrap().contains("accept")));
    let rows = rows(&csv.text().unwrap());
    assert_eq!(rows.len(), 1101);
    assert_eq!(rows[0].iter().cloned().collect::<BTreeSet<_>>(), fields, "every field");
    for (row, record) in rows[1..].iter().zip(&records) {
        for (name, cell) in rows[0].iter().zip(row) {
            let value = match &record[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                number => number.to_string(),
            };
            assert_eq!(cell, &value, "{name}");
        }
    }
    let some = server.get_as(&admin, "/api/analytics?format=ndjson&route=/api/feed&limit=501");
    assert_eq!(some.text().unwrap().lines().count(), 501);
    let none = server.get_as(&admin, "/api/analytics?format=csv&user=nobody").text().unwrap();
    assert_eq!(none.lines().count(), 1, "the names of the columns");
}

#[test]
fn a_client_that_hangs_up_ends_its_file() {
    let (server, admin) = started(&[]);
    for n in 0..1600 {
        server.get(&format!("/api/feed?{n}"));
    }
    for _ in 0..40 {
        let file = server.get_as(&admin, "/api/analytics?format=ndjson");
        assert_eq!(file.status(), 200);
        let mut line = String::new();
        BufReader::new(file.take(4096)).read_line(&mut line).unwrap();
        // The connection is dropped here, long before the end.
    }
    // Had each kept its place, there would be none for this one.
    assert!(server.total(&admin, "route=/api/feed") == 1600);
}
