//! The figures of a server: who reads them, and whether they say what happened.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::Duration,
};

use palisade_test_support::RedisServer;
use reqwest::blocking::{Client, Response};
use serde_json::json;

use crate::server::{Server, problem, run, until};

/// The figure of this name and these labels, written as the page does; 0 if there is none.
pub(crate) fn figure(page: &str, series: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().unwrap())
}

/// A server that shows its figures on an address of its own, and that address.
pub(crate) fn open(settings: &[(&str, &str)]) -> (Server, String) {
    let own = [("METRICS_LISTEN_ADDR", "127.0.0.1:0")];
    let mut server = Server::start(&[&own, settings].concat());
    let line = server.line();
    let url = line.trim().rsplit_once(' ').unwrap().1.to_owned();
    assert!(url.ends_with("/metrics"), "{line}");
    (server, url)
}

fn ask(url: &str) -> Response {
    Client::new().get(url).send().unwrap()
}

pub(crate) fn page(url: &str) -> String {
    let answer = ask(url);
    assert_eq!(answer.status(), 200);
    answer.text().unwrap()
}

#[test]
fn on_the_main_address_admins_alone_read_figures() {
    let server = Server::unlimited(&[]);
    assert_eq!(server.get("/metrics").status(), 401);
    assert_eq!(server.get_as(&server.token("bob", &[]), "/metrics").status(), 403);
    let answer = server.get_as(&server.token("alice", &["admin"]), "/metrics");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let text = answer.text().unwrap();
    for code in ["credentials-required", "insufficient-role"] {
        let labels = format!("policy=\"admin\",decision=\"refused\",code=\"{code}\"");
        assert_eq!(figure(&text, &format!("palisade_decisions_total{{{labels}}}")), 1.0, "{text}");
    }
}

#[test]
fn who_asks_for_openmetrics_gets_it() {
    let (_server, url) = open(&[]);
    let answer = Client::new().get(&url).header("accept", "application/openmetrics-text").send();
    let answer = answer.unwrap();
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.headers()["content-type"], kind);
    let text = answer.text().unwrap();
    assert!(text.ends_with("\n# EOF\n"));
    assert!(text.contains("# TYPE palisade_requests counter\n"));
}

#[test]
fn the_other_address_shows_figures_without_a_credential_and_nothing_else() {
    let (server, url) = open(&[]);
    assert!(page(&url).contains("palisade_build_info{version="));
    let base = url.strip_suffix("/metrics").unwrap();
    for path in ["/", "/healthz", "/api/admin/bans", "/metrics/", "/METRICS"] {
        let answer = ask(&format!("{base}{path}"));
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.text().unwrap(), "");
    }
    let posted = Client::new().post(&url).send().unwrap();
    assert_eq!(posted.status(), 405);
    assert_eq!(posted.headers()["allow"], "GET, HEAD");
    let head = Client::new().head(&url).send().unwrap();
    assert_eq!((head.status().as_u16(), head.text().unwrap().as_str()), (200, ""));
    assert_eq!(
        server.get("/metrics").status(),
        401,
        "the main address asks for an admin all the same"
    );
}

#[test]
fn head_is_told_the_length_by_both_versions_of_http() {
    let (_server, url) = open(&[]);
    for (version, status) in
        [("--http1.1", "HTTP/1.1 200"), ("--http2-prior-knowledge", "HTTP/2 200")]
    {
        let output = Command::new("curl")
            .args(["-sS", "--head", "--max-time", "20", version, &url])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.starts_with(status), "{version}: {text}");
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        assert!(length.unwrap().trim().parse::<usize>().unwrap() > 1000, "{text}");
    }
}

#[test]
fn of_many_who_ask_for_figures_at_once_some_are_told_to_come_back() {
    let (_server, url) = open(&[]);
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap();
    let asks = |_| {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        socket.write_all(head).unwrap();
        socket
    };
    let answer = |mut socket: TcpStream| {
        let mut text = String::new();
        socket.read_to_string(&mut text).unwrap();
        text
    };
    until("too many come at once", || {
        let sockets: Vec<_> = (0..12).map(asks).collect();
        let answers: Vec<_> = sockets.into_iter().map(answer).collect();
        let served = |text: &&String| text.starts_with("HTTP/1.1 200");
        assert!(answers.iter().any(|text| served(&text)), "{answers:?}");
        let others: Vec<_> = answers.iter().filter(|text| !served(text)).collect();
        let told =
            |text: &&String| text.starts_with("HTTP/1.1 503") && text.contains("retry-after: 1");
        assert!(others.iter().all(told), "{others:?}");
        !others.is_empty()
    });
    assert!(page(&url).contains("palisade_build_info"));
}

#[test]
fn what_storing_records_takes_is_told() {
    let (server, url) = open(&[]);
    assert_eq!(server.get("/api/feed").status(), 200);
    until("it is stored", || {
        let text = page(&url);
        figure(&text, "palisade_records_appends_total") >= 1.0
            && figure(&text, "palisade_records_append_seconds_total") > 0.0
            && figure(&text, "palisade_records") >= 1.0
            && figure(&text, "palisade_analytics_healthy") == 1.0
    });
}

#[test]
fn figures_say_what_happened() {
    let (server, url) = open(&[
        ("RATE_LIMIT_MAX", "3"),
        ("RATE_LIMIT_WINDOW_MS", "60000"),
        ("AUTO_BAN_THRESHOLD", "1000"),
    ]);
    let alice = server.token("alice", &["admin"]);
    assert_eq!(server.get("/healthz").status(), 200);
    assert_eq!(server.get("/api/feed").status(), 200);
    let mut refused = 0.0;
    while server.get("/api/feed").status() != 429 {
        assert!(refused < 10.0);
        refused += 1.0;
    }
    let ban = json!({ "ip": "203.0.113.9", "reason": "a test" });
    assert_eq!(server.post_as(&alice, "/api/admin/bans/ban-ip", &ban).status(), 200);
    let (_, code, _) = problem(server.get("/nowhere"));
    let text = page(&url);
    let check = |series: &str, expected: f64| {
        assert_eq!(figure(&text, series), expected, "{series}\n{text}")
    };
    let public = "class=\"public\",method=\"GET\",status_class=\"2xx\",outcome=\"whole\"";
    assert!(figure(&text, &format!("palisade_requests_total{{{public}}}")) >= 1.0, "{text}");
    let limited = "policy=\"rate-limit\",decision=\"refused\",code=\"quota-exceeded\"";
    check(&format!("palisade_decisions_total{{{limited}}}"), 1.0);
    check("palisade_bans{kind=\"ip\"}", 1.0);
    check("palisade_violations_total{kind=\"rate-limit\"}", 1.0);
    check("palisade_requests_in_flight", 0.0);
    check("palisade_production", 0.0);
    check("palisade_blocklist_current", 1.0);
    check("palisade_limiter_degraded", 0.0);
    check("palisade_token_lookups_total{result=\"miss\"}", 1.0);
    for limit in ["api", "expensive"] {
        let of =
            |name: &str| figure(&text, &format!("palisade_limiter_{name}{{limit=\"{limit}\"}}"));
        assert!(of("capacity") >= 200_000.0 && of("keys") <= 2.0, "{limit}: {text}");
    }
    check("palisade_limiter_keys{limit=\"api\"}", 2.0);
    assert!(figure(&text, "palisade_connections_capacity") >= 1.0);
    assert!(figure(&text, "process_start_time_seconds") > 1.7e9);
    assert!(!code.is_empty());
    #[cfg(target_os = "linux")]
    {
        assert!(figure(&text, "process_resident_memory_bytes") > 1e6);
        assert!(figure(&text, "process_open_fds") > 5.0);
        assert!(figure(&text, "process_threads") > 1.0);
        assert!(figure(&text, "process_max_fds") > 5.0);
    }
}

#[test]
fn an_open_stream_and_its_connection_are_counted_until_they_end() {
    let (server, url) = open(&[]);
    let alice = server.token("alice", &["admin"]);
    let stream = server.get_as(&alice, "/api/analytics/stream");
    assert_eq!(stream.status(), 200);
    until("the stream is counted", || {
        let text = page(&url);
        figure(&text, "palisade_streams_open") == 1.0
            && figure(&text, "palisade_requests_in_flight") == 1.0
            && figure(&text, "palisade_connections") >= 1.0
    });
    drop(stream);
    until("the end of the stream is counted", || {
        let text = page(&url);
        let cut = "class=\"admin\",method=\"GET\",status_class=\"2xx\",outcome=\"cut\"";
        figure(&text, "palisade_streams_open") == 0.0
            && figure(&text, &format!("palisade_requests_total{{{cut}}}")) == 1.0
            && figure(&text, "palisade_request_duration_seconds_count{class=\"admin\"}") == 0.0
    });
}

#[test]
fn a_redis_that_goes_away_shows_in_figures() {
    let mut redis = RedisServer::start();
    let (server, url) = open(&[("REDIS_URL", &redis.url()), ("AUTO_BAN_ENABLED", "false")]);
    until("it is up, and asked about a request", || {
        drop(server.get("/api/feed"));
        let text = page(&url);
        figure(&text, "palisade_redis_up") == 1.0
            && figure(&text, "palisade_redis_limited_total{by=\"call\"}") >= 1.0
            && figure(&text, "palisade_redis_answered_seconds_total") > 0.0
    });
    redis.kill();
    until("it is down, and limits are on their own", || {
        drop(server.get("/api/feed"));
        let text = page(&url);
        figure(&text, "palisade_redis_up") == 0.0
            && figure(&text, "palisade_limiter_degraded") == 1.0
    });
}

#[test]
fn the_end_of_the_certificate_is_told() {
    let (_server, url) = open(&[("TLS_SELF_SIGNED", "true"), ("TLS_LISTEN_ADDR", "127.0.0.1:0")]);
    let text = page(&url);
    assert!(
        figure(&text, "palisade_tls_certificate_not_after_timestamp_seconds") > 1.7e9,
        "{text}"
    );
    assert_eq!(figure(&text, "palisade_tls_certificate_current"), 1.0);
}

#[test]
fn who_keeps_connections_to_the_other_address_open_keeps_nobody_out_but_there() {
    let (server, url) = open(&[]);
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap();
    let held: Vec<_> = (0..64).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(server.get("/healthz").status(), 200);
    until("figures are shown once more", || {
        Client::new().get(&url).send().is_ok_and(|answer| answer.status() == 200)
    });
    drop(held);
}

#[test]
fn without_figures_there_is_nothing_to_read() {
    let server = Server::unlimited(&[("METRICS", "off")]);
    let alice = server.token("alice", &["admin"]);
    assert_eq!(server.get_as(&alice, "/metrics").status(), 404);
    let folder = tempfile::tempdir().unwrap();
    let both = [("METRICS", "off"), ("METRICS_LISTEN_ADDR", "127.0.0.1:9464")];
    let (fine, _, errors) = run(folder.path(), &["check-config"], &both);
    assert!(!fine);
    assert!(
        errors.contains("METRICS_LISTEN_ADDR=`127.0.0.1:9464`: METRICS=off shows nothing there"),
        "{errors}"
    );
}

#[test]
fn an_address_that_is_taken_stops_the_start_and_names_the_setting() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let (fine, _, errors) = run(folder.path(), &["serve"], &[("METRICS_LISTEN_ADDR", &address)]);
    assert!(!fine);
    assert!(
        errors.contains("METRICS_LISTEN_ADDR") && errors.contains("another program"),
        "{errors}"
    );
}

#[test]
fn e9_no_request_adds_a_figure_whatever_it_names() {
    let (server, url) = open(&[("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false")]);
    let send = |number: u32| {
        let method = format!("M{number}");
        let request = server.request(&method, &format!("/p{number}?token=t{number}"));
        let request = request
            .header("user-agent", format!("agent-{number}"))
            .header("x-api-key", format!("k{number}"));
        drop(request.bearer_auth(format!("b{number}")).send().unwrap());
        drop(server.get(&format!("/p{number}")));
    };
    (0..5).for_each(send);
    let series = || {
        let text = page(&url);
        let names = text.lines().filter(|line| !line.starts_with('#'));
        names.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect::<Vec<_>>()
    };
    let before = series();
    (5..200).for_each(send);
    let after = series();
    let new: Vec<_> = after.iter().filter(|series| !before.contains(series)).collect();
    assert!(new.is_empty(), "{new:?}");
    let text = page(&url);
    for secret in ["p42", "agent-42", "k42", "b42", "t42", "127.0.0.1", "M42"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_wrong_collector_stops_the_start_and_so_does_any_where_traces_are_not_built_in() {
    let folder = tempfile::tempdir().unwrap();
    let check = |value: &str| {
        let settings = [("OTLP_ENDPOINT", value), ("OTLP_SAMPLE", "2")];
        let (fine, _, errors) = run(folder.path(), &["check-config"], &settings);
        assert!(!fine);
        assert!(errors.contains("OTLP_SAMPLE=`2`"), "{errors}");
        errors
    };
    let expected = if cfg!(feature = "otlp") {
        "OTLP_ENDPOINT=`collector:4317`"
    } else {
        "this build sends no traces"
    };
    assert!(check("collector:4317").contains(expected));
    let errors = check("http://user:secret@collector:4318");
    assert!(!errors.contains("secret"), "{errors}");
}

#[test]
fn loopback_and_private_addresses_alone_are_not_exposed() {
    let exposed = |address: &str| palisade_server::metrics::is_exposed(address.parse().unwrap());
    for safe in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.9",
        "172.16.0.1",
        "169.254.1.1",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
    ] {
        assert!(!exposed(safe), "{safe}");
    }
    for open in ["0.0.0.0", "::", "203.0.113.9", "172.32.0.1", "2001:db8::1", "::ffff:203.0.113.9"]
    {
        assert!(exposed(open), "{open}");
    }
}
