//! Large files, and what happens to them on their way: revocations, damage, limits, clients that go away.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    server::{Server, problem, until},
    vfs_files::{content, file, get, objects, put, served},
    vfs_rules::rule,
};

const MB: usize = 1 << 20;

/// Asks for a file, and reads some of it.
pub(crate) fn begin(server: &Server, token: &str, path: &str) -> TcpStream {
    let mut socket = connect(server);
    let head =
        format!("GET /api/vfs/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    let mut some = [0; 1024];
    socket.read_exact(&mut some).unwrap();
    assert!(some.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&some));
    socket
}

pub(crate) fn connect(server: &Server) -> TcpStream {
    let socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

/// Reads what still comes until nothing does. How many bytes that was.
pub(crate) fn drain(socket: &mut TcpStream) -> usize {
    let (mut all, mut piece) = (0, vec![0; MB]);
    loop {
        match socket.read(&mut piece) {
            Ok(0) | Err(_) => return all,
            Ok(some) => all += some,
        }
    }
}

/// Memory of the server's process, in KiB: now (`VmRSS`), or the most since that was forgotten (`VmHWM`).
fn memory(server: &Server, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

/// Forgets the most memory it had so far.
fn forget_most(server: &Server) {
    fs::write(format!("/proc/{}/clear_refs", server.pid()), "5").unwrap();
}

fn damaged(server: &Server, admin: &str) -> usize {
    let audit: Value =
        server.get_as(admin, "/api/admin/audit?action=file.read&outcome=failed").json().unwrap();
    let records = audit["records"].as_array().unwrap();
    assert!(records.iter().all(|record| record["code"] == "file-damaged"), "{audit}");
    records.len()
}

#[test]
fn v5_an_open_download_ends_within_a_second_of_what_takes_it_back() {
    let (server, alice, bob) = served(&[]);
    let length = 48 * MB;
    assert_eq!(put(&server, &bob, "docs/large", content(length)).status(), 201);
    let ends = |takes: &dyn Fn()| {
        let mut socket = begin(&server, &bob, "docs/large");
        takes();
        let taken = Instant::now();
        let rest = drain(&mut socket);
        assert!(rest + 1024 < length, "{rest}");
        taken.elapsed()
    };
    let revoke =
        json!({ "mount": "docs", "kind": "revoke", "principal": { "user": { "userId": "bob" } } });
    let deny = json!({ "mount": "docs", "kind": "deny", "principal": "anyone", "actions": ["read"], "under": "large" });
    let mut times = Vec::new();
    for wanted in [revoke, deny] {
        let id = std::cell::OnceCell::new();
        times.push(ends(&|| {
            id.set(rule(&server, &alice, &wanted)).unwrap();
            assert!([403, 404].contains(&get(&server, &bob, "docs/large").status().as_u16()));
        }));
        let path = format!("/api/admin/vfs/rules/{}", id.get().unwrap());
        let lifted = server.request("DELETE", &path).bearer_auth(&alice).send().unwrap();
        assert_eq!(lifted.status(), 204);
    }
    // His token, too.
    times.push(ends(&|| {
        let left = server.request("POST", "/api/logout").bearer_auth(&bob).send().unwrap();
        assert_eq!(left.status(), 204);
    }));
    assert!(times.iter().filter(|took| **took > Duration::from_secs(1)).count() <= 1, "{times:?}");
}

#[test]
fn c1_a_damaged_file_gives_out_no_wrong_byte_and_is_told_of() {
    let (server, alice, bob) = served(&[]);
    let all = content(3 * MB);
    assert_eq!(put(&server, &bob, "docs/a", all.clone()).status(), 201);
    let [object] = &objects(server.folder.path())[..] else { panic!("one object") };
    let whole = fs::read(object).unwrap();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    // At its head, in its first and in its last chunk, cut off, added to: nothing is sent.
    let shorter = whole[..whole.len() - 1].to_vec();
    let longer = [&whole[..], b"x"].concat();
    let wrong = [flipped(10), flipped(5_000), flipped(whole.len() - 1), shorter, longer];
    for (number, bytes) in wrong.iter().enumerate() {
        fs::write(object, bytes).unwrap();
        let answer = get(&server, &bob, "docs/a");
        assert_eq!(problem(answer).1, "file-damaged", "{number}");
        assert_eq!(damaged(&server, &alice), number + 1);
    }
    // Further in: what was sent is right, and it ends without an end.
    fs::write(object, flipped(2 * MB)).unwrap();
    let mut socket = connect(&server);
    let head =
        format!("GET /api/vfs/docs/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bob}\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    drop(socket.read_to_end(&mut answer));
    let body = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let sent = &answer[body..];
    assert!(sent.len() > MB && sent.len() < 2 * MB && all.starts_with(sent), "{}", sent.len());
    until("it is recorded", || damaged(&server, &alice) == 6);
    // A range that does not touch it is as it was.
    let part = file(&server, "GET", &bob, "docs/a").header("range", "bytes=0-99").send().unwrap();
    assert!(part.bytes().unwrap() == all[..100]);
    fs::remove_file(object).unwrap();
    assert_eq!(problem(get(&server, &bob, "docs/a")).1, "file-damaged");
    assert_eq!(damaged(&server, &alice), 7);
    let figures = server.get_as(&alice, "/metrics").text().unwrap();
    assert!(figures.contains("\npalisade_vfs_damaged_total 7\n"), "{figures}");
    let log = server.log();
    assert!(log.contains("object.refused") && log.contains("vault.refused"), "{log}");
}

#[test]
fn h10_a_file_may_be_larger_than_other_bodies_and_has_a_limit_of_its_own_and_memory_stays_flat() {
    let settings = [("MAX_UPLOAD_SIZE", "1MB"), ("VFS_MAX_FILE_SIZE", "64MB")];
    let (server, _, bob) = served(&settings);
    assert_eq!(put(&server, &bob, "docs/warm", content(MB)).status(), 201);
    let before = memory(&server, "VmRSS");
    forget_most(&server);
    let all = content(60 * MB);
    assert_eq!(put(&server, &bob, "docs/large", all.clone()).status(), 201);
    assert!(get(&server, &bob, "docs/large").bytes().unwrap() == all);
    let grown = memory(&server, "VmHWM").saturating_sub(before);
    assert!(grown < 24 * 1024, "{grown} KiB for 60 MiB");

    // Declared, it is refused before a byte of it; in chunks, at the byte that is too much.
    let head = |more: &str| {
        format!(
            "PUT /api/vfs/docs/large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bob}\r\n{more}\r\n\r\n"
        )
    };
    let mut declared = connect(&server);
    declared.write_all(head(&format!("Content-Length: {}", 64 * MB + 1)).as_bytes()).unwrap();
    let mut answer = String::new();
    drop(declared.read_to_string(&mut answer));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let mut chunked = connect(&server);
    chunked.write_all(head("Transfer-Encoding: chunked").as_bytes()).unwrap();
    let chunk = [format!("{MB:x}\r\n").as_bytes(), &all[..MB], b"\r\n"].concat();
    let sent = (0..200).take_while(|_| chunked.write_all(&chunk).is_ok()).count();
    drop(chunked.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    drop(chunked.read_to_end(&mut answer));
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        sent < 200 && (answer.is_empty() || answer.starts_with("HTTP/1.1 413 ")),
        "{sent} {answer}"
    );
    assert!(get(&server, &bob, "docs/large").bytes().unwrap() == all, "it is as it was");
    assert_eq!(
        problem(
            server
                .request("POST", "/api/orgs")
                .bearer_auth(&bob)
                .body(vec![b' '; 2 * MB])
                .send()
                .unwrap()
        )
        .0,
        413
    );
}

#[test]
fn an_upload_that_is_cut_or_not_allowed_any_more_leaves_what_was_there() {
    let (server, alice, bob) = served(&[]);
    assert_eq!(put(&server, &bob, "docs/a", "as it was").status(), 201);
    let begin = || {
        let mut socket = connect(&server);
        let head = format!(
            "PUT /api/vfs/docs/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {bob}\r\nContent-Length: 100000\r\n\r\n"
        );
        socket.write_all(&[head.as_bytes(), &[b'x'; 50_000]].concat()).unwrap();
        socket
    };
    let cut = begin();
    drop(cut);
    let mut late = begin();
    rule(
        &server,
        &alice,
        &json!({ "mount": "docs", "kind": "deny", "principal": "anyone", "actions": ["write"] }),
    );
    late.write_all(&[b'x'; 50_000]).unwrap();
    let mut answer = String::new();
    late.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert_eq!(get(&server, &bob, "docs/a").text().unwrap(), "as it was");
}
