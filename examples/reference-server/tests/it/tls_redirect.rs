//! Plain HTTP beside TLS: sent over, or refused.

use std::fs;

use serde_json::Value;

use crate::{
    malformed::raw,
    server::until,
    tls_authority::{TlsServer, curl},
};

#[test]
fn plain_http_is_sent_to_tls_and_what_must_not_go_in_clear_is_refused() {
    let server = TlsServer::start(&[]);
    let port = server.address().rsplit_once(':').unwrap().1;
    let asks = |arguments: &[&str], path: &str| {
        let url = server.plain.url(path);
        let shown = ["-o", "answer", "-w", "%{http_code} %header{location}", &*url];
        let (_, told) = curl(server.plain.folder.path(), &[arguments, &shown].concat());
        told.trim().to_owned()
    };
    let to = |rest: &str| format!("308 https://{rest}").replace("PORT", port);
    assert_eq!(asks(&[], "/post/1.md?a=b&c"), to("127.0.0.1:PORT/post/1.md?a=b&c"));
    assert_eq!(asks(&["-I"], "/"), to("127.0.0.1:PORT/"));
    assert_eq!(asks(&["-H", "Host: app.example:80"], "/x"), to("app.example:PORT/x"));
    assert_eq!(asks(&["-H", "Host: [::1]:3000"], "/x"), to("[::1]:PORT/x"));
    assert_eq!(asks(&["--path-as-is"], "//evil.example/.."), to("127.0.0.1:PORT//evil.example/.."));
    for host in [
        "me@evil.example",
        "evil.example/x",
        "a b",
        "evil\\.example",
        "[x]",
        "%65vil.example",
        "a,evil.example",
        "",
    ] {
        let host = if host.is_empty() { "Host;".to_owned() } else { format!("Host: {host}") };
        assert!(asks(&["-H", &host], "/").starts_with("400"), "{host}");
    }
    for arguments in [
        &["-X", "POST"][..],
        &["-X", "OPTIONS"],
        &["-H", "Authorization: Bearer x"],
        &["-H", "X-API-Key: x"],
    ] {
        assert_eq!(asks(arguments, "/api/feed"), "403", "{arguments:?}");
    }
    let body = fs::read_to_string(server.plain.folder.path().join("answer")).unwrap();
    assert!(body.contains("\"code\":\"https-required\""), "{body}");
    assert_eq!(asks(&[], "/api/analytics/stream?token=x"), "403");
    assert_eq!(asks(&[], "/healthz"), "200");
    assert_eq!(asks(&[], "/readyz"), "200");
    let public = TlsServer::start(&[("PUBLIC_URL", "https://shop.example")]);
    let (_, told) = curl(public.plain.folder.path(), &["-i", &*public.plain.url("/a?b")]);
    assert!(told.contains("location: https://shop.example/a?b\r\n"), "{told}");
    assert!(told.contains("cache-control: no-store\r\n"), "{told}");
    // A proxy says itself what its clients speak.
    let behind = TlsServer::start(&[("TRUSTED_PROXIES", "127.0.0.0/8")]);
    assert_eq!(behind.plain.get("/post/1.md").status(), 200);
}

#[test]
fn what_is_refused_in_clear_is_logged_without_its_secret_and_has_the_headers_of_every_answer() {
    let origin = "https://app.example";
    let server = TlsServer::start(&[("CORS_ORIGINS", origin), ("LOG_FORMAT", "json")]);
    let plain = &server.plain;
    let ask = |method, path| plain.request(method, path).header("origin", origin);
    let client = reqwest::blocking::Client::builder();
    let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let secret = || ask("GET", "/api/feed").bearer_auth("s3cret");
    for (request, status) in [
        (secret(), 403),
        (ask("GET", "/api/analytics/stream?token=s3cret"), 403),
        (ask("POST", "/api/logout").body("s3cret"), 403),
        (ask("GET", "/").header("host", "me@evil.example"), 400),
        (ask("GET", "/post/1.md"), 308),
    ] {
        let answer = client.execute(request.build().unwrap()).unwrap();
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(answer.status(), status);
        assert_eq!(header("x-frame-options"), Some("SAMEORIGIN"), "{status}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{status}");
        assert!(header("content-security-policy").is_some(), "{status}");
        assert!(header("referrer-policy").is_some(), "{status}");
        assert_eq!(header("strict-transport-security"), None, "{status}");
        assert_eq!(header("access-control-allow-origin"), Some(origin), "{status}");
        assert_eq!(answer.headers().get_all("vary").iter().count(), 1, "{status}");
        assert!(header("x-request-id").is_some(), "{status}");
    }
    let preflight = ask("OPTIONS", "/api/feed").header("access-control-request-method", "GET");
    let preflight = preflight.header("access-control-request-headers", "authorization");
    assert_eq!(preflight.send().unwrap().status(), 200, "or no page could read the refusal");

    // The line is cut while it is written.
    until("the last", || {
        plain.log().matches("\"request.refused\"").count() == 2 && plain.log().ends_with('\n')
    });
    let log = plain.log();
    let refused: Vec<Value> = log
        .lines()
        .filter(|line| line.contains("request.refused"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes: Vec<_> = refused.iter().map(|line| line["code"].clone()).collect();
    let https = "https-required";
    assert_eq!(codes, [https, "malformed-header.host"], "those alike are one line: {log}");
    assert_eq!(refused[0]["client_ip"], "127.0.0.1", "{log}");
    let reason = refused[0]["reason"].as_str().unwrap();
    assert!(reason.contains("a credential came in clear"), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
    // What goes on has everything once.
    let healthy = plain.get("/healthz");
    assert_eq!(healthy.headers().get_all("x-frame-options").iter().count(), 1);
}

#[test]
fn h10_a_request_that_does_not_name_one_host_is_sent_nowhere() {
    for public in [&[][..], &[("PUBLIC_URL", "https://shop.example")]] {
        let server = TlsServer::start(public);
        let asks = |target: &str, hosts: &str| {
            let head = format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
            raw(&server.plain, head)
        };
        for (target, hosts) in [
            ("/a", ""),
            ("/a", "Host: x\r\nHost: x\r\n"),
            ("/a", "Host: x\r\nHost: y\r\n"),
            ("/a", "Host: a b\r\n"),
            ("/a", "Host:\r\n"),
            ("http://evil.example/a", "Host: good.example\r\n"),
            ("http://evil.example/a", ""),
            ("http://evil.example/a", "Host: a\r\nHost: b\r\n"),
            ("*", "Host: x\r\n"),
        ] {
            let told = asks(target, hosts);
            assert!(told.starts_with("HTTP/1.1 400 "), "{public:?} {target} {hosts}: {told}");
            assert!(!told.contains("location:"), "{told}");
        }
        let told = asks("http://x.example/a", "Host: x.example\r\n");
        assert!(told.starts_with("HTTP/1.1 308 ") && told.contains("/a\r\n"), "{told}");
    }
}
