//! What somebody may try with files beside their paths: with the index, with keys, with time, with many at once.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    secrets_of_users::ring_key,
    server::{Server, problem, run, until},
    vfs_files::{content, file, get, objects, put, served},
    vfs_rules::{grant, mount, rule},
    vfs_transfers::connect,
};

fn index(server: &Server) -> Connection {
    let index = Connection::open(server.folder.path().join("data/palisade.db")).unwrap();
    index.busy_timeout(Duration::from_secs(5)).unwrap();
    index
}

/// How many objects are noted that are no file, or not yet.
fn orphans(server: &Server) -> i64 {
    index(server).query_row("SELECT count(*) FROM _vfs_orphans", [], |row| row.get(0)).unwrap()
}

/// Begins to send 100 000 bytes, and sends half of them.
fn begin_upload(server: &Server, token: &str, path: &str, more: &str) -> TcpStream {
    let (mut socket, before) = (connect(server), orphans(server));
    let head = format!(
        "PUT /api/vfs/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Length: 100000\r\n{more}\r\n"
    );
    socket.write_all(&[head.as_bytes(), &[b'x'; 50_000]].concat()).unwrap();
    until("it is being read", || orphans(server) > before);
    socket
}

fn answer(mut socket: TcpStream) -> String {
    let mut answer = Vec::new();
    drop(socket.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

fn finish(mut socket: TcpStream) -> String {
    drop(socket.write_all(&[b'x'; 50_000]));
    answer(socket)
}

#[test]
fn c1_who_has_the_index_say_that_a_file_is_another_has_neither() {
    let (server, alice, bob) = served(&[]);
    assert_eq!(put(&server, &bob, "docs/mine", "for bob ").status(), 201);
    assert_eq!(put(&server, &bob, "docs/hers", "for anna").status(), 201);
    let swapped = "CREATE TEMP TABLE found AS SELECT key, object FROM _vfs_files;
        UPDATE _vfs_files SET object = printf('%032x', rowid) FROM found WHERE found.key = _vfs_files.key;
        UPDATE _vfs_files SET object = (SELECT object FROM found WHERE found.key <> _vfs_files.key);";
    index(&server).execute_batch(swapped).unwrap();
    for path in ["docs/mine", "docs/hers"] {
        assert_eq!(problem(get(&server, &bob, path)).1, "file-damaged", "{path}");
    }
    let audit: Value =
        server.get_as(&alice, "/api/admin/audit?action=file.read&outcome=failed").json().unwrap();
    assert_eq!(audit["records"].as_array().unwrap().len(), 2, "{audit}");
    let figures = server.get_as(&alice, "/metrics").text().unwrap();
    assert!(figures.contains("\npalisade_vfs_damaged_total 2"), "{figures}");
}

#[test]
fn a_newer_key_takes_over_files_at_the_start_and_the_old_one_can_go() {
    let (old, new) = (ring_key(), ring_key());
    let start = |folder, keys: &str| {
        Server::start_in(folder, &[("RATE_LIMIT_ENABLED", "false"), ("VAULT_KEYS", keys)])
    };
    let server = start(tempfile::tempdir().unwrap(), &format!("1:{old}"));
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    mount(&server, &alice, &json!({ "name": "docs", "owner": { "user": { "userId": "bob" } } }));
    let long = content(3 << 20);
    for (path, bytes) in [("docs/a", &b"short"[..]), ("docs/b/c", &long[..]), ("docs/empty", b"")] {
        assert_eq!(put(&server, &bob, path, bytes).status(), 201);
    }
    let server = start(server.stop(), &format!("2:{new},1:{old}"));
    until("all are wrapped again", || server.log().contains("all files are wrapped"));
    let server = start(server.stop(), &format!("2:{new}"));
    let bob = server.token("bob", &[]);
    for (path, bytes) in [("docs/a", &b"short"[..]), ("docs/b/c", &long[..]), ("docs/empty", b"")] {
        assert!(get(&server, &bob, path).bytes().unwrap() == bytes, "{path}");
    }
    assert_eq!(objects(server.folder.path()).len(), 3);
    assert!(!server.log().contains("vfs.other-storage"), "{}", server.log());
    // Where the files are not, the start says so.
    let folder = server.stop();
    fs::rename(folder.path().join("data/files"), folder.path().join("data/elsewhere")).unwrap();
    let server = start(folder, &format!("2:{new}"));
    until("it is told", || server.log().contains("vfs.other-storage"));
}

#[test]
fn j14_an_upload_ends_when_who_sends_it_signs_out_or_leaves_his_organisation() {
    let (server, alice, bob) = served(&[]);
    let carol = server.token("carol", &[]);
    server.post_as(&carol, "/api/orgs", &json!({ "slug": "acme", "name": "Acme" }));
    let member = || server.request("PUT", "/api/orgs/acme/members/bob").bearer_auth(&carol);
    assert_eq!(member().json(&json!({ "role": "member" })).send().unwrap().status(), 200);
    mount(&server, &alice, &json!({ "name": "acme" }));
    let all = ["read", "write", "list"];
    rule(
        &server,
        &alice,
        &json!({ "mount": "acme", "kind": "grant", "principal": { "organisation": "acme" }, "actions": all }),
    );
    let of_acme = "X-Org-Slug: acme\r\n";
    let as_member =
        |method: &str| file(&server, method, &bob, "acme/a").header("x-org-slug", "acme");
    let large = content(48 << 20);
    assert_eq!(as_member("PUT").body(large.clone()).send().unwrap().status(), 201);
    let upload = begin_upload(&server, &bob, "acme/a", of_acme);
    let mut download = connect(&server);
    let head = format!(
        "GET /api/vfs/acme/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {bob}\r\n{of_acme}\r\n"
    );
    download.write_all(head.as_bytes()).unwrap();
    download.read_exact(&mut [0; 100]).unwrap();
    let left = server.request("DELETE", "/api/orgs/acme/members/bob").bearer_auth(&carol);
    let left_at = Instant::now();
    assert_eq!(left.send().unwrap().status(), 200);
    // Without a byte more of it.
    let refused = answer(upload);
    assert!(refused.starts_with("HTTP/1.1 404 "), "{refused}");
    assert!(left_at.elapsed() < Duration::from_secs(2), "{:?}", left_at.elapsed());
    let got = answer(download).len();
    assert!(got < large.len(), "{got}");

    assert_eq!(put(&server, &bob, "docs/a", "as it was").status(), 201);
    let upload = begin_upload(&server, &bob, "docs/a", "");
    let out = server.request("POST", "/api/logout").bearer_auth(&bob).send().unwrap();
    assert_eq!(out.status(), 204);
    assert!(answer(upload).starts_with("HTTP/1.1 401 "));
    let bob = server.token("bob", &[]);
    assert_eq!(get(&server, &bob, "docs/a").text().unwrap(), "as it was");
}

#[test]
fn v3_a_file_is_written_where_it_was_allowed_though_a_mount_is_made_there_meanwhile() {
    let (server, alice, bob) = served(&[]);
    let upload = begin_upload(&server, &bob, "docs/in/a", "");
    let owner = json!({ "user": { "userId": "bob" } });
    mount(&server, &alice, &json!({ "name": "docs/in", "owner": owner }));
    let refused = finish(upload);
    assert!(refused.starts_with("HTTP/1.1 404 "), "{refused}");
    let written: i64 =
        index(&server).query_row("SELECT count(*) FROM _vfs_files", [], |row| row.get(0)).unwrap();
    assert_eq!(written, 0, "it would be there for whoever removes the mount");
}

#[test]
fn what_cannot_be_deleted_keeps_nothing_else() {
    let (server, _, bob) = served(&[("VFS_SWEEP_AFTER_MS", "1000")]);
    assert_eq!(put(&server, &bob, "docs/first", "one").status(), 201);
    let [first] = &objects(server.folder.path())[..] else { panic!("one object") };
    fs::remove_file(first).unwrap();
    fs::create_dir(first).unwrap();
    let delete = |path: &str| file(&server, "DELETE", &bob, path).send().unwrap().status();
    assert_eq!(delete("docs/first"), 204);
    for name in ["docs/a", "docs/b", "docs/c"] {
        assert_eq!(
            (put(&server, &bob, name, "x").status(), delete(name)),
            (201.try_into().unwrap(), 204.try_into().unwrap())
        );
    }
    until("the others are gone", || objects(server.folder.path()).len() == 1);
    fs::remove_dir(first).unwrap();
    until("it is gone too", || orphans(&server) == 0);
}

#[test]
fn an_upload_that_takes_longer_than_anybody_expects_leaves_nothing() {
    let (server, _, bob) = served(&[("VFS_SWEEP_AFTER_MS", "1000")]);
    let upload = begin_upload(&server, &bob, "docs/slow", "");
    until("its note is gone", || orphans(&server) == 0);
    let refused = finish(upload);
    assert!(refused.starts_with("HTTP/1.1 404 "), "{refused}");
    until("its content is gone", || {
        objects(server.folder.path()).is_empty() && orphans(&server) == 0
    });
}

#[test]
fn v4_a_listing_reads_what_its_pattern_can_match_and_no_more() {
    let (server, _, bob) = served(&[]);
    assert_eq!(put(&server, &bob, "docs/plans/may.md", "x").status(), 201);
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
        INSERT INTO _vfs_files (mount, key, case_policy, path, object, length, content_type, modified_at, revision)
        SELECT 'docs', printf('many/%06d', i), 'sensitive', printf('many/%06d', i), printf('%032x', i), 1, 'text/plain', 0, 1 FROM n";
    index(&server).execute_batch(many).unwrap();
    let list = |query: &str| -> Value {
        let answer = get(&server, &bob, &format!("docs?glob={query}"));
        assert_eq!(answer.status(), 200, "{query}");
        answer.json().unwrap()
    };
    for query in
        ["plans/*.md", "plans/may.md", "plans/**", "{plans/a*,plans/m*}", "p*/*&cursor=docs/o"]
    {
        let page = list(query);
        assert_eq!(page["files"][0]["path"], "docs/plans/may.md", "{query}");
        assert_eq!(page["next"], Value::Null, "{query}");
    }
    // What must be looked through is looked through by pages.
    let began = Instant::now();
    let (mut query, mut pages, mut found) = ("**/*.md".to_owned(), 0, Vec::new());
    loop {
        let page = list(&query);
        pages += 1;
        found.extend(page["files"].as_array().unwrap().iter().map(|file| file["path"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("**/*.md&cursor={next}");
    }
    assert_eq!(found, ["\"docs/plans/may.md\""]);
    assert!((2..10).contains(&pages), "{pages} pages in {:?}", began.elapsed());
}

#[test]
fn of_many_who_write_over_the_same_tag_at_once_one_wins() {
    let (server, alice, bob) = served(&[]);
    grant(&server, &alice, "docs", "carol", &["read", "write"]);
    for condition in ["if-match", "if-none-match"] {
        let path = format!("docs/{condition}");
        let wanted = match condition {
            "if-match" => put(&server, &bob, &path, "0").headers()["etag"].clone(),
            _ => "*".try_into().unwrap(),
        };
        let statuses: Vec<u16> = thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|number: u32| {
                    let write = file(&server, "PUT", &bob, &path).header(condition, &wanted);
                    scope.spawn(move || {
                        write.body(number.to_string()).send().unwrap().status().as_u16()
                    })
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        let won = statuses.iter().filter(|status| [201, 204].contains(*status)).count();
        let lost = statuses.iter().filter(|status| **status == 412).count();
        assert_eq!((won, lost), (1, 7), "{condition}: {statuses:?}");
    }
}

#[test]
fn a_time_is_no_reason_to_send_the_end_of_a_file() {
    let (server, _, bob) = served(&[]);
    assert_eq!(put(&server, &bob, "docs/a", "the first").status(), 201);
    let first = get(&server, &bob, "docs/a").headers()["last-modified"].clone();
    // Within the same second, mostly.
    assert_eq!(put(&server, &bob, "docs/a", "the other").status(), 204);
    let at = get(&server, &bob, "docs/a").headers()["last-modified"].clone();
    for time in [first, at] {
        let rest = file(&server, "GET", &bob, "docs/a").header("range", "bytes=4-");
        let rest = rest.header("if-range", time).send().unwrap();
        assert_eq!((rest.status().as_u16(), rest.text().unwrap()), (200, "the other".to_owned()));
    }
}

#[test]
fn a3_admin_rights_for_a_while_open_no_file() {
    let (server, alice, bob) = served(&[]);
    assert_eq!(put(&server, &bob, "docs/a", "x").status(), 201);
    let wanted = json!({ "mount": "docs", "kind": "grant", "principal": { "role": "admin" }, "actions": ["read", "delete"] });
    rule(&server, &alice, &wanted);
    assert_eq!(get(&server, &alice, "docs/a").status(), 200);
    let dave = server.token("dave", &[]);
    let asked = json!({ "reason": "the night shift is alone", "minutes": 30 });
    let asked: Value = server.post_as(&dave, "/api/elevations", &asked).json().unwrap();
    let path = format!("/api/admin/elevations/{}/approve", asked["id"].as_str().unwrap());
    assert_eq!(server.post_as(&alice, &path, &json!({ "minutes": 15 })).status(), 200);
    assert_eq!(server.get_as(&dave, "/api/admin/vfs/mounts").status(), 200);
    assert_eq!(problem(get(&server, &dave, "docs/a")).0, 404);
    let explained =
        server.get_as(&alice, "/api/admin/vfs/explain?user=dave&path=docs/a&action=read");
    assert_eq!(explained.json::<Value>().unwrap()["allowed"], false);
}

#[test]
fn a_storage_that_cannot_be_used_is_told_without_its_secrets_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for (storage, says) in [
        ("s3://key:hunter2@bucket/x", "without the feature `aws`"),
        ("ftp://key:hunter2@host/x", "s3://bucket/prefix"),
        ("s3://key:hunter2@no host", "s3://bucket/prefix"),
        ("memory:///", "outlives the process"),
    ] {
        if cfg!(feature = "aws") && storage.starts_with("s3://key:hunter2@b") {
            continue;
        }
        let options = ("VFS_STORAGE_OPTIONS", "aws_secret_access_key=hunter2");
        let settings = [("VFS_STORAGE", storage), options];
        let settings = if storage.starts_with("memory") { &settings[..1] } else { &settings };
        let (fine, told, errors) = run(folder.path(), &["check-config"], settings);
        assert!(!fine && errors.contains(says), "{storage}: {told}{errors}");
        assert!(!errors.contains("hunter2"), "{storage}: {errors}");
    }
}
