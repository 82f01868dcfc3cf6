//! Rendered content that is kept: what a client gets of it, and what an admin sees and drops.

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::server::{Server, problem, run, until};

const INVALIDATE: &str = "/api/cache/invalidate";

/// What an admin sees by this query.
fn inspect(server: &Server, admin: &str, query: &str) -> Value {
    let answer = server.get_as(admin, &format!("/api/cache/inspect{query}"));
    assert_eq!(answer.status(), 200, "{query}");
    answer.json().unwrap()
}

/// The paths of what is kept.
fn paths(seen: &Value) -> Vec<&str> {
    let entries = seen["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["path"].as_str().unwrap()).collect()
}

fn ask_all(server: &Server, paths: &[&str]) {
    for path in paths {
        assert_eq!(server.get(path).status(), 200, "{path}");
    }
}

/// How many pieces went.
fn invalidate(server: &Server, admin: &str, body: &Value) -> u64 {
    let answer = server.post_as(admin, INVALIDATE, body);
    assert_eq!(answer.status(), 200, "{body}");
    answer.json::<Value>().unwrap()["invalidated"].as_u64().unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn content_is_rendered_once_and_shown_again_however_its_path_is_written() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let first = server.get("/post/1.pdf");
    let (etag, file) =
        (header(&first, "etag").to_owned(), header(&first, "content-disposition").to_owned());
    assert!(etag.starts_with('"') && etag.len() > 20, "a strong one: {etag}");
    assert_eq!(file, "inline; filename=\"1.pdf\"");
    let bytes = first.bytes().unwrap();
    for path in ["/post/1.pdf", "/post/01.pdf", "/post/1.pdf?tracked=1"] {
        let again = server.get(path);
        assert_eq!(
            (header(&again, "etag"), header(&again, "content-disposition")),
            (&*etag, &*file)
        );
        assert_eq!(header(&again, "content-type"), "application/pdf");
        assert_eq!(again.bytes().unwrap(), bytes, "{path}");
    }
    let head = server.request("HEAD", "/post/1.pdf").send().unwrap();
    assert_eq!(header(&head, "content-length"), bytes.len().to_string());
    assert_eq!(server.get("/post/99.pdf").status(), 404, "what is not there takes no room");

    let seen = inspect(&server, &admin, "");
    assert_eq!(paths(&seen), ["/post/1.pdf"]);
    assert_eq!(seen["cache"]["requests"]["pdf"], json!({ "hits": 4, "misses": 1 }));
    let figures = server.get_as(&admin, "/metrics").text().unwrap();
    for (result, number) in [("hit", 4), ("miss", 1)] {
        let line = format!(
            "palisade_content_cache_requests_total{{type=\"pdf\",result=\"{result}\"}} {number}\n"
        );
        assert!(figures.contains(&line), "{line}{figures}");
    }
}

#[test]
fn who_has_it_already_is_told_so_without_its_bytes() {
    let server = Server::unlimited(&[]);
    let ask = |tags: &[&str]| {
        let request = server.request("GET", "/post/1.json");
        tags.iter()
            .fold(request, |request, tag| request.header("if-none-match", *tag))
            .send()
            .unwrap()
    };
    let etag = header(&ask(&[]), "etag").to_owned();
    let weak = format!("W/{etag}");
    let listed = format!("\"other\", {weak}");
    for (tags, told) in [
        (&[&*etag][..], &*etag),
        (&[&*weak], &*weak),
        (&[&*listed], &*weak),
        (&["\"other\"", &*etag], &*etag),
        (&["*"], &*etag),
    ] {
        let answer = ask(tags);
        assert_eq!((answer.status().as_u16(), header(&answer, "etag")), (304, told), "{tags:?}");
        assert_eq!(header(&answer, "vary"), "accept-encoding");
        assert!(answer.bytes().unwrap().is_empty());
    }
    for tags in ["\"other\"", "", &etag[1..], "W/\"\""] {
        assert_eq!(ask(&[tags]).status(), 200, "{tags}");
    }
    let other = server.request("GET", "/post/2.json").header("if-none-match", &etag);
    assert_eq!(other.send().unwrap().status(), 200, "another post's is another");
    // A coded answer has a weak validator, which comes back.
    let coded = server.request("GET", "/post/1.json").header("accept-encoding", "gzip");
    let coded = header(&coded.send().unwrap(), "etag").to_owned();
    assert_eq!(coded, weak);
}

#[test]
fn h4_h7_what_holds_a_nonce_or_answers_a_credential_is_never_kept() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let pages = [
        "/",
        "/post/1.xhtml",
        "/user/alice/pages/about.html",
        "/user/alice/pages/about.xhtml",
        "/user/alice/pages/about.email.html",
        "/embed/wall",
        "/embed/page/about",
        "/api/search?q=wall",
        "/api/serving/site-info",
    ];
    ask_all(&server, &pages);
    for path in ["/feed.xml", "/post/1.pdf", "/api/feed", "/user/bob/pages/about.json"] {
        let answer = server.get_as(&server.token("bob", &[]), path);
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "cache-control")),
            (200, "private, no-store")
        );
    }
    let seen = inspect(&server, &admin, "");
    assert_eq!(paths(&seen), [""; 0], "nothing of it");
    // Nor is what is kept given to who brings one.
    ask_all(&server, &["/post/1.pdf"]);
    assert_eq!(server.get_as(&admin, "/post/1.pdf").status(), 200);
    let seen = inspect(&server, &admin, "");
    assert_eq!(seen["cache"]["requests"]["pdf"], json!({ "hits": 0, "misses": 1 }));
}

#[test]
fn what_was_made_from_something_that_changed_goes_and_the_rest_stays() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let all = [
        "/feed.xml",
        "/post/1.md",
        "/post/1.pdf",
        "/post/2.md",
        "/products.xml",
        "/user/bob/pages/about.json",
        "/user/bob/pages/about.pdf",
    ];
    for (order, gone) in [
        (json!({ "entities": ["post:1"] }), &["/feed.xml", "/post/1.md", "/post/1.pdf"][..]),
        // One that is new stands in the feed, and in nothing that is kept of others.
        (json!({ "entities": ["post:4711"] }), &["/feed.xml"]),
        (
            json!({ "entities": ["post:*"] }),
            &["/feed.xml", "/post/1.md", "/post/1.pdf", "/post/2.md"],
        ),
        (
            json!({ "entities": ["page:bob/about"] }),
            &["/user/bob/pages/about.json", "/user/bob/pages/about.pdf"],
        ),
        (json!({ "entities": ["template:pdf"] }), &["/post/1.pdf", "/user/bob/pages/about.pdf"]),
        (json!({ "types": ["pdf"] }), &["/post/1.pdf", "/user/bob/pages/about.pdf"]),
        (json!({ "paths": ["/post/1.pdf"] }), &["/post/1.pdf"]),
        (json!({ "paths": ["/post/1"] }), &[]),
        (json!({ "paths": ["/post/1*"] }), &["/post/1.md", "/post/1.pdf"]),
        (
            json!({ "paths": ["/products.xml"], "types": ["page"], "entities": ["post:2"] }),
            &["/feed.xml", "/post/2.md", "/products.xml", "/user/bob/pages/about.json"],
        ),
    ] {
        ask_all(&server, &all);
        assert_eq!(
            invalidate(&server, &admin, &order),
            u64::try_from(gone.len()).unwrap(),
            "{order}"
        );
        let seen = inspect(&server, &admin, "");
        let left: Vec<_> = all.into_iter().filter(|path| !gone.contains(path)).collect();
        assert_eq!(paths(&seen), left, "{order}");
        assert_eq!(invalidate(&server, &admin, &order), 0, "again, there is nothing left: {order}");
    }
    ask_all(&server, &all);
    assert_eq!(
        server.request("POST", "/api/flush-cache").bearer_auth(&admin).send().unwrap().status(),
        200
    );
    assert_eq!(paths(&inspect(&server, &admin, "")), [""; 0]);
}

#[test]
fn an_order_that_is_not_understood_names_the_place_and_drops_nothing() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    ask_all(&server, &["/post/1.pdf", "/feed.xml"]);
    let many = vec!["/post/1.pdf"; 101];
    let long = format!("post:{}", "1".repeat(201));
    for (order, place) in [
        (json!({ "path": ["/post/1.pdf"] }), "`path`"),
        (json!({ "types": ["pdf"], "force": true }), "`force`"),
        (json!({ "types": ["pdf", "html"] }), "`types[1]`"),
        (json!({ "types": "pdf" }), "`types`"),
        (json!({ "paths": ["post/1.pdf"] }), "`paths[0]`"),
        (json!({ "paths": ["/post/1.pdf", "/a*b"] }), "`paths[1]`"),
        (json!({ "paths": ["/post/1.pdf\n"] }), "`paths[0]`"),
        (json!({ "entities": ["post:1", "post"] }), "`entities[1]`"),
        (json!({ "entities": ["user:1"] }), "`entities[0]`"),
        (json!({ "entities": ["post:"] }), "`entities[0]`"),
        (json!({ "entities": [long] }), "`entities[0]`"),
        (json!({ "paths": many }), "100"),
        (json!({ "paths": [] }), "`entities`"),
        (json!({}), "`entities`"),
        (json!(["pdf"]), "`[0]`"),
    ] {
        let (status, code, body) = problem(server.post_as(&admin, INVALIDATE, &order));
        assert_eq!((status, &*code), (422, "invalid-request"), "{order}");
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.contains(place), "{order}: {detail}");
    }
    let seen = inspect(&server, &admin, "");
    assert_eq!(paths(&seen), ["/feed.xml", "/post/1.pdf"]);
    assert!(!server.log().contains("cache.invalidate"));
}

#[test]
fn an_admin_sees_what_is_kept_page_by_page_and_never_the_content() {
    let server = Server::unlimited(&[("CONTENT_CACHE_TTL_MS", "600000,pdf=3600000")]);
    let admin = server.token("alice", &["admin"]);
    ask_all(&server, &["/post/2.md", "/post/1.pdf", "/feed.xml", "/post/1.md", "/api/feed"]);
    let seen = inspect(&server, &admin, "");
    assert_eq!(paths(&seen), ["/api/feed", "/feed.xml", "/post/1.md", "/post/1.pdf", "/post/2.md"]);
    let text = seen.to_string();
    assert!(!text.contains("row of stakes") && !text.contains("Alice Amber"), "{text}");

    let pdf = &seen["entries"][3];
    assert_eq!((&pdf["type"], &pdf["mediaType"]), (&json!("pdf"), &json!("application/pdf")));
    assert_eq!(pdf["bytes"], server.get("/post/1.pdf").bytes().unwrap().len());
    assert_eq!(pdf["madeFrom"], json!(["post:1", "profile:alice", "template:pdf"]));
    let times = ["ageMs", "expiresInMs"].map(|name| pdf[name].as_u64().unwrap());
    assert!((3_599_000..=3_600_001).contains(&times.iter().sum::<u64>()), "{times:?}");
    assert_eq!(
        seen["cache"]["ttlMs"],
        json!({ "feed": 600_000, "list": 600_000, "page": 600_000, "pdf": 3_600_000, "post": 600_000 })
    );
    assert_eq!(seen["cache"]["maxBytes"], 16 << 20);

    // What depends on a post; and by type, and by path.
    for (query, shown) in [
        ("?entity=post:1", &["/api/feed", "/feed.xml", "/post/1.md", "/post/1.pdf"][..]),
        ("?type=pdf", &["/post/1.pdf"]),
        ("?path=/post/*&type=post", &["/post/1.md", "/post/2.md"]),
        ("?path=/post/", &[]),
    ] {
        assert_eq!(paths(&inspect(&server, &admin, query)), shown, "{query}");
    }
    let mut told = Vec::new();
    let mut query = "?limit=2".to_owned();
    loop {
        let page = inspect(&server, &admin, &query);
        assert_eq!(page["total"], 5);
        told.extend(paths(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(told, paths(&seen));
    for query in ["?kind=pdf", "?type=html", "?path=post", "?entity=1", "?limit=-1"] {
        let answer = server.get_as(&admin, &format!("/api/cache/inspect{query}"));
        assert_eq!(answer.status(), 400, "{query}");
    }
}

#[test]
fn a5_nobody_but_an_admin_drops_or_sees_what_is_kept_and_each_time_is_in_the_audit() {
    let settings = [
        ("RATE_LIMIT_MAX", "1000"),
        ("RATE_LIMIT_WINDOW_MS", "1000"),
        ("ADMIN_RATE_LIMIT_MAX", "2"),
        ("ADMIN_RATE_LIMIT_WINDOW_MS", "3600000"),
        ("AUTO_BAN_ENABLED", "false"),
    ];
    let server = Server::start(&settings);
    let (admin, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    ask_all(&server, &["/post/1.pdf"]);
    let order = json!({ "paths": ["/post/1.pdf"], "entities": ["post:1"] });
    let evil = server.request("POST", INVALIDATE).bearer_auth(&admin).json(&order);
    let evil = evil.header("origin", "https://evil.example").send().unwrap();
    assert_eq!(problem(evil).1, "cross-site-request");
    assert_eq!(problem(server.post_as(&bob, INVALIDATE, &order)).1, "insufficient-role");
    let nobody = server.request("POST", INVALIDATE).json(&order).send().unwrap();
    assert_eq!(problem(nobody).1, "credentials-required");
    assert_eq!(server.get_as(&admin, INVALIDATE).status(), 405, "a link drops nothing");
    assert_eq!(server.get_as(&bob, "/api/cache/inspect").status(), 403);
    assert_eq!(server.get("/api/cache/inspect").status(), 401);
    assert_eq!(paths(&inspect(&server, &admin, "")), ["/post/1.pdf"]);
    assert!(!server.log().contains("admin.action"));

    // Replayed it drops nothing more, and then it is limited.
    assert_eq!(invalidate(&server, &admin, &order), 1);
    assert_eq!(invalidate(&server, &admin, &order), 0);
    ask_all(&server, &["/post/1.pdf"]);
    assert_eq!(problem(server.post_as(&admin, INVALIDATE, &order)).1, "quota-exceeded");
    assert_eq!(paths(&inspect(&server, &admin, "")), ["/post/1.pdf"]);
    let told = || {
        let log = server.log();
        let is_told = |line: &&str| {
            line.contains("cache.invalidate") && line.contains("path=/post/1.pdf entity=post:1")
        };
        log.lines().filter(is_told).count()
    };
    until("both in the audit", || told() == 2);
}

#[test]
fn nothing_is_kept_where_that_is_off_and_mistakes_stop_the_start() {
    let server = Server::unlimited(&[("CONTENT_CACHE_TTL_MS", "0, pdf=60000")]);
    let admin = server.token("alice", &["admin"]);
    ask_all(&server, &["/feed.xml", "/post/1.md", "/post/1.pdf", "/api/feed"]);
    assert_eq!(paths(&inspect(&server, &admin, "")), ["/post/1.pdf"]);
    assert!(
        server.get("/feed.xml").headers().contains_key("etag"),
        "who has it need not be sent it"
    );
    for (name, value) in [
        ("CONTENT_CACHE_TTL_MS", "-1"),
        ("CONTENT_CACHE_TTL_MS", "pdf=1"),
        ("CONTENT_CACHE_TTL_MS", "1,html=1"),
        ("CONTENT_CACHE_TTL_MS", "1,pdf=1,pdf=2"),
        ("CONTENT_CACHE_TTL_MS", "86400001"),
        ("CONTENT_CACHE_MAX_SIZE", "1KB"),
    ] {
        let (fine, _, errors) = run(server.folder.path(), &["check-config"], &[(name, value)]);
        assert!(!fine && errors.contains(name), "{name}={value}: {errors}");
    }
}
