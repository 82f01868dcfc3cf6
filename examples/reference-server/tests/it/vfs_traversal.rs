//! Targets that would lead out of a mount, over raw sockets: none does.

use std::{
    env, fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use crate::traversal::{
    ask::Ask,
    corpus, foreign,
    report::Report,
    site::{OWN, Site},
    socket::Socket,
};

/// So many targets there are at least, and so many requests of each other kind.
const LEAST: usize = 20_000;
const LEAST_OF_A_KIND: usize = 800;
/// Names a list of others to send: `cargo xtask traversal --list FILE` does.
const LIST: &str = "PALISADE_TRAVERSAL_LIST";
/// As those lists are, where none is named.
const LINES: &str = "../../../etc/passwd\r
..%2f..%2f..%2fcanary
/%2e%2e/%2e%2e/%2e%2e/{FILE}

..\\..\\windows\\win.ini
....//....//etc/passwd%00.html
%c0%ae%c0%ae/%c0%ae%c0%ae/data/canary
php://filter/read=convert.base64-encode/resource=FUZZ
a b/../../c?d#e
\u{ff0e}\u{ff0e}\u{2215}canary
/api/vfs/private/secret.txt
";

#[test]
fn r5_v1_no_target_leads_out_of_a_mount_whoever_reads_it() {
    let (site, asks) = (Site::start(), corpus::asks());
    let report = site.ask(&asks);
    println!("{report}");
    assert!(report.findings.is_empty(), "{report}");
    assert!(asks.len() >= LEAST, "{}", asks.len());
    assert_eq!(report.requests(), asks.iter().flatten().count(), "each was answered");
    for kind in ["GET", "HEAD", "range", "listing", "PUT", "DELETE"] {
        let of_kind = report.statuses.iter().filter(|((of, _), _)| *of == kind);
        assert!(of_kind.map(|(_, count)| count).sum::<usize>() >= LEAST_OF_A_KIND, "{report}");
    }
    // Nothing that was asked for is anywhere.
    for kind in ["GET", "HEAD"] {
        assert_eq!(report.count(kind, 200), 0, "{report}");
    }
    assert_eq!(report.count("range", 206), 0, "{report}");
    assert_eq!(site.changes(), Vec::<String>::new());
    assert_eq!(site.own(), OWN);
}

#[test]
fn lists_of_others_lead_nowhere_either() {
    let list = env::var_os(LIST).map_or_else(|| LINES.into(), |path| fs::read(path).unwrap());
    let asks: Vec<_> = foreign::lines(&list).map(foreign::asks).collect();
    let site = Site::start();
    let report = site.ask(&asks);
    println!("{} lines, {report}", asks.len());
    assert!(report.findings.is_empty(), "{report}");
    assert!(report.requests() > asks.len(), "{report}");
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn of_what_a_server_should_not_answer_it_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe MARK.",
        "HTTP/1.1 404 Not Found\r\nX-Path: MARK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n{\"files\":[{\"path\":\"private/secret.txt\"}]}",
        "",
        "",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
    ];
    let server = thread::spawn(move || {
        for answer in answers {
            let (mut socket, _) = listener.accept().unwrap();
            assert!(socket.read(&mut [0; 1024]).unwrap() > 0);
            socket.write_all(answer.as_bytes()).unwrap();
        }
    });
    let (mut report, marks) = (Report::default(), ["MARK".to_owned()]);
    for query in ["", "", "", "?glob=**", "", ""] {
        let ask = Ask::new("GET", &[b"/a", query.as_bytes()]);
        let answer = Socket::new(&address, "").send(&ask);
        report.note(&ask, answer.as_ref(), &marks);
    }
    server.join().unwrap();
    let told = |number: usize| report.findings[number].as_str();
    assert_eq!((report.findings.len(), report.requests()), (5, 5), "{report}");
    assert!(told(0).contains("200 with \"MARK\"") && told(1).contains("404 with \"MARK\""));
    assert!(
        told(2).ends_with(": 500") && told(3).contains("lists") && told(4).contains("no answer")
    );
}
