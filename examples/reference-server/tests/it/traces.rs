//! Spans of requests at a collector that listens, and at one that hangs.
#![cfg(feature = "otlp")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use http::HeaderMap;
use palisade_server::traces::Parent;
use proptest::prelude::*;

use crate::{
    metrics::figure,
    server::{Server, run, until},
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// A collector: its address, and the bodies that come.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, sender) = (stream.unwrap(), sender.clone());
            thread::spawn(move || {
                let mut stream = stream;
                while let Some(request) = read(&mut stream) {
                    drop(sender.send(request));
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
                    stream.write_all(answer).unwrap();
                }
            });
        }
    });
    (address, receiver)
}

/// One request: its first line, and its body.
fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = end + 4 + length.map_or(0, |length| length.trim().parse().unwrap());
            while bytes.len() < whole {
                let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
                bytes.extend_from_slice(&piece[..read]);
            }
            return Some((head.lines().next()?.to_owned(), bytes[end + 4..whole].to_vec()));
        }
        let read = stream.read(&mut piece).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
}

/// The spans of one export, each as its fields by number (`opentelemetry.proto.trace.v1`).
fn spans(body: &[u8]) -> Vec<Vec<(u64, Vec<u8>)>> {
    let of = |number: u64, fields: Vec<(u64, Vec<u8>)>| {
        fields.into_iter().filter(move |field| field.0 == number).map(|field| field.1)
    };
    let resources = of(1, fields(body)).collect::<Vec<_>>();
    let scopes = resources.iter().flat_map(|resource| of(2, fields(resource))).collect::<Vec<_>>();
    scopes.iter().flat_map(|scope| of(2, fields(scope))).map(|span| fields(&span)).collect()
}

/// The fields of a protobuf message; of numbers, their bytes.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    fn number(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes);
        let value = match key & 7 {
            0 => number(&mut bytes).to_le_bytes().to_vec(),
            kind => {
                let length = match kind {
                    1 => 8,
                    2 => usize::try_from(number(&mut bytes)).unwrap(),
                    5 => 4,
                    other => panic!("no wire type of OTLP: {other}"),
                };
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                value.to_vec()
            }
        };
        fields.push((key >> 3, value));
    }
    fields
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn field(span: &[(u64, Vec<u8>)], number: u64) -> Vec<u8> {
    span.iter().find(|field| field.0 == number).map(|field| field.1.clone()).unwrap_or_default()
}

/// The span with this name, and the whole export that it came in.
fn wait_for(received: &Receiver<(String, Vec<u8>)>, name: &str) -> (Vec<(u64, Vec<u8>)>, Vec<u8>) {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        let Ok((line, body)) = received.recv_timeout(Duration::from_secs(20)) else { break };
        assert_eq!(line, "post /v1/traces http/1.1");
        if let Some(span) = spans(&body).into_iter().find(|span| field(span, 5) == name.as_bytes())
        {
            return (span, body);
        }
    }
    panic!("no span is called {name}");
}

fn ask(server: &Server, path: &str, traceparent: &str) -> u16 {
    let request = server.request("GET", path).header("traceparent", traceparent);
    request
        .header("tracestate", "vendor=1")
        .header("user-agent", "a test")
        .send()
        .unwrap()
        .status()
        .as_u16()
}

#[test]
fn behind_a_trusted_proxy_the_span_is_one_of_its_trace() {
    let (address, received) = collector();
    let settings = [
        ("OTLP_ENDPOINT", address.as_str()),
        ("TRUSTED_PROXIES", "loopback"),
        ("OTEL_SERVICE_NAME", "shop"),
    ];
    let server = Server::unlimited(&settings);
    assert_eq!(ask(&server, "/healthz?token=sesame", &format!("00-{TRACE}-{SPAN}-01")), 200);
    let (span, body) = wait_for(&received, "GET /healthz");
    assert_eq!(hex(&field(&span, 1)), TRACE);
    assert_eq!(hex(&field(&span, 4)), SPAN, "its parent");
    assert_eq!(field(&span, 3), b"vendor=1", "what others keep in the trace");
    let text = String::from_utf8_lossy(&body);
    for said in ["shop", "http.route", "http.response.status_code", "palisade.request_id", "a test"]
    {
        assert!(text.contains(said), "{said}");
    }
    assert!(!text.contains("sesame"), "a token in the query left the house");
    assert!(!text.contains("127.0.0.1"), "so did an address");
}

#[test]
fn a_stranger_gets_a_trace_of_his_own_with_a_link_to_the_one_he_named() {
    let (address, received) = collector();
    let server = Server::unlimited(&[("OTLP_ENDPOINT", &address)]);
    // He asks not to be sampled; that is not his to say.
    assert_eq!(ask(&server, "/healthz", &format!("00-{TRACE}-{SPAN}-00")), 200);
    let (span, _) = wait_for(&received, "GET /healthz");
    assert_ne!(hex(&field(&span, 1)), TRACE);
    assert_eq!(field(&span, 4), b"", "no parent");
    let link = fields(&field(&span, 13));
    assert_eq!((hex(&field(&link, 1)), hex(&field(&link, 2))), (TRACE.to_owned(), SPAN.to_owned()));
}

#[test]
fn a_refusal_has_its_code_and_a_bad_traceparent_begins_a_trace() {
    let (address, received) = collector();
    let settings = [("OTLP_ENDPOINT", address.as_str()), ("TRUSTED_PROXIES", "loopback")];
    let server = Server::unlimited(&settings);
    assert_eq!(ask(&server, "/api/admin/bans", &format!("00-{}-{SPAN}-01", "0".repeat(32))), 401);
    let (span, body) = wait_for(&received, "GET /api/admin/bans");
    assert_eq!(field(&span, 1).len(), 16);
    assert_eq!(
        (field(&span, 4), field(&span, 13)),
        (Vec::new(), Vec::new()),
        "neither parent nor link"
    );
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("palisade.refusal") && text.contains("credentials-required"), "{text}");
}

#[test]
fn a_collector_that_hangs_slows_no_request_and_the_end_of_the_server_little() {
    // Accepts in the system's queue, and never answers.
    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", hung.local_addr().unwrap());
    let mut server = Server::unlimited(&[("OTLP_ENDPOINT", &address)]);
    let started = Instant::now();
    let client = reqwest::blocking::Client::new();
    let alice = server.token("alice", &["admin"]);
    let told = || {
        let page = server.get_as(&alice, "/metrics").text().unwrap();
        let waiting = figure(&page, "palisade_trace_spans_waiting");
        let states = ["made", "exported", "failed", "dropped"];
        let [made, exported, failed, dropped] = states.map(|state| {
            figure(&page, &format!("palisade_trace_spans_total{{state=\"{state}\"}}"))
        });
        assert_eq!((made, exported), (failed + dropped + waiting, 0.0), "{page}");
        dropped
    };
    // More than may wait.
    while told() == 0.0 {
        for _ in 0..500 {
            assert_eq!(client.get(server.url("/healthz")).send().unwrap().status(), 200);
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
    }
    let told = Instant::now();
    server.terminate();
    assert!(server.wait());
    assert!(told.elapsed() < Duration::from_secs(15), "{:?}", told.elapsed());
}

/// The attributes of a span, as text.
fn attributes(span: &[(u64, Vec<u8>)]) -> String {
    let all = span.iter().filter(|field| field.0 == 9);
    all.map(|field| String::from_utf8_lossy(&field.1).into_owned()).collect()
}

#[test]
fn a_method_and_a_path_that_a_client_invents_give_a_span_no_name() {
    let (address, received) = collector();
    let server = Server::unlimited(&[("OTLP_ENDPOINT", &address)]);
    drop(server.request("BREW", "/pot").send().unwrap());
    let (span, _) = wait_for(&received, "HTTP");
    let said = attributes(&span);
    assert!(said.contains("_OTHER") && said.contains("http.request.method_original"), "{said}");
    assert!(said.contains("BREW") && !said.contains("http.route"), "{said}");
    drop(server.get("/pot"));
    let (span, _) = wait_for(&received, "GET");
    assert!(!attributes(&span).contains("http.route"));
}

#[test]
fn what_the_server_did_wrong_has_a_type_of_error() {
    let (address, received) = collector();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    fs::write(folder.path().join("config/ban.json"), "{ broken").unwrap();
    let server = Server::start_in(folder, &[("OTLP_ENDPOINT", &address)]);
    assert_eq!(server.get("/readyz").status(), 503);
    let (span, _) = wait_for(&received, "GET /readyz");
    let said = attributes(&span);
    assert!(said.contains("error.type"), "{said}");
    assert_eq!(server.get("/healthz").status(), 200);
    let (span, _) = wait_for(&received, "GET /healthz");
    assert!(!attributes(&span).contains("error.type"));
}

#[test]
fn why_the_collector_takes_nothing_is_in_the_log() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let server = Server::unlimited(&[("OTLP_ENDPOINT", &address)]);
    assert_eq!(server.get("/healthz").status(), 200);
    until("it is told", || server.log().contains("the collector does not take traces"));
    assert!(server.log().contains("Connection refused"), "{}", server.log());
}

#[test]
fn a_part_of_nothing_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (fine, _, errors) = run(folder.path(), &["check-config"], &[("OTLP_SAMPLE", "0.5")]);
    assert!(!fine && errors.contains("needs OTLP_ENDPOINT"), "{errors}");
}

#[test]
fn sampled_are_as_many_as_was_said() {
    let (address, received) = collector();
    let server = Server::unlimited(&[("OTLP_ENDPOINT", &address), ("OTLP_SAMPLE", "0")]);
    for _ in 0..20 {
        assert_eq!(server.get("/healthz").status(), 200);
    }
    drop(server.stop());
    assert!(received.try_recv().is_err(), "a span was sent");
}

fn parent(values: &[&str]) -> Option<Parent> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append("traceparent", value.parse().unwrap());
    }
    Parent::read(&headers)
}

#[test]
fn a_traceparent_that_breaks_a_rule_is_none() {
    let fine = format!("00-{TRACE}-{SPAN}-01");
    let read = parent(&[&fine]).unwrap();
    assert_eq!(
        (read.trace_id, read.span_id, read.flags),
        (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331, 1)
    );
    assert!(
        parent(&[&format!("cc-{TRACE}-{SPAN}-01-what-comes-later")]).is_some(),
        "a later version"
    );
    let zeros = "0".repeat(32);
    for wrong in [
        String::new(),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}-{SPAN}-01-more"),
        format!("cc-{TRACE}-{SPAN}-01.more"),
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}"),
        format!("00-{zeros}-{SPAN}-01"),
        format!("00-{TRACE}-{}-01", "0".repeat(16)),
        format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
        format!("00-{TRACE}-{SPAN}-0x"),
        format!("00-+{}-{SPAN}-01", &TRACE[1..]),
        format!("00-{TRACE}_{SPAN}-01"),
    ] {
        assert_eq!(parent(&[&wrong]), None, "{wrong}");
    }
    assert_eq!(parent(&[&fine, &fine]), None, "two of them");
}

proptest! {
    /// No header panics, and what is read could have been written.
    #[test]
    fn any_traceparent_is_read_or_left(text in "[ -~]{0,80}", like in "[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}") {
        for text in [text, like] {
            if let Some(read) = parent(&[&text]) {
                let again = format!("{:032x}-{:016x}-{:02x}", read.trace_id, read.span_id, read.flags);
                prop_assert_eq!(&text[3..55], again.as_str());
            }
        }
    }
}
