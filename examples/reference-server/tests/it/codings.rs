//! Codings as clients that others wrote see them: what `curl` decodes is what was there before.

use std::{
    convert::Infallible,
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Command, Stdio},
};

use axum::{Router, routing::get};
use http::{Request, header};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use palisade::{
    Stack,
    authn_jwt::{Issuer, Keys, OptionalAuth, Verifier},
    core::PeerAddr,
    route_registry::Registry,
};
use tokio::{net::TcpListener, runtime::Runtime};
use tower::ServiceBuilder;

use crate::server::Server;

/// A coding, what curl calls it, and the program that decodes it where curl does not.
const CODINGS: [(&str, &str, &str); 3] =
    [("br", "brotli", "brotli"), ("zstd", "zstd", "zstd"), ("gzip", "libz", "gzip")];

/// An answer as curl saw it.
struct Seen {
    /// In small letters.
    head: String,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Runs curl to its end.
fn curl(folder: &Path, url: &str, arguments: &[&str]) -> Seen {
    let (head, body) = (folder.join("head"), folder.join("body"));
    let files = ["-D", head.to_str().unwrap(), "-o", body.to_str().unwrap()];
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--max-time", "60", "--noproxy", "*"]).args(files).args(arguments).arg(url);
    let output = curl.output().unwrap_or_else(|error| panic!("curl: {error}; install curl"));
    assert!(output.status.success(), "{arguments:?} {url}: {output:?}");
    let head = fs::read_to_string(head).unwrap().to_lowercase();
    Seen { head, body: fs::read(body).unwrap_or_default() }
}

/// Fetches and decodes: by curl itself, else by the coding's own program.
fn decoded(folder: &Path, url: &str, (coding, known, program): (&str, &str, &str)) -> Seen {
    let accept = format!("Accept-Encoding: {coding}");
    let version = Command::new("curl").arg("--version").output().unwrap().stdout;
    if String::from_utf8_lossy(&version).to_lowercase().contains(known) {
        return curl(folder, url, &["--compressed", "-H", &accept]);
    }
    let raw = curl(folder, url, &["-H", &accept]);
    let body = File::open(folder.join("body")).unwrap();
    let output = Command::new(program).arg("-dc").stdin(Stdio::from(body)).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; install {program}"));
    assert!(output.status.success(), "{coding}: {output:?}");
    Seen { head: raw.head, body: output.stdout }
}

/// The same bytes, but for the nonces of pages: they differ in every answer, and their length does not.
fn nonces_replaced(body: &[u8]) -> Vec<u8> {
    let attribute = b"nonce=\"";
    let mut body = body.to_vec();
    let places: Vec<usize> = body
        .windows(attribute.len())
        .enumerate()
        .filter_map(|(place, bytes)| (bytes == attribute).then_some(place + attribute.len()))
        .collect();
    for place in places {
        body[place..place + 24].fill(b'n');
    }
    body
}

/// Whether each coding of what stands at this URL is the same as what stands there; and HEAD tells what GET does.
fn check(url: &str) {
    let folder = tempfile::tempdir().unwrap();
    let plain = curl(folder.path(), url, &["-H", "Accept-Encoding: identity"]);
    assert_eq!(plain.header("content-encoding"), None, "{url}");
    let without_nonce = |seen: &Seen| nonces_replaced(&seen.body);
    assert!(plain.body.len() > 256, "{url}: {} bytes", plain.body.len());
    for coding in CODINGS {
        let seen = decoded(folder.path(), url, coding);
        let same = without_nonce(&seen) == without_nonce(&plain);
        assert!(same, "{coding:?} {url}: {}", seen.head);
        assert_eq!(seen.header("content-encoding"), Some(coding.0), "{url}");
        assert!(seen.header("vary").unwrap().starts_with("accept-encoding"), "{url}");
        assert_eq!(seen.header("content-length"), None, "{url}");
        let head =
            curl(folder.path(), url, &["-I", "-H", &format!("Accept-Encoding: {}", coding.0)]);
        for name in ["content-encoding", "content-length", "vary", "etag", "content-type"] {
            assert_eq!(head.header(name), seen.header(name), "HEAD {url}: {name}");
        }
    }
}

#[test]
fn curl_decodes_every_coding_of_every_kind_of_text_to_the_same_bytes() {
    let server = Server::unlimited(&[("PUBLIC_URL", "https://palisade.example")]);
    for path in [
        "/user/alice/pages/about.email.html",
        "/post/1.xhtml",
        "/post/1.json",
        "/api/feed",
        "/feed.xml",
        "/sitemap-en.xml",
        "/llms.txt",
        "/post/1.md",
    ] {
        check(&server.url(path));
    }
}

/// The stack in front of a large document, on a socket. It ends with its runtime.
fn large(document: &'static str) -> (Runtime, SocketAddr) {
    let keys = Keys::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let issuer = Issuer::new("test", keys).audience("test");
    let routes = Registry::builder().public("/large.html").build().unwrap();
    let stack =
        palisade::stack(Stack::new(routes, OptionalAuth::new(Verifier::new(issuer).unwrap())));
    let headers = [(header::CONTENT_TYPE, "text/html"), (header::ETAG, "\"of-the-plain-text\"")];
    let router: Router = Router::new().route("/large.html", get(async move || (headers, document)));
    let service = ServiceBuilder::new().layer(stack).service(router);
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let named = ServiceBuilder::new().map_request(move |mut request: Request<_>| {
                request.extensions_mut().insert(PeerAddr(peer));
                request
            });
            let service = TowerToHyperService::new(named.service(service.clone()));
            tokio::spawn(async move {
                let protocol = auto::Builder::new(TokioExecutor::new());
                drop(protocol.serve_connection(TokioIo::new(stream), service).await);
            });
        }
        Ok::<_, Infallible>(())
    });
    (runtime, address)
}

#[test]
fn curl_decodes_every_coding_of_five_megabytes_to_the_same_bytes() {
    let lines = (0..130_000_u32).map(|line| {
        format!("<p>{line} {:08x}</p><hr class=\"line\"><br>\n", line.wrapping_mul(2_654_435_761))
    });
    let document: String = lines.collect();
    assert!(document.len() > 5 * 1024 * 1024, "{} bytes", document.len());
    let (runtime, address) = large(document.leak());
    let url = format!("http://{address}/large.html");
    check(&url);
    let folder = tempfile::tempdir().unwrap();
    let seen =
        |coding: &str| curl(folder.path(), &url, &["-H", &format!("Accept-Encoding: {coding}")]);
    assert_eq!(seen("identity").header("etag"), Some("\"of-the-plain-text\""));
    let plain = seen("identity").body.len();
    for (coding, ..) in CODINGS {
        let coded = seen(coding);
        assert_eq!(coded.header("etag"), Some("w/\"of-the-plain-text\""));
        assert!(coded.body.len() < plain / 3, "{coding}: {} of {plain} bytes", coded.body.len());
    }
    runtime.shutdown_background();
}
