//! Files over HTTP: written, read, listed and removed by path, for whom the rules let.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::{
    server::{Server, problem, until},
    vfs_rules::{grant, mount, rule},
};

/// A server with a mount that bob may do everything in but share, and their tokens.
pub(crate) fn served(settings: &[(&str, &str)]) -> (Server, String, String) {
    let server = Server::unlimited(settings);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    mount(&server, &alice, &json!({ "name": "docs" }));
    grant(&server, &alice, "docs", "bob", &["read", "write", "list", "delete"]);
    (server, alice, bob)
}

pub(crate) fn file(server: &Server, method: &str, token: &str, path: &str) -> RequestBuilder {
    let request = server.request(method, &format!("/api/vfs/{path}"));
    request.bearer_auth(token).timeout(Duration::from_mins(1))
}

pub(crate) fn put(
    server: &Server,
    token: &str,
    path: &str,
    content: impl Into<Vec<u8>>,
) -> Response {
    file(server, "PUT", token, path).body(content.into()).send().unwrap()
}

pub(crate) fn get(server: &Server, token: &str, path: &str) -> Response {
    file(server, "GET", token, path).send().unwrap()
}

fn with(
    server: &Server,
    (method, path): (&str, &str),
    token: &str,
    headers: &[(&str, &str)],
) -> Response {
    let request = file(server, method, token, path);
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
        .send()
        .unwrap()
}

fn tag(answer: &Response) -> String {
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

/// Bytes that are not all alike.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..length.div_ceil(8)).flat_map(|_| next()).take(length).collect()
}

/// Where the objects of a server are.
pub(crate) fn objects(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(shards) = fs::read_dir(folder.join("data/files/objects")) else { return found };
    for shard in shards {
        found.extend(
            fs::read_dir(shard.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()),
        );
    }
    found
}

fn actions(server: &Server, admin: &str) -> Vec<(String, String)> {
    let audit: Value =
        server.get_as(admin, "/api/admin/audit?target=docs%2Fplans%2Fmay.txt").json().unwrap();
    let word = |record: &Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
    let records = audit["records"].as_array().unwrap();
    records.iter().map(|record| (word(record, "action"), word(record, "outcome"))).collect()
}

#[test]
fn a_file_is_written_read_replaced_and_removed_each_only_if_it_is_what_was_meant() {
    let (server, alice, bob) = served(&[]);
    let path = "docs/plans/may.txt";
    let first = with(
        &server,
        ("PUT", path),
        &bob,
        &[("if-none-match", "*"), ("content-type", "text/plain")],
    );
    assert_eq!(first.status(), 201);
    let again = with(&server, ("PUT", path), &bob, &[("if-none-match", "*")]);
    assert_eq!(problem(again).1, "precondition-failed");
    let written = file(&server, "PUT", &bob, path).header("if-match", tag(&first));
    let written =
        written.header("content-type", "text/plain").body("the plans of May").send().unwrap();
    assert_eq!(written.status(), 204);
    let stale = with(&server, ("PUT", path), &bob, &[("if-match", &tag(&first))]);
    assert_eq!(problem(stale).0, 412);

    let read = get(&server, &bob, path);
    assert_eq!((read.status().as_u16(), tag(&read)), (200, tag(&written)));
    let modified = read.headers()["last-modified"].to_str().unwrap().to_owned();
    assert_eq!(read.headers()["accept-ranges"], "bytes");
    assert_eq!(read.text().unwrap(), "the plans of May");
    let head = file(&server, "HEAD", &bob, path).send().unwrap();
    assert_eq!(
        (head.headers()["content-length"].to_str().unwrap(), tag(&head)),
        ("16", tag(&written))
    );
    let weak = format!("\"0\", W/{}", tag(&written));
    for has in [("if-none-match", &*weak), ("if-none-match", "*"), ("if-modified-since", &modified)]
    {
        let same = with(&server, ("GET", path), &bob, &[has]);
        // In the words in which he has it.
        assert_eq!(same.status(), 304, "{has:?}");
        assert!(tag(&same).ends_with(&tag(&written)), "{has:?}");
    }
    let old = "Sun, 06 Nov 1994 08:49:37 GMT";
    for has in
        [("if-none-match", "\"0\""), ("if-modified-since", old), ("if-modified-since", "nonsense")]
    {
        assert_eq!(with(&server, ("GET", path), &bob, &[has]).status(), 200, "{has:?}");
    }
    for has in [("if-match", "\"0\""), ("if-match", &*weak), ("if-unmodified-since", old)] {
        assert_eq!(problem(with(&server, ("GET", path), &bob, &[has])).0, 412, "{has:?}");
    }
    assert_eq!(problem(with(&server, ("DELETE", path), &bob, &[("if-match", "\"0\"")])).0, 412);
    assert_eq!(
        with(&server, ("DELETE", path), &bob, &[("if-match", &tag(&written))]).status(),
        204
    );
    assert_eq!(problem(get(&server, &bob, path)).1, "not-found");
    assert_eq!(problem(with(&server, ("DELETE", path), &bob, &[])).1, "not-found");
    let done = |action: &str| (action.to_owned(), "done".to_owned());
    assert_eq!(
        actions(&server, &alice),
        [done("file.removed"), done("file.written"), done("file.written")]
    );
}

#[test]
fn one_range_of_a_file_is_sent_and_only_of_that_file() {
    let (server, _, bob) = served(&[]);
    let all = content(200_000);
    let tag = tag(&put(&server, &bob, "docs/a", all.clone()));
    let range = |range: &str, more: &[(&str, &str)]| {
        with(&server, ("GET", "docs/a"), &bob, &[&[("range", range)], more].concat())
    };
    for (asked, said, bytes) in [
        ("bytes=0-0", "bytes 0-0/200000", &all[..1]),
        ("Bytes=0-0", "bytes 0-0/200000", &all[..1]),
        ("bytes=65530-131080", "bytes 65530-131080/200000", &all[65_530..131_081]),
        ("bytes=199999-", "bytes 199999-199999/200000", &all[199_999..]),
        ("bytes=-5", "bytes 199995-199999/200000", &all[199_995..]),
        ("bytes=-999999999999999999999999", "bytes 0-199999/200000", &all[..]),
        ("bytes=199990-999999999999999999999999", "bytes 199990-199999/200000", &all[199_990..]),
    ] {
        let part = range(asked, &[("accept-encoding", "gzip, br")]);
        assert_eq!(
            (part.status().as_u16(), part.headers()["content-range"].to_str().unwrap()),
            (206, said),
            "{asked}"
        );
        assert!(part.bytes().unwrap() == bytes, "{asked}");
    }
    for asked in ["bytes=200000-", "bytes=-0", "bytes=999999999999999999999999-"] {
        let refused = range(asked, &[]);
        assert_eq!(refused.headers()["content-range"], "bytes */200000", "{asked}");
        assert_eq!(problem(refused).1, "range-not-satisfiable", "{asked}");
    }
    // Several, none, another unit, of another file: all of it.
    for (asked, more) in [
        ("bytes=0-1,5-6", ("x", "x")),
        ("bytes=5-1", ("x", "x")),
        ("bytes=a-b", ("x", "x")),
        ("lines=0-1", ("x", "x")),
        ("bytes=0-0", ("if-range", "\"0\"")),
    ] {
        let whole = range(asked, &[more]);
        assert_eq!(whole.status(), 200, "{asked}");
        assert!(whole.bytes().unwrap() == all, "{asked}");
    }
    assert_eq!(range("bytes=0-0", &[("if-range", &tag)]).status(), 206);
    assert_eq!(put(&server, &bob, "docs/empty", "").status(), 201);
    assert_eq!(get(&server, &bob, "docs/empty").bytes().unwrap().len(), 0);
    let none = with(&server, ("GET", "docs/empty"), &bob, &[("range", "bytes=0-")]);
    assert_eq!(none.status(), 416);
}

#[test]
fn no_browser_runs_what_somebody_put_there() {
    let (server, _, bob) = served(&[]);
    for (name, kind, shown, sent) in [
        ("a.png", "image/png", "inline", "image/png"),
        ("a.txt", "Text/Plain; charset=UTF-8", "inline", "text/plain;charset=utf-8"),
        ("a.pdf", "application/pdf", "attachment", "application/pdf"),
        ("a.html", "text/html", "attachment", "application/octet-stream"),
        ("a.svg", "image/svg+xml", "attachment", "application/octet-stream"),
        ("a.js", "text/javascript", "attachment", "application/octet-stream"),
        ("a.css", "text/css", "attachment", "application/octet-stream"),
        ("a.xht", "application/xhtml+xml", "attachment", "application/octet-stream"),
        ("a.bin", "multipart/form-data; boundary=x", "attachment", "application/octet-stream"),
    ] {
        let path = format!("docs/{name}");
        assert_eq!(with(&server, ("PUT", &path), &bob, &[("content-type", kind)]).status(), 201);
        let read = get(&server, &bob, &path);
        let header = |name: &str| read.headers()[name].to_str().unwrap();
        assert_eq!(header("content-disposition"), format!("{shown}; filename=\"{name}\""));
        assert_eq!(
            (header("content-type"), header("x-content-type-options")),
            (sent, "nosniff"),
            "{name}"
        );
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox", "{name}");
        assert!(header("cache-control").contains("private"), "{name}");
    }
    let wrong = with(&server, ("PUT", "docs/b"), &bob, &[("content-type", "nonsense")]);
    assert_eq!(problem(wrong).0, 422);
    // A name that would be two headers, or another name.
    let path = "docs/%22%3B%20filename=x%25.txt";
    assert_eq!(put(&server, &bob, "docs/%C3%BCber%22%20x=.txt", "x").status(), 201);
    let named = get(&server, &bob, "docs/%C3%BCber%22%20x=.txt");
    let said = "attachment; filename=\"_ber_ x=.txt\"; filename*=UTF-8''%C3%BCber%22%20x%3D.txt";
    assert_eq!(named.headers()["content-disposition"], said);
    assert!(get(&server, &bob, path).status().is_client_error());
}

#[test]
fn what_one_may_not_know_of_is_answered_as_what_is_not_there() {
    let (server, alice, bob) = served(&[]);
    mount(
        &server,
        &alice,
        &json!({ "name": "private", "owner": { "user": { "userId": "carol" } } }),
    );
    mount(
        &server,
        &alice,
        &json!({ "name": "docs/inner", "owner": { "user": { "userId": "carol" } } }),
    );
    let carol = server.token("carol", &[]);
    for path in ["private/a", "docs/inner/a"] {
        assert_eq!(put(&server, &carol, path, "hers").status(), 201);
        assert_eq!(get(&server, &carol, path).text().unwrap(), "hers");
    }
    let told = |answer: Response| {
        let mut names: Vec<_> = answer.headers().keys().map(ToString::to_string).collect();
        names.sort_unstable();
        let (status, _, mut body) = problem(answer);
        body.as_object_mut().unwrap().remove("instance");
        (status, body, names)
    };
    let missing = told(get(&server, &bob, "docs/nothing"));
    assert_eq!(missing.0, 404);
    for path in [
        "private/a",
        "private/nothing",
        "private",
        "docs/inner/a",
        "docs/inner",
        "nowhere/a",
        "docs",
    ] {
        assert_eq!(told(get(&server, &bob, path)), missing, "{path}");
    }
    for method in ["PUT", "DELETE"] {
        assert_eq!(told(with(&server, (method, "private/a"), &bob, &[])).0, 404, "{method}");
    }
    let nobody = |path: &str| problem(server.get(&format!("/api/vfs/{path}"))).1;
    assert_eq!(
        (nobody("private/a"), nobody("docs/nothing")),
        ("credentials-required".into(), "credentials-required".into())
    );
    // What all may read they may read without an identity, and no more than that.
    mount(
        &server,
        &alice,
        &json!({ "name": "open", "defaultAccess": "read", "owner": { "role": "editor" } }),
    );
    assert_eq!(put(&server, &server.token("dave", &["editor"]), "open/a", "all").status(), 201);
    assert_eq!(server.get("/api/vfs/open/a").text().unwrap(), "all");
    assert_eq!(server.request("PUT", "/api/vfs/open/a").body("x").send().unwrap().status(), 401);
    assert_eq!(problem(put(&server, &bob, "open/a", "x")).1, "insufficient-permission");
    // Of a key it counts whose it is.
    let made: Value =
        server.post_as(&alice, "/api/admin/api-keys", &json!({ "owner": "carol" })).json().unwrap();
    let by_key = server
        .request("GET", "/api/vfs/private/a")
        .header("x-api-key", made["key"].as_str().unwrap());
    assert_eq!(by_key.send().unwrap().text().unwrap(), "hers");
}

#[test]
fn what_is_kept_under_another_organisation_needs_its_members() {
    let (server, alice, bob) = served(&[]);
    let carol = server.token("carol", &[]);
    let founded = server.post_as(&carol, "/api/orgs", &json!({ "slug": "acme", "name": "Acme" }));
    assert_eq!(founded.status(), 201);
    mount(&server, &alice, &json!({ "name": "acme" }));
    let all = ["read", "write", "list"];
    rule(
        &server,
        &alice,
        &json!({ "mount": "acme", "kind": "grant", "principal": { "organisation": "acme" }, "actions": all }),
    );
    let by = |token: &str, method: &str, slug: &str| {
        let request = file(&server, method, token, "acme/a").header("x-org-slug", slug);
        request.send().unwrap().status().as_u16()
    };
    assert_eq!((by(&carol, "PUT", "acme"), by(&carol, "GET", "acme")), (201, 200));
    assert_eq!((by(&bob, "GET", "acme"), by(&alice, "GET", "acme")), (404, 404));
    assert_eq!(get(&server, &carol, "acme/a").status(), 404, "she did not say for whom");
}

#[test]
fn what_was_replaced_removed_or_cut_is_swept() {
    let (server, _, bob) = served(&[("VFS_SWEEP_AFTER_MS", "1000")]);
    for body in ["one", "two"] {
        put(&server, &bob, "docs/a", body);
    }
    put(&server, &bob, "docs/b", "three");
    assert_eq!(file(&server, "DELETE", &bob, "docs/b").send().unwrap().status(), 204);
    assert!(!objects(server.folder.path()).is_empty());
    until("one is left", || objects(server.folder.path()).len() == 1);
    assert_eq!(get(&server, &bob, "docs/a").text().unwrap(), "two");
}

#[test]
fn without_keys_there_are_no_files_and_the_rest_goes_on() {
    let settings = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("CORS_ORIGINS", "none"),
        ("ADMIN_USERS", "alice"),
    ];
    let server = Server::unlimited(&settings);
    let run = |user: &str| {
        crate::server::run(server.folder.path(), &["token", "--user", user], &settings)
            .1
            .trim()
            .to_owned()
    };
    let alice = run("alice");
    mount(&server, &alice, &json!({ "name": "docs", "owner": { "role": "admin" } }));
    assert_eq!(problem(put(&server, &alice, "docs/a", "x")).1, "files-unavailable");
    assert!(!server.folder.path().join("data/files").exists());
    assert_eq!(problem(get(&server, &alice, "docs/a")).1, "not-found");
}
