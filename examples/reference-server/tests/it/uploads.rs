//! Bodies as clients send them: large, coded, announced.

use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    malformed::raw,
    server::{Server, problem},
};

/// Bans are there to be made, and nobody is limited.
fn unlimited(settings: &[(&str, &str)]) -> Server {
    Server::start(&[&[("RATE_LIMIT_ENABLED", "false")], settings].concat())
}

/// Memory of the server's process, in KiB.
fn memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn upload(admin: &str, more: &str) -> String {
    format!(
        "POST /api/admin/bans/unban-ip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin}\r\nContent-Type: application/json\r\n{more}\r\n\r\n"
    )
}

fn connect(server: &Server) -> TcpStream {
    let socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

/// Packs with the program that everybody has.
fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut child = Command::new("gzip")
        .args(["-9", "-c"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let plain = plain.to_vec();
    let writes = std::thread::spawn(move || input.write_all(&plain).unwrap());
    let output = child.wait_with_output().unwrap();
    writes.join().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// Sends up to a gigabyte, a mebibyte at a time; how many were taken, the most memory then, and what the server says.
fn pour(server: &Server, more: &str, first: &[u8], mebibyte: &[u8]) -> (usize, u64, String) {
    let admin = server.token("alice", &["admin"]);
    let mut socket = connect(server);
    let chunk = |data: &[u8]| [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat();
    let head = upload(&admin, &format!("Transfer-Encoding: chunked{more}"));
    socket.write_all(&[head.as_bytes(), &chunk(first)].concat()).unwrap();
    let next = chunk(mebibyte);
    // The server reads no further than the limit, and what the buffers of two sockets hold.
    let sent = (0..1024).take_while(|_| socket.write_all(&next).is_ok()).count();
    let most = memory(server);
    drop(socket.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    // What came before the connection was reset is there.
    drop(socket.read_to_end(&mut answer));
    (sent, most, String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn h10_a_gigabyte_in_chunks_is_cut_at_the_limit_and_the_memory_stays_flat() {
    let packs = ("\r\nContent-Encoding: gzip", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..]);
    // As it is; and a gzip of empty blocks, which becomes nothing, however much of it comes.
    for ((more, first), bytes, coding) in
        [(("", &b"x"[..]), &b"x"[..], "off"), (packs, &[0, 0, 0, 0xff, 0xff][..], "gzip")]
    {
        let server = unlimited(&[("MAX_UPLOAD_SIZE", "8MB"), ("BODY_DECOMPRESSION", coding)]);
        assert_eq!(server.get("/healthz").status(), 200);
        let before = memory(&server);
        let mebibyte = bytes.repeat((1 << 20) / bytes.len());
        for _ in 0..4 {
            let (sent, most, answer) = pour(&server, more, first, &mebibyte);
            println!("cut after {sent} MiB; memory {before} KiB before, {most} KiB then");
            assert!(sent < 64, "{sent} MiB were taken, {coding}");
            assert!(answer.starts_with("HTTP/1.1 413"), "{coding}: {answer}");
            assert!(answer.contains("\"content-too-large\""), "{coding}: {answer}");
            // One body up to the limit is in memory while a handler reads it as a whole; a gigabyte never is.
            assert!(most < before + 40 * 1024, "{before} KiB before, {most} KiB then");
        }
        assert_eq!(server.get("/healthz").status(), 200);
    }
}

#[test]
fn h10_a_gigabyte_that_is_announced_is_refused_at_once() {
    let server = unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let answer = raw(&server, upload(&admin, "Content-Length: 1073741824"));
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[test]
fn who_asks_before_he_sends_is_refused_before_he_sends_and_else_told_to_go_on() {
    let server = unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let asks = |length| format!("Expect: 100-continue\r\nContent-Length: {length}");
    let refused = raw(&server, upload(&admin, &asks(1_073_741_824)));
    assert!(refused.starts_with("HTTP/1.1 413") && !refused.contains("100 Continue"), "{refused}");
    let anonymous = upload(&admin, &asks(5)).replace("Bearer", "Basic");
    let refused = raw(&server, anonymous.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    assert!(refused.starts_with("HTTP/1.1 401") && !refused.contains("100 Continue"), "{refused}");
    let body = "{\"ip\":\"192.0.2.1\"}";
    let mut socket = connect(&server);
    let close = format!("{}\r\nConnection: close", asks(body.len()));
    socket.write_all(upload(&admin, &close).as_bytes()).unwrap();
    let mut told = [0; 25];
    socket.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
}

#[test]
fn bodies_that_are_coded_are_refused_unless_gzip_is_unpacked() {
    let body = b"{\"ip\":\"192.0.2.1\"}";
    let send = |server: &Server, coding: &str, body: &[u8]| {
        let admin = server.token("alice", &["admin"]);
        server
            .request("POST", "/api/admin/bans/unban-ip")
            .bearer_auth(admin)
            .header("content-type", "application/json")
            .header("content-encoding", coding)
            .body(body.to_vec())
            .send()
            .unwrap()
    };
    let server = unlimited(&[]);
    for coding in ["gzip", "br", "deflate", "zstd", "gzip, gzip", "x"] {
        let refused = send(&server, coding, &gzip(body));
        assert_eq!(refused.headers()["accept-encoding"], "identity", "{coding}");
        let (status, code, _) = problem(refused);
        assert_eq!((status, &*code), (415, "unsupported-content-coding"), "{coding}");
    }
    assert!(send(&server, "identity", body).status().is_success());
    let server = unlimited(&[("BODY_DECOMPRESSION", "gzip"), ("MAX_UPLOAD_SIZE", "1MB")]);
    assert!(send(&server, "gzip", &gzip(body)).status().is_success());
    assert!(send(&server, "X-GZIP", &gzip(body)).status().is_success());
    for coding in ["br", "gzip, gzip", "gzip, identity"] {
        let refused = send(&server, coding, &gzip(&gzip(body)));
        assert_eq!(refused.headers()["accept-encoding"], "gzip", "{coding}");
        assert_eq!(problem(refused).0, 415, "{coding}");
    }
    assert_eq!(problem(send(&server, "gzip", body)).1, "malformed-content.gzip");
}

#[test]
fn h8_a_bomb_of_a_gigabyte_in_a_megabyte_goes_off_nowhere() {
    let settings = [("BODY_DECOMPRESSION", "gzip"), ("MAX_UPLOAD_SIZE", "2MB")];
    let bomb = gzip(&vec![b' '; 1 << 30]);
    assert!(bomb.len() < 2 << 20);
    for (ratio, code) in [("100", "content-too-large.ratio"), ("1000", "content-too-large")] {
        let server = unlimited(&[&settings[..], &[("BODY_MAX_RATIO", ratio)]].concat());
        let admin = server.token("alice", &["admin"]);
        let before = memory(&server);
        let answer = server
            .request("POST", "/api/admin/bans/unban-ip")
            .bearer_auth(admin)
            .header("content-encoding", "gzip")
            .body(bomb.clone())
            .send()
            .unwrap();
        let after = memory(&server);
        println!(
            "1 GiB in {} KiB: memory {before} KiB before, {after} KiB after",
            bomb.len() >> 10
        );
        assert_eq!(answer.headers()["connection"], "close");
        let (status, found, _) = problem(answer);
        assert_eq!((status, &*found), (413, code));
        assert!(after < before + 24 * 1024, "{before} KiB, then {after} KiB");
    }
}
