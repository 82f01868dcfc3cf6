//! What the analytics answer: in numbers, as a file, after a restart; and who may delete what.

use std::{collections::BTreeSet, fs};

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::server::{Server, problem, until};

pub(crate) fn started(settings: &[(&str, &str)]) -> (Server, String) {
    let server = Server::unlimited(settings);
    let admin = server.token("alice", &["admin"]);
    (server, admin)
}

fn delete(server: &Server, token: &str, query: &str) -> Response {
    let request = server.request("DELETE", &format!("/api/analytics{query}"));
    request.bearer_auth(token).send().unwrap()
}

impl Server {
    pub(crate) fn analytics(&self, admin: &str, query: &str) -> Value {
        let answer = self.get_as(admin, &format!("/api/analytics{query}"));
        assert_eq!(answer.status(), 200, "{query}: {}", answer.text().unwrap());
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        answer.json().unwrap()
    }

    /// How many requests there were that the query chooses.
    pub(crate) fn total(&self, admin: &str, query: &str) -> u64 {
        self.analytics(admin, &format!("?view=summary&{query}"))["totals"]["total"]
            .as_u64()
            .unwrap()
    }
}

#[test]
fn records_are_there_after_a_restart_and_after_a_crash() {
    let (server, admin) = started(&[]);
    for _ in 0..3 {
        assert_eq!(server.get("/api/feed").status(), 200);
    }
    let before = server.analytics(&admin, "?route=/api/feed");
    assert_eq!(before["totals"]["total"], 3);
    let off = [("RATE_LIMIT_ENABLED", "false")];
    let server = Server::start_in(server.stop(), &off);
    assert_eq!(server.analytics(&admin, "?route=/api/feed"), before);
    server.get("/api/feed");
    // What was answered is stored.
    assert_eq!(server.total(&admin, "route=/api/feed"), 4);
    let server = Server::start_in(server.kill(), &off);
    assert_eq!(server.total(&admin, "route=/api/feed"), 4);
    let folder = server.stop();
    assert!(folder.path().join("data/analytics.db").exists());
}

#[test]
fn every_filter_finds_what_it_says_and_all_of_them_together() {
    let (server, admin) = started(&[("TRUSTED_PROXIES", "127.0.0.0/8")]);
    let bob = server.token("bob", &[]);
    let from =
        |address: &str, path: &str| server.request("GET", path).header("x-forwarded-for", address);
    from("192.0.2.1", "/api/feed").bearer_auth(&bob).send().unwrap();
    from("192.0.2.2", "/api/nothing").send().unwrap();
    let page = from("2001:db8::7", "/").header("accept", "text/html").send().unwrap();
    let session = page.headers()["set-cookie"].to_str().unwrap();
    let session = session.split(['=', ';']).nth(1).unwrap();
    let paths = |query: &str| {
        let answer = server.analytics(&admin, &format!("?{query}"));
        let records = answer["page"]["records"].as_array().unwrap().iter();
        let others = records.filter(|record| record["path"] != "/api/analytics");
        others.map(|record| record["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths("limit=1000"), ["/", "/api/nothing", "/api/feed"]);
    assert_eq!(paths("user=bob"), ["/api/feed"]);
    assert_eq!(paths("status=404"), ["/api/nothing"]);
    assert_eq!(paths("address=2001:DB8:0::7"), ["/"]);
    assert_eq!(paths(&format!("session={session}")), ["/"]);
    assert_eq!(paths("country=DE"), [""; 0]);
    assert_eq!(paths("since=2026-01-01T00:00:00Z&address=192.0.2.2"), ["/api/nothing"]);
    assert_eq!(paths("since=2026-01-01T00:00:00+02:00&user=bob"), ["/api/feed"]);
    assert_eq!(paths("until=2026-01-01T00:00:00Z"), [""; 0]);
    assert_eq!(paths("user=bob&status=404"), [""; 0]);
    let page = server.analytics(&admin, "?limit=1&user=bob");
    assert_eq!(page["page"]["next"], Value::Null);
}

#[test]
fn a_cursor_goes_on_while_requests_come_in() {
    let (server, admin) = started(&[]);
    for n in 0..5 {
        server.get(&format!("/api/feed?{n}"));
    }
    let first = server.analytics(&admin, "?route=/api/feed&limit=2");
    server.get("/api/feed");
    let next = first["page"]["next"].as_str().unwrap();
    let second = server.analytics(&admin, &format!("?route=/api/feed&limit=9&cursor={next}"));
    let ids = |page: &Value| {
        let records = page["page"]["records"].as_array().unwrap().iter();
        records.map(|record| record["requestId"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!((ids(&first).len(), ids(&second).len()), (2, 3));
    let both: BTreeSet<_> = ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!(both.len(), 5, "none twice");
}

#[test]
fn summaries_and_series_add_up() {
    let (server, admin) = started(&[]);
    for path in ["/api/feed", "/api/feed", "/api/nothing", "/"] {
        server.get(path);
    }
    assert_eq!(server.request("GET", "/api/me").send().unwrap().status(), 401);
    let summary = server.analytics(&admin, "?view=summary&until=2100-01-01T00:00:00Z");
    let numbers = &summary["summary"];
    assert_eq!((&numbers["requests"], &numbers["refused"]), (&json!(5), &json!(2)), "{summary}");
    assert_eq!(numbers["addresses"], 1);
    let times = ["p50Ms", "p90Ms", "p99Ms", "maxMs"].map(|name| numbers[name].as_f64().unwrap());
    assert!(times.is_sorted() && times[3] > 0.0, "{times:?}");
    let top = server.analytics(&admin, "?view=top&countBy=status&limit=1&user=nobody");
    assert_eq!((&top["counts"], &top["other"]), (&json!([]), &json!(0)));
    let top = server.analytics(&admin, "?view=top&countBy=path&limit=1");
    assert_eq!(top["counts"], json!([{ "value": "/api/analytics", "count": 2 }]), "{top}");
    assert_eq!(top["other"], 5);
    for step in ["minute", "hour", "day"] {
        let series = server.analytics(&admin, &format!("?view=series&step={step}&route=/api/feed"));
        assert_eq!(series["step"], step);
        let steps = series["series"].as_array().unwrap();
        // Both may stand on either side of a full minute.
        let sum: u64 = steps.iter().map(|step| step["requests"].as_u64().unwrap()).sum();
        assert_eq!(sum, 2, "{series}");
        assert!(steps[0]["from"].as_str().unwrap().ends_with(":00.000Z"), "{series}");
    }
}

#[test]
fn a_query_that_is_not_understood_is_refused_with_what_there_is() {
    let (server, admin) = started(&[]);
    let of = |query: &str| {
        let answer = server.get_as(&admin, &format!("/api/analytics?{query}"));
        assert_eq!(answer.status(), 400, "{query}");
        let (status, code, body) = problem(answer);
        assert_eq!((status, &*code), (400, "invalid-request"), "{query}");
        body["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        of("usr=bob"),
        "The query may hold since, until, route, status, user, address, country, session, view, countBy, limit, cursor, format."
    );
    assert!(of("view=summary&cursor=1").ends_with("country, session, view."));
    assert!(of("countBy=color").contains("one of address, route, status, user, method"));
    assert!(of("view=everything").contains("one of list, top, summary, series"));
    assert!(of("since=yesterday").contains("RFC 3339"));
    assert_eq!(of("limit=0"), "`limit`: 1 or more.");
    assert!(of("view=list&countBy=path").ends_with("session, view, limit, cursor, format."));
    for query in [
        "since=2026-01-31",
        "status=99",
        "status=1000",
        "address=here",
        "address=127.0.0.1/8",
        "country=Germany",
        "session=x",
        "limit=-1",
        "limit=many",
        "cursor=xyz",
        "user=",
        "user=a&user=b",
        "view=top",
        "view=series",
        "view=series&step=second",
        "format=xml",
        "view=summary&format=csv",
    ] {
        of(query);
    }
}

#[test]
fn what_a_query_chooses_is_deleted_and_nothing_is_by_mistake() {
    let (server, admin) = started(&[("LOG_FORMAT", "json")]);
    let bob = server.token("bob", &[]);
    for token in [&bob, &bob, &admin] {
        assert_eq!(server.get_as(token, "/api/feed").status(), 200);
    }
    for query in ["?usr=bob", "?user=", "?user=bob&limit=1", "?user=bob&user=eve", "?status=x"] {
        assert_eq!(problem(delete(&server, &admin, query)).0, 400, "{query}");
    }
    assert_eq!(delete(&server, &bob, "?user=bob").status(), 403);
    assert_eq!(server.total(&admin, "user=bob"), 3, "his own attempt is the third");
    let cleared: Value = delete(&server, &admin, "?user=bob").json().unwrap();
    assert_eq!(cleared, json!({ "cleared": 3 }));
    assert_eq!(server.total(&admin, "user=bob"), 0);
    assert!(server.total(&admin, "user=alice") > 3, "the others are there");
    // Who did what is in the log.
    let log = server.log();
    let action = log.lines().filter(|line| line.contains("analytics.clear")).collect::<Vec<_>>();
    assert_eq!(action.len(), 1, "{log}");
    assert!(action[0].contains("user=bob") && action[0].contains("alice"), "{}", action[0]);
    // Nothing of him is on disk any more.
    let data = server.folder.path().join("data");
    for entry in fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("analytics.db") {
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(3).any(|part| part == b"bob"), "{}", path.display());
        }
    }
}

#[test]
fn a_store_that_does_not_answer_is_503_with_nothing_of_it_and_comes_back_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("away")).unwrap();
    let off = [("RATE_LIMIT_ENABLED", "false")];
    let server = Server::start_in(folder, &off);
    let admin = server.token("alice", &["admin"]);
    let data = server.folder.path().join("data");
    let away = server.folder.path().join("away");
    let names = ["analytics.db", "analytics.db-wal", "analytics.db-shm"];
    for name in names {
        fs::rename(data.join(name), away.join(name)).unwrap();
    }
    // Questions open the file by its name; what stands there now is a folder.
    fs::create_dir(data.join("analytics.db")).unwrap();
    // The connection that counted at the start is open and fine: so several at once, until one must open its own.
    let ask = || server.get_as(&admin, "/api/analytics?view=summary");
    let ask_at_once = || {
        std::thread::scope(|scope| {
            let asks: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            let answers: Vec<_> = asks.into_iter().map(|ask| ask.join().unwrap()).collect();
            answers.into_iter().find(|answer| answer.status() != 200)
        })
    };
    let answer = (0..100).find_map(|_| ask_at_once()).expect("one that is refused");
    assert_eq!(answer.headers()["retry-after"], "5");
    let (status, code, body) = problem(answer);
    assert_eq!((status, &*code), (503, "temporarily-unavailable"));
    let body = body.to_string();
    assert!(!body.contains("analytics.db") && !body.to_lowercase().contains("sql"), "{body}");
    fs::remove_dir(data.join("analytics.db")).unwrap();
    for name in names {
        fs::rename(away.join(name), data.join(name)).unwrap();
    }
    assert_eq!(server.get("/api/feed").status(), 200);
    assert_eq!(server.total(&admin, "route=/api/feed"), 1);
}

#[test]
fn a_damaged_database_is_no_reason_not_to_start_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("analytics.db"), format!("SQLite format 3\0{}", "garbage ".repeat(1000)))
        .unwrap();
    let server = Server::start_in(folder, &[("RATE_LIMIT_ENABLED", "false")]);
    let admin = server.token("alice", &["admin"]);
    server.get("/api/feed");
    assert_eq!(server.total(&admin, "route=/api/feed"), 1);
    assert!(server.log().contains("store.damaged"), "{}", server.log());
    let kept = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path());
    let kept = kept.filter(|path| path.to_string_lossy().contains("analytics.db.corrupt-"));
    assert_eq!(kept.map(|path| fs::read(path).unwrap().len()).collect::<Vec<_>>(), [8016]);
}

#[test]
fn two_servers_may_share_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.db");
    let shared = [("ANALYTICS_DB", path.to_str().unwrap())];
    let ((one, admin), (two, _)) = (started(&shared), started(&shared));
    std::thread::scope(|scope| {
        for server in [&one, &two] {
            scope.spawn(move || {
                for n in 0..200 {
                    assert_eq!(server.get(&format!("/api/feed?{n}")).status(), 200);
                }
            });
        }
    });
    until("both are there", || one.total(&admin, "route=/api/feed") == 400);
}

#[test]
fn analytics_can_be_kept_in_memory_or_turned_off() {
    let (server, admin) = started(&[("ANALYTICS_DB", "memory")]);
    server.get("/api/feed");
    assert_eq!(server.total(&admin, "route=/api/feed"), 1);
    assert!(!server.folder.path().join("data/analytics.db").exists());

    let (server, admin) = started(&[("ANALYTICS", "off")]);
    let page = server.request("GET", "/").header("accept", "text/html").send().unwrap();
    assert_eq!((page.status().as_u16(), page.headers().get("set-cookie")), (200, None));
    assert_eq!(server.total(&admin, ""), 0);
    assert!(!server.folder.path().join("data/analytics.db").exists());

    let (server, admin) = started(&[("ANALYTICS_EXCLUDE", "/api/feed,*.ico")]);
    for path in ["/api/feed", "/favicon.ico", "/static/x", "/api/nothing"] {
        server.get(path);
    }
    let page = server.analytics(&admin, "?limit=9");
    let records = page["page"]["records"].as_array().unwrap().iter();
    let paths: Vec<_> = records.map(|record| record["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/api/nothing", "/static/x"]);

    let (server, admin) = started(&[("ANALYTICS_ADDRESSES", "daily-hash")]);
    server.get("/api/feed");
    let page = server.analytics(&admin, "?route=/api/feed");
    let pseudonym = page["page"]["records"][0]["address"].as_str().unwrap().to_owned();
    assert!(pseudonym.starts_with('~') && pseudonym.len() == 33, "{pseudonym}");
    assert_eq!(server.total(&admin, &format!("route=/api/feed&address={pseudonym}")), 1);

    let (server, admin) =
        started(&[("ANALYTICS_ADDRESSES", "network"), ("TRUSTED_PROXIES", "127.0.0.0/8")]);
    server.request("GET", "/api/feed").header("x-forwarded-for", "192.0.2.77").send().unwrap();
    assert_eq!(server.total(&admin, "address=192.0.2.0"), 1);
}

/// A full disk is a limit on the size of files here: what is written beyond it fails. `prlimit` lifts it from outside.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_records_and_no_answers_and_ends_by_itself() {
    let limited = "trap '' XFSZ; ulimit -S -f 2000; exec \"$0\"";
    let off =
        [("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false"), ("LOG_LEVEL", "error")];
    let server = Server::start_by(&["sh", "-c", limited], &off);
    let admin = server.token("alice", &["admin"]);
    let agent = "x".repeat(250);
    let ask = || server.request("GET", "/api/feed").header("user-agent", &agent).send().unwrap();
    let file = server.folder.path().join("data/analytics.db-wal");
    let size = || {
        fs::metadata(&file).map_or(0, |it| it.len())
            + fs::metadata(file.with_extension("db")).map_or(0, |it| it.len())
    };
    let mut asked = 0;
    let (mut last, mut still) = (0, 0);
    while still < 300 {
        assert_eq!(ask().status(), 200, "a request does not care");
        asked += 1;
        still = if size() == last { still + 1 } else { 0 };
        last = size();
        assert!(asked < 20_000, "it never got full: {last}");
    }
    let kept = server.total(&admin, "route=/api/feed");
    assert!(kept < asked, "{kept} of {asked}");
    let lifted = std::process::Command::new("prlimit")
        .args(["--pid", &server.pid().to_string(), "--fsize=unlimited"])
        .status()
        .unwrap();
    assert!(lifted.success());
    assert_eq!(ask().status(), 200);
    assert_eq!(server.total(&admin, "route=/api/feed"), kept + 1);
}
