//! Targets that would lead out of a mount, over raw sockets: none does.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    server::Server,
    vfs_files::{get, put, served},
    vfs_rules::mount,
};

const CANARY: &str = "the canary beside the storage";
const SECRET: &str = "the secret of another mount";
const OWN: &str = "what bob may read";
/// So many targets there are at least.
const LEAST: usize = 20_000;

/// A connection with one request after the other.
struct Client<'a> {
    server: &'a Server,
    token: &'a str,
    socket: Option<BufReader<TcpStream>>,
}

impl Client<'_> {
    /// The status and the body. A target is sent as it is, byte for byte.
    fn ask(&mut self, method: &str, target: &[u8]) -> (u16, Vec<u8>) {
        let body = if method == "PUT" { "x" } else { "" };
        let head = [
            method.as_bytes(),
            b" ",
            target,
            format!(" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}", self.token, body.len()).as_bytes(),
        ]
        .concat();
        // A connection that was closed behind the answer before is opened anew, once.
        self.answer(&head).or_else(|| self.answer(&head)).expect("an answer")
    }

    fn answer(&mut self, request: &[u8]) -> Option<(u16, Vec<u8>)> {
        let mut socket = self.socket.take().unwrap_or_else(|| {
            let socket =
                TcpStream::connect(self.server.base.strip_prefix("http://").unwrap()).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            socket.set_nodelay(true).unwrap();
            BufReader::new(socket)
        });
        socket.get_mut().write_all(request).ok()?;
        let (mut line, mut length, mut is_last) = (String::new(), None, false);
        socket.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        loop {
            line.clear();
            socket.read_line(&mut line).ok()?;
            let header = line.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            is_last |= header == "connection: close";
            length = header
                .strip_prefix("content-length: ")
                .map_or(length, |text| text.parse::<usize>().ok());
        }
        let mut body = vec![0; length.unwrap_or_default()];
        match length {
            Some(_) => socket.read_exact(&mut body).ok()?,
            None if [204, 304].contains(&status) => {}
            None => drop(socket.read_to_end(&mut body).ok()?),
        }
        self.socket = (!is_last && (length.is_some() || status == 204)).then_some(socket);
        Some((status, body))
    }
}

/// `text` with each byte escaped as `escape` does it.
fn escaped(text: &str, escape: impl Fn(u8) -> String) -> Vec<u8> {
    text.bytes().map(escape).collect::<String>().into_bytes()
}

/// Every way to write one step up that somebody ever read as one.
fn steps() -> Vec<Vec<u8>> {
    let upper = |byte: u8| format!("%{byte:02X}");
    let lower = |byte: u8| format!("%{byte:02x}");
    let twice = |byte: u8| format!("%25{byte:02x}");
    let half = |byte: u8| format!("%%{:x}%{:x}", 0x30 + (byte >> 4), 0x30 + (byte & 15));
    let mut steps: Vec<Vec<u8>> = ["..", ".", "...", ".. ", "..\t", "..;", "..;x", "..\u{2026}"]
        .map(|text| text.as_bytes().to_vec())
        .into();
    for text in ["..", "."] {
        steps.extend([
            escaped(text, upper),
            escaped(text, lower),
            escaped(text, twice),
            escaped(text, half),
        ]);
        steps.push(escaped(text, |byte| format!("%u{byte:04x}")));
        steps.push(escaped(text, |byte| format!("%25u{byte:04x}")));
    }
    for (first, second) in
        [(".", "%2e"), ("%2e", "."), ("%2E", "%2e"), (".", "%252e"), ("%252e", ".")]
    {
        steps.push(format!("{first}{second}").into_bytes());
    }
    // Overlong UTF-8 of a dot, in two to six bytes, escaped and as it is; and dots that are none.
    let overlong: [&[u8]; 5] = [
        b"\xc0\xae",
        b"\xe0\x80\xae",
        b"\xf0\x80\x80\xae",
        b"\xf8\x80\x80\x80\xae",
        b"\xfc\x80\x80\x80\x80\xae",
    ];
    for dot in overlong.into_iter().chain(["\u{ff0e}", "\u{2024}", "\u{fe52}"].map(str::as_bytes)) {
        let coded: String = dot.iter().map(|byte| format!("%{byte:02x}")).collect();
        steps.extend([
            [dot, dot].concat(),
            coded.repeat(2).into_bytes(),
            format!("{coded}.").into_bytes(),
        ]);
    }
    for nul in ["%00", "%2500", "%0a", "%0d%0a", "%20", "%7f", "%e2%80%8b", "%ef%bb%bf"] {
        steps.extend([
            format!("..{nul}").into_bytes(),
            format!("{nul}..").into_bytes(),
            format!(".{nul}.").into_bytes(),
        ]);
    }
    steps
}

/// Every way to write a separator.
fn separators() -> Vec<Vec<u8>> {
    let texts = [
        "/",
        "//",
        "/./",
        "\\",
        "%2f",
        "%2F",
        "%5c",
        "%5C",
        "%252f",
        "%255c",
        "%c0%af",
        "%c1%9c",
        "%e0%80%af",
        "%uff0f",
        "%ef%bc%8f",
        "%e2%88%95",
        "%e2%81%84",
        "%ef%bc%bc",
        "%00/",
        ";/",
    ];
    texts.map(|text| text.as_bytes().to_vec()).into()
}

/// What they begin with.
const BEGINS: [&str; 6] = ["docs/", "docs", "docs/a/", "", "docs/plans/..", "private/"];
/// What they would lead to.
const GOALS: [&str; 7] = [
    "canary",
    "private/secret.txt",
    "docs/../private/secret.txt",
    "files",
    "palisade.db",
    "etc/passwd",
    "etc/passwd%00.txt",
];

fn targets() -> BTreeSet<Vec<u8>> {
    let mut targets = BTreeSet::new();
    for (number, step) in steps().iter().enumerate() {
        for (other, separator) in separators().iter().enumerate() {
            for depth in 1..=12 {
                // Every step with every separator at every depth; what begins, and what is led to, goes round.
                let up = [&step[..], separator].concat().repeat(depth);
                for turn in [number + other + depth, number * 7 + other + depth * 3 + 1] {
                    let (begin, goal) = (BEGINS[turn % BEGINS.len()], GOALS[turn % GOALS.len()]);
                    targets.insert([b"/api/vfs/", begin.as_bytes(), &up, goal.as_bytes()].concat());
                }
            }
        }
    }
    let whole = [
        "/api/vfs//etc/passwd",
        "/api/vfs/C:/canary",
        "/api/vfs/C:%5Ccanary",
        "/api/vfs/file:///etc/passwd",
        "/api/vfs/docs/NUL",
        "/api/vfs/docs/con.txt",
        "/api/vfs/docs/a::$DATA",
        "/api/vfs/docs/SECRET~1",
        "/api/vfs/~root/canary",
        "/api/vfs/%2e%2e/canary",
        "/api/vfs/docs%2f..%2fprivate%2fsecret.txt",
        "/api/vfs/PRIVATE/secret.txt",
        "/api/vfs/private/secret.txt",
        "/api/vfs/private/secret.txt/",
        "/api/vfs/private",
        "/api/vfs/private?glob=**",
        "/api/vfs/docs?glob=../**",
        "/api/vfs/docs?glob=..%2F**",
        "/api/vfs/docs?glob=/etc/*",
        "/api/vfs/docs?glob=**&cursor=private/secret.txt",
        "/api/vfs/docs/..?glob=**",
        "/API/vfs/private/secret.txt",
        "/api//vfs/private/secret.txt",
        "/api/%76fs/private/secret.txt",
        "/api/vfs/docs/../../admin/vfs/mounts",
    ];
    targets.extend(whole.map(|target| target.as_bytes().to_vec()));
    targets
}

/// Each file below a folder, but for what changes by itself.
fn tree(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.display().to_string());
            }
        }
    }
    found
}

#[test]
fn r5_v1_no_target_leads_out_of_a_mount_whoever_reads_it() {
    let (server, alice, bob) = served(&[]);
    let carol = server.token("carol", &[]);
    mount(
        &server,
        &alice,
        &json!({ "name": "private", "owner": { "user": { "userId": "carol" } } }),
    );
    assert_eq!(put(&server, &carol, "private/secret.txt", SECRET).status(), 201);
    assert_eq!(put(&server, &bob, "docs/a/own.txt", OWN).status(), 201);
    let data = server.folder.path().join("data");
    fs::write(data.join("canary"), CANARY).unwrap();
    let before = tree(&data);
    let targets = targets();
    assert!(targets.len() >= LEAST, "{}", targets.len());
    let mut client = Client { server: &server, token: &bob, socket: None };
    assert_eq!(client.ask("GET", b"/api/vfs/docs/a/own.txt"), (200, OWN.into()));
    let mut statuses = BTreeMap::<_, usize>::new();
    for (number, target) in targets.iter().enumerate() {
        let shown = String::from_utf8_lossy(target);
        // Of some, what would be written or removed.
        let method = ["GET", "GET", "GET", "GET", "PUT", "GET", "GET", "DELETE"][number % 8];
        let (status, body) = client.ask(method, target);
        *statuses.entry((method, status)).or_default() += 1;
        assert!(status < 500, "{method} {shown}: {status}");
        let text = String::from_utf8_lossy(&body);
        for kept in [CANARY, SECRET, "root:x:", "secret.txt\""] {
            assert!(!text.contains(kept), "{method} {shown}: {text}");
        }
    }
    assert_eq!(
        statuses.keys().filter(|(method, status)| *method == "GET" && *status == 200).count(),
        0,
        "{statuses:?}"
    );
    assert_eq!(fs::read_to_string(data.join("canary")).unwrap(), CANARY);
    assert_eq!(get(&server, &carol, "private/secret.txt").text().unwrap(), SECRET);
    assert_eq!(get(&server, &bob, "docs/a/own.txt").text().unwrap(), OWN);
    let grown: Vec<_> = tree(&data)
        .difference(&before)
        .filter(|path| {
            !path.contains("/files/objects/")
                && !path.contains("palisade.db")
                && !path.contains("analytics.db")
        })
        .cloned()
        .collect();
    assert_eq!(grown, Vec::<String>::new());
    let hers: Value = get(&server, &carol, "private?glob=**").json().unwrap();
    assert_eq!(hers["files"].as_array().unwrap().len(), 1, "{hers}");
}
