//! Streams of requests and of log lines: what is told, where one goes on, and when it ends.

use std::{
    io::{BufRead, BufReader, Lines},
    time::{Duration, Instant},
};

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::server::{Server, problem, run};

const REQUESTS: &str = "/api/analytics/stream";
const LOG: &str = "/api/logs/system/stream";
const STREAMS: [&str; 2] = [REQUESTS, LOG];

/// One event, as a browser would have it.
#[derive(Debug, Default)]
struct Told {
    name: String,
    id: String,
    data: Value,
}

/// A stream that is open.
struct Stream(Lines<BufReader<Response>>);

impl Stream {
    fn open(server: &Server, token: &str, path: &str) -> Self {
        Self::by(server.request("GET", path).bearer_auth(token))
    }

    fn by(request: reqwest::blocking::RequestBuilder) -> Self {
        let answer = request.timeout(Duration::from_secs(30)).send().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("no-store"));
        assert!(!answer.headers().contains_key("content-encoding"), "it is never compressed");
        let mut stream = Self(BufReader::new(answer).lines());
        assert!(stream.0.next().unwrap().unwrap().starts_with("retry: "));
        stream
    }

    /// What comes next; none at the end.
    fn next(&mut self) -> Option<Told> {
        let mut told = Told::default();
        loop {
            let line = self.0.next()?.unwrap();
            match line.split_once(": ") {
                Some(("event", name)) => told.name = name.to_owned(),
                Some(("id", id)) => told.id = id.to_owned(),
                Some(("data", data)) => told.data = serde_json::from_str(data).unwrap(),
                _ if line.is_empty() && !told.name.is_empty() => return Some(told),
                _ => {}
            }
        }
    }

    /// The paths of the next requests.
    fn paths(&mut self, count: usize) -> Vec<String> {
        let path = |told: Told| {
            assert_eq!(told.name, "request");
            told.data["path"].as_str().unwrap().to_owned()
        };
        (0..count).map(|_| path(self.next().unwrap())).collect()
    }

    /// Reads to the end, which must be told; why it ended.
    fn end(mut self) -> String {
        let mut last = Told::default();
        while let Some(told) = self.next() {
            last = told;
        }
        assert_eq!(last.name, "end", "{last:?}");
        last.data["reason"].as_str().unwrap().to_owned()
    }
}

/// Has something happen that ends a stream: within a second, at one of three times at least, for the machine may have other
/// work; and its client is told why.
fn ends_within_a_second(path: &str, why: &[&str], mut happens: impl FnMut() -> (Stream, Instant)) {
    let mut took = || {
        let (stream, since) = happens();
        let told = stream.end();
        assert!(why.contains(&&*told), "{path}: {told}, not {why:?}");
        since.elapsed()
    };
    assert!((0..3).any(|_| took() < Duration::from_secs(1)), "{path}: {why:?}");
}

#[test]
fn e3_both_streams_end_within_a_second_of_whatever_ends_their_credential_and_say_why() {
    let server = Server::unlimited(&[]);
    let erin = server.token("erin", &["admin"]);
    let does = |what: &str, body: &Value| {
        let answer = server.post_as(&erin, what, body);
        assert!(answer.status().is_success(), "{what}: {}", answer.text().unwrap());
        Instant::now()
    };
    let alice = json!({ "userId": "alice" });
    let own = || server.token("alice", &["admin"]);
    // Told at once, or seen by who looks now and then: whichever is first.
    let why = &["changed", "user"];
    for path in STREAMS {
        ends_within_a_second(path, why, || {
            let stream = Stream::open(&server, &own(), path);
            let since = does("/api/admin/users/roles", &json!({ "userId": "alice", "roles": [] }));
            does("/api/admin/users/roles", &json!({ "userId": "alice", "roles": ["admin"] }));
            (stream, since)
        });
        ends_within_a_second(path, why, || {
            let stream = Stream::open(&server, &own(), path);
            let since = does("/api/admin/users/disable", &alice);
            does("/api/admin/users/enable", &alice);
            (stream, since)
        });
        ends_within_a_second(path, why, || {
            let token = own();
            let stream = Stream::open(&server, &token, path);
            let left = server.request("POST", "/api/logout").bearer_auth(&token).send().unwrap();
            assert_eq!(left.status(), 204);
            (stream, Instant::now())
        });
    }
}

#[test]
fn e3_both_streams_end_within_a_second_of_a_ban_and_of_the_token_s_end() {
    for path in STREAMS {
        let server =
            Server::start(&[("RATE_LIMIT_ENABLED", "false"), ("TRUSTED_PROXIES", "127.0.0.1")]);
        let alice = server.token("alice", &["admin"]);
        let mut number = 0;
        ends_within_a_second(path, &["banned"], || {
            number += 1;
            let from = format!("198.51.100.{number}");
            let ask = |path: &str| server.request("GET", path).header("x-forwarded-for", &from);
            let stream = Stream::by(ask(path).bearer_auth(&alice));
            let refused = || ask("/api/feed").bearer_auth("not.a.token").send().unwrap();
            while refused().status() != 403 {}
            (stream, Instant::now())
        });
        ends_within_a_second(path, &["expired"], || {
            let arguments = ["token", "--user", "erin", "--role", "admin", "--ttl", "2s"];
            let (fine, token, errors) = run(server.folder.path(), &arguments, &[]);
            assert!(fine, "{errors}");
            let made = Instant::now();
            let stream = Stream::open(&server, token.trim(), path);
            // `exp` names whole seconds: it ends two seconds after the one in which it was made, or a little earlier.
            (stream, made + Duration::from_secs(2))
        });
    }
}

#[test]
fn a_stream_says_closed_where_the_server_stops_so_that_its_client_comes_back() {
    for path in STREAMS {
        let mut server = Server::unlimited(&[]);
        let stream = Stream::open(&server, &server.token("alice", &["admin"]), path);
        server.terminate();
        assert_eq!(stream.end(), "closed");
        assert!(server.wait());
    }
}

#[test]
fn e4_a_stream_tells_what_its_filter_lets_through_and_nothing_else() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let open = |query: &str| Stream::open(&server, &alice, &format!("{REQUESTS}?{query}"));
    let mut streams = [
        ("user=bob", vec!["/api/me", "/api/admin/bans"]),
        ("status=403", vec!["/api/admin/bans"]),
        ("status=200&user=bob", vec!["/api/me"]),
        ("route=/api/me&address=127.0.0.1", vec!["/api/me"]),
        ("address=192.0.2.1", vec![]),
        ("country=DE", vec![]),
        ("session=00000000000000000000000000000000", vec![]),
    ]
    .map(|(query, expected)| (query, open(query), expected));
    server.get("/api/feed");
    server.get_as(&bob, "/api/me");
    server.get_as(&bob, "/api/admin/bans");
    server.get("/api/feed");
    for (query, stream, expected) in &mut streams {
        assert_eq!(stream.paths(expected.len()), *expected, "{query}");
    }
    // What comes last is the first that all of them see again: their end.
    server.stop();
    for (query, mut stream, _) in streams {
        let next = stream.next().unwrap();
        assert_eq!(next.name, "end", "{query}: {next:?}");
    }
}

#[test]
fn the_live_log_tells_lines_by_level_target_and_event() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let open = |query: &str| Stream::open(&server, &alice, &format!("{LOG}?{query}"));
    let mut streams =
        ["", "level=warn", "target=palisade::security&event=admin.action", "event=no.such"]
            .map(|query| (query, open(query)));
    server.get_as(&bob, "/api/admin/bans");
    let order = json!({ "userId": "mallory", "reason": "a test" });
    server.post_as(&alice, "/api/admin/bans/ban-user", &order);
    assert!(
        server
            .post_as(&alice, "/api/admin/users/sign-out", &json!({ "userId": "bob" }))
            .status()
            .is_success()
    );
    server.stop();
    for (query, stream) in &mut streams {
        let mut lines = Vec::new();
        while let Some(told) = stream.next() {
            if told.name == "line" {
                assert!(told.data["time"].is_string() && told.data["level"].is_string());
                lines.push(told.data);
            }
        }
        let events: Vec<_> =
            lines.iter().map(|line| line["event"].as_str().unwrap_or("")).collect();
        println!("{query}: {lines:?}");
        match *query {
            "" => assert!(events.contains(&"admin.action"), "{lines:?}"),
            "level=warn" => assert!(
                lines.iter().all(|line| line["level"] == "WARN" || line["level"] == "ERROR")
            ),
            "event=no.such" => assert_eq!(lines.len(), 0),
            _ => {
                assert!(
                    !events.is_empty() && events.iter().all(|event| *event == "admin.action"),
                    "{lines:?}"
                );
                assert!(lines.iter().all(|line| line["target"] == "palisade::security"));
            }
        }
    }
}

#[test]
fn what_a_stream_is_asked_for_and_does_not_know_is_400_and_is_not_repeated() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    for (path, query) in [
        (REQUESTS, "path=/api/me"),
        (REQUESTS, "status=9999"),
        (REQUESTS, "status=abc"),
        (REQUESTS, "address=localhost"),
        (REQUESTS, "country=Germany"),
        (REQUESTS, "session=x"),
        (REQUESTS, "limit=1"),
        (LOG, "user=bob"),
        (LOG, "level=loud"),
        (LOG, "access_token=secret"),
    ] {
        let answer = server.get_as(&alice, &format!("{path}?{query}"));
        let (status, code, body) = problem(answer);
        assert_eq!((status, &*code), (400, "invalid-request"), "{path}?{query}");
        assert!(!body.to_string().contains("secret"));
        let detail = body["detail"].as_str().unwrap();
        let filter = if path == LOG { "level (error, warn" } else { "country (two letters)" };
        assert!(detail.contains(filter) && detail.contains("lastEventId"), "{detail}");
    }
}

#[test]
fn both_streams_are_for_admins_and_take_tickets_and_tokens_in_the_query() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    for path in STREAMS {
        assert_eq!(problem(server.get_as(&bob, path)).1, "insufficient-role");
        assert_eq!(problem(server.get(path)).1, "credentials-required");
        Stream::by(server.request("GET", &format!("{path}?token={alice}")));
        let ticket = server.post_as(&alice, "/api/stream-tickets", &json!({ "route": path }));
        let ticket: Value = ticket.json().unwrap();
        let url = ticket["url"].as_str().unwrap();
        Stream::by(server.request("GET", url));
        assert_eq!(problem(server.get(url)).1, "invalid-token.ticket");
    }
}

#[test]
fn who_comes_back_is_told_exactly_what_he_missed() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    let stream = format!("{REQUESTS}?route=/api/profiles");
    let ask = |count: usize| (0..count).for_each(|_| drop(server.get("/api/profiles")));
    let mut first = Stream::open(&server, &alice, &stream);
    ask(3);
    let ids: Vec<_> = (0..3).map(|_| first.next().unwrap().id).collect();
    // As if only one had come.
    drop(first);
    ask(2);
    let by_header = server.request("GET", &stream).header("last-event-id", &ids[0]);
    let by_address = server.request("GET", &format!("{stream}&lastEventId={}", ids[0]));
    let told = [by_header, by_address].map(|request| {
        let mut second = Stream::by(request.bearer_auth(&alice));
        let missed: Vec<_> = (0..4).map(|_| second.next().unwrap()).collect();
        assert_eq!([&missed[0].id, &missed[1].id], [&ids[1], &ids[2]], "from where he left off");
        assert!(missed.iter().all(|told| told.data["path"] == "/api/profiles"));
        (second, missed.into_iter().map(|told| told.id).collect::<Vec<_>>())
    });
    assert_eq!(told[0].1, told[1].1);
    ask(1);
    for (mut stream, before) in told {
        let next = stream.next().unwrap();
        assert_eq!(next.name, "request");
        assert!(!before.contains(&next.id), "and then what comes");
    }
    let elsewhere = server.request("GET", &stream).header("last-event-id", "0123456789abcdef-7");
    let told = Stream::by(elsewhere.bearer_auth(&alice)).next().unwrap();
    assert_eq!((&*told.name, &told.data), ("lagged", &json!({ "missed": null })));
}

#[test]
fn e2_streams_are_bounded_for_each_user_and_in_all() {
    let server = Server::unlimited(&[("STREAMS_MAX", "3"), ("STREAMS_PER_USER", "2")]);
    let [alice, bob] = ["alice", "erin"].map(|user| server.token(user, &["admin"]));
    let mut own = STREAMS.map(|path| Some(Stream::open(&server, &alice, path)));
    let refused = server.get_as(&alice, LOG);
    assert!(refused.headers().contains_key("retry-after"));
    let (status, code, _) = problem(refused);
    assert_eq!((status, &*code), (429, "too-many-streams"));
    let _third = Stream::open(&server, &bob, LOG);
    let refused = server.get_as(&bob, REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let (status, code, _) = problem(refused);
    assert_eq!((status, &*code), (503, "temporarily-unavailable"));
    drop(own[0].take());
    crate::server::until("the place is free", || {
        let again = server.request("GET", LOG).bearer_auth(&alice);
        again.timeout(Duration::from_secs(20)).send().unwrap().status() == 200
    });
}

#[test]
fn the_live_log_does_not_tell_of_itself_whatever_is_logged() {
    let server = Server::unlimited(&[("LOG_LEVEL", "trace")]);
    let alice = server.token("alice", &["admin"]);
    let request = server.request("GET", LOG).bearer_auth(&alice);
    let mut stream = Stream::by(request.header("accept-encoding", "br, gzip, zstd"));
    let mut lines_until_next = || {
        let order = json!({ "userId": "bob" });
        let answer = server.post_as(&alice, "/api/admin/users/sign-out", &order);
        assert!(answer.status().is_success());
        let mut count = 0;
        while stream.next().unwrap().data["event"] != "admin.action" {
            count += 1;
        }
        count
    };
    let counts: Vec<u32> = (0..5).map(|_| lines_until_next()).collect();
    println!("{counts:?} lines between");
    assert!(counts.iter().all(|count| *count < 100), "{counts:?}");
}
