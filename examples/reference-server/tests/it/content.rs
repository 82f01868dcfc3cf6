//! The documented public content, each in the form it claims.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::server::Server;

/// Gives `input` to a program and takes its output; it must succeed.
pub(crate) fn through(program: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut command = Command::new(program);
    let spawned = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} refuses {}", String::from_utf8_lossy(input));
    String::from_utf8(output.stdout).unwrap()
}

fn body(server: &Server, path: &str, media_type: &str) -> Vec<u8> {
    let answer = server.get(path);
    assert_eq!(answer.status(), 200, "{path}");
    let given = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(given.starts_with(media_type), "{path}: {given}");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    answer.bytes().unwrap().to_vec()
}

#[test]
fn xml_is_well_formed_and_says_what_it_should() {
    let server = Server::unlimited(&[("PUBLIC_URL", "https://wall.example")]);
    let cases = [
        ("/feed.xml", "application/atom+xml", "https://wall.example/post/3.xhtml"),
        ("/products.xml", "application/rss+xml", "19.90 EUR"),
        ("/sitemap-en.xml", "application/xml", "https://wall.example/user/bob/pages/about.html"),
        ("/post/3.xhtml", "application/xhtml+xml", "Gr\u{fc}\u{df}e &amp; &lt;tags&gt;"),
        ("/user/alice/pages/about.xhtml", "application/xhtml+xml", "<strong>admin</strong>"),
    ];
    for (path, media_type, part) in cases {
        let content = body(&server, path, media_type);
        through("xmllint", &["--noout", "--nonet", "-"], &content);
        let text = String::from_utf8(content).unwrap();
        assert!(text.contains(part), "{path}: {text}");
    }
}

#[test]
fn a_pdf_is_a_pdf_with_the_text_in_it() {
    let server = Server::unlimited(&[]);
    for (path, part) in
        [("/post/3.pdf", "Gr\u{fc}\u{df}e"), ("/user/bob/pages/about.pdf", "About Bob")]
    {
        let text = through("pdftotext", &["-", "-"], &body(&server, path, "application/pdf"));
        assert!(text.contains(part), "{path}: {text}");
    }
}

#[test]
fn every_other_form_is_there() {
    let server = Server::unlimited(&[]);
    let cases = [
        ("/llms.txt", "text/plain", "/post/1.md"),
        ("/post/1.md", "text/markdown", "# A row of stakes"),
        ("/post/1.json", "application/json", "\"A row of stakes\""),
        ("/api/posts/1", "application/json", "\"A row of stakes\""),
        ("/user/alice/pages/about.html", "text/html", "<h1>About Alice</h1>"),
        ("/user/alice/pages/about.email.html", "text/html", "role=\"presentation\""),
        ("/user/alice/pages/about.md", "text/markdown", "# About Alice"),
        ("/user/alice/pages/about.json", "application/json", "\"slug\":\"about\""),
        ("/api/feed", "application/json", "\"posts\""),
        ("/api/profiles", "application/json", "Alice Amber"),
        ("/api/media-items", "application/json", "mediaItems"),
        ("/api/serving/site-info", "application/json", "\"posts\":3"),
        ("/.well-known/security.txt", "text/plain", "Expires: "),
        ("/healthz", "text/plain", "ok"),
        ("/readyz", "application/json", "\"status\":\"ok\""),
    ];
    for (path, media_type, part) in cases {
        let text = String::from_utf8(body(&server, path, media_type)).unwrap();
        assert!(text.contains(part), "{path}: {text}");
    }
}

#[test]
fn what_is_not_there_is_404() {
    let server = Server::unlimited(&[]);
    for path in [
        "/post/99.pdf",
        "/post/x.md",
        "/post/1.exe",
        "/user/alice/pages/none.html",
        "/embed/none",
        "/nothing",
    ] {
        assert_eq!(crate::server::problem(server.get(path)).1, "not-found", "{path}");
    }
}

#[test]
fn answers_are_compressed_as_the_client_prefers_and_refusals_never() {
    let server = Server::unlimited(&[]);
    let ask = |path: &str, coding: &str| {
        server.request("GET", path).header("accept-encoding", coding.to_owned()).send().unwrap()
    };
    for coding in ["br", "gzip", "zstd"] {
        let answer = ask("/post/1.json", coding);
        assert_eq!(answer.headers()["content-encoding"], coding);
        assert!(
            answer.headers()["vary"].to_str().unwrap().contains("accept-encoding")
                || answer.headers().get_all("vary").iter().any(|vary| vary == "accept-encoding")
        );
    }
    assert!(!ask("/post/1.json", "identity").headers().contains_key("content-encoding"));
    assert!(!ask("/nothing", "br").headers().contains_key("content-encoding"));
}
