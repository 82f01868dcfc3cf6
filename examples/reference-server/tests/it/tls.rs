//! TLS on real sockets, asked by the programs that people ask with.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::tempdir;

use crate::{
    malformed::raw,
    server::{Server, run},
    tls_authority::{Authority, For, TlsServer, curl, put},
};

/// Which version of HTTP, or how curl failed.
const VERSION: [&str; 4] = ["-o", "/dev/null", "-w", "%{http_code} %{http_version}"];

#[test]
fn clients_get_the_version_that_both_know_and_nothing_old() {
    let server = TlsServer::start(&[]);
    let asks = |arguments: &[&str]| server.curl(&[&VERSION, arguments].concat(), "/healthz");
    let lax = LaxServer::start(&server);
    assert_eq!(asks(&["--http1.1"]), (0, "200 1.1".to_owned()));
    assert_eq!(asks(&["--http2"]), (0, "200 2".to_owned()));
    assert_eq!(asks(&["--tlsv1.3"]), (0, "200 2".to_owned()));
    assert_eq!(asks(&["--tls-max", "1.2"]), (0, "200 2".to_owned()));
    assert_eq!(asks(&["--no-alpn"]), (0, "200 1.1".to_owned()));
    // 35: the handshake came to nothing. curl would speak 1.1 if it were let.
    let old = ["--tlsv1.1", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"];
    assert_eq!(asks(&old).0, 35);
    assert_eq!(lax.curl(&server, &old), 0, "this curl can speak 1.1");
    let modern = TlsServer::start(&[("TLS_MIN_VERSION", "1.3")]);
    assert_eq!(modern.curl(&["--tls-max", "1.2"], "/healthz").0, 35);
    assert_eq!(modern.curl(&["--tlsv1.3"], "/healthz"), (0, "ok\n".to_owned()));
}

#[test]
fn suites_without_forward_secrecy_or_without_aead_are_refused() {
    let server = TlsServer::start(&[]);
    let lax = LaxServer::start(&server);
    let agrees = |address: &str, cipher: &str| {
        let arguments = ["s_client", "-connect", address, "-tls1_2", "-cipher", cipher];
        let mut command = Command::new("openssl");
        let output = command.args(arguments).stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| panic!("openssl: {error}; install openssl"));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        told.contains(&format!("Cipher is {cipher}\n"))
    };
    for good in [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    ] {
        assert!(agrees(server.address(), good), "{good}");
    }
    for bad in ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA256"]
    {
        assert!(!agrees(server.address(), bad), "{bad}");
        assert!(agrees(&lax.address, bad), "this openssl can speak {bad}");
    }
    // RSA key exchange has no certificate of ours to begin with: nobody agrees to it.
    assert!(!agrees(server.address(), "AES128-GCM-SHA256"));
}

/// What a careless server would be: `openssl` with the same certificate, and all that was ever spoken.
struct LaxServer {
    child: Child,
    address: String,
}

impl LaxServer {
    fn start(server: &TlsServer) -> Self {
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-naccept", "20"])
            .args(["-cert", "tls/tls.crt", "-key", "tls/tls.key"])
            .args(["-min_protocol", "TLSv1", "-cipher", "ALL:@SECLEVEL=0"])
            .current_dir(server.plain.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("openssl: {error}; install openssl"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said = lines.find_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned));
        Self { child, address: said.unwrap() }
    }

    /// How curl ends that asks it.
    fn curl(&self, server: &TlsServer, arguments: &[&str]) -> i32 {
        let url = format!("https://{}/", self.address);
        let asks = [&["--cacert", "ca.pem", "-o", "/dev/null"], arguments, &[&*url]].concat();
        curl(server.plain.folder.path(), &asks).0
    }
}

impl Drop for LaxServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn what_is_sent_by_tls_alone_is_sent_there_and_not_in_clear() {
    let server = TlsServer::start(&[("HTTP_REDIRECT", "off")]);
    let page = ["-i", "-H", "Accept: text/html"];
    let (_, secure) = server.curl(&page, "/");
    assert!(secure.contains("set-cookie: __Host-pm_sid="), "{secure}");
    assert!(secure.contains("strict-transport-security: max-age="), "{secure}");
    let (_, plain) =
        curl(server.plain.folder.path(), &[&page[..], &[&*server.plain.url("/")]].concat());
    assert!(plain.contains("set-cookie: pm_sid="), "{plain}");
    let feed = server.curl(&[], "/feed.xml").1;
    assert!(feed.contains(&server.base), "links lead to where TLS is spoken: {feed}");
}

#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_required() {
    let folder = tempdir().unwrap();
    let (clients, strangers) = (Authority::new(), Authority::new());
    fs::write(folder.path().join("clients.pem"), clients.pem()).unwrap();
    let list = folder.path().join("clients.pem");
    let list = list.to_str().unwrap();
    let own = |authority: &Authority, name: &str| {
        authority.vouch(name, 7, For::Client).write(folder.path(), name)
    };
    let (alice, stranger) = (own(&clients, "alice"), own(&strangers, "mallory"));
    let with =
        |pair: &(String, String)| ["--cert", &pair.0, "--key", &pair.1].map(str::to_owned).to_vec();
    for (need, without) in [("required", None), ("optional", Some("ok\n"))] {
        let server = TlsServer::start(&[("TLS_CLIENT_CA", list), ("TLS_CLIENT_AUTH", need)]);
        let asks = |arguments: &[String], path: &str| {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            server.curl(&arguments, path)
        };
        let (code, told) = asks(&[], "/healthz");
        assert_eq!((code == 0).then_some(&*told), without, "{need}: {code}");
        // Who shows a bad one is refused in any case.
        assert_ne!(asks(&with(&stranger), "/healthz").0, 0, "{need}");
        let token = format!("Authorization: Bearer {}", server.plain.token("bob", &[]));
        let bob = ["-H".to_owned(), token];
        let (_, me) = asks(&[&with(&alice)[..], &bob].concat(), "/api/me");
        let me: Value = serde_json::from_str(&me).unwrap();
        assert_eq!(me["clientCertificate"]["subject"], "CN=alice", "{me}");
        assert_eq!(me["clientCertificate"]["sha256"].as_str().unwrap().len(), 95);
        assert_eq!(me["sub"], "bob", "a certificate makes nobody an identity");
    }
}

#[test]
fn the_recipe_for_certificates_of_clients_makes_one_that_is_let_in() {
    let page = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tls.md"));
    let (_, rest) = page.split_once("## Certificates of clients").unwrap();
    let (_, rest) = rest.split_once("```sh\n").unwrap();
    let recipe = rest.split_once("```").unwrap().0;
    let folder = tempdir().unwrap();
    let bash = |script: &str| {
        let mut command = Command::new("bash");
        command.args(["-ec", script]).current_dir(folder.path()).output().unwrap()
    };
    let made = bash(recipe);
    assert!(made.status.success(), "{made:?}");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let server = TlsServer::start(&[("TLS_CLIENT_CA", &path("clients.pem"))]);
    assert_ne!(server.curl(&[], "/healthz").0, 0);
    let (cert, key) = (path("alice.crt"), path("alice.key"));
    let asks = || server.curl(&["--cert", &cert, "--key", &key], "/healthz");
    assert_eq!(asks(), (0, "ok\n".to_owned()));
}

#[test]
fn h10_a_handshake_that_takes_too_long_is_cut_and_many_keep_nobody_out() {
    let settings = [("HEADER_TIMEOUT_MS", "1000"), ("MAX_CONNECTIONS", "100")];
    let server = TlsServer::start(&settings);
    // The first bytes of a handshake that never goes on; more of them than there are places.
    let begun = Instant::now();
    let half = || {
        let mut socket = TcpStream::connect(server.address()).unwrap();
        socket.write_all(&[22, 3, 1, 1, 0, 1]).unwrap();
        socket
    };
    let mut sockets: Vec<TcpStream> = (0..200).map(|_| half()).collect();
    assert_eq!(server.curl(&[], "/healthz"), (0, "ok\n".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    for socket in &mut sockets {
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let ended = socket.read_to_end(&mut Vec::new());
        assert!(ended.is_ok() || ended.unwrap_err().kind() != std::io::ErrorKind::WouldBlock);
    }
    let log = server.plain.log();
    let told = log.lines().filter(|line| line.contains("handshake")).count();
    assert!((1..=2).contains(&told), "a flood of bad handshakes fills no log: {log}");
}

#[test]
fn who_mistakes_the_port_is_told_or_closed_out() {
    let server = TlsServer::start(&[]);
    let (code, told) =
        curl(server.plain.folder.path(), &["-i", &*format!("http://{}/", server.address())]);
    assert_eq!(code, 0, "{told}");
    assert!(told.starts_with("HTTP/1.1 400 "), "{told}");
    assert!(told.ends_with("This port speaks TLS: ask by https:// in place of it\n"), "{told}");
    // TLS where plain HTTP is spoken.
    let plain = server.plain.base.replace("http://", "https://");
    let (code, _) = curl(server.plain.folder.path(), &["-k", &*plain]);
    assert_eq!(code, 35);
    assert_eq!(server.plain.get("/healthz").status(), 200);
}

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

    let log = plain.log();
    let refused: Vec<Value> = log
        .lines()
        .filter(|line| line.contains("request.refused"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let codes: Vec<_> = refused.iter().map(|line| line["code"].clone()).collect();
    let https = "https-required";
    assert_eq!(codes, [https, https, https, "malformed-header.host"], "{log}");
    assert_eq!(refused[0]["client_ip"], "127.0.0.1", "{log}");
    let reason = refused[1]["reason"].as_str().unwrap();
    assert!(reason.contains("a credential came in clear"), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
    // What goes on has everything once.
    let healthy = plain.get("/healthz");
    assert_eq!(healthy.headers().get_all("x-frame-options").iter().count(), 1);
}

#[test]
fn a_certificate_that_nobody_vouches_for_brings_no_hsts() {
    let settings = [("TLS_SELF_SIGNED", "true"), ("TLS_LISTEN_ADDR", "127.0.0.1:0")];
    let mut server = Server::unlimited(&settings);
    let secure = server.line().trim().rsplit_once(' ').unwrap().1.to_owned();
    for path in ["/", "/api/me", "/embed/wall"] {
        let url = format!("{secure}{path}");
        let (code, told) = curl(server.folder.path(), &["-k", "-i", &*url]);
        assert!(code == 0 && told.contains("content-security-policy"), "{told}");
        assert!(!told.contains("strict-transport-security"), "{told}");
    }
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

#[test]
fn a_certificate_of_its_own_is_made_once_and_curl_trusts_it_as_the_banner_says() {
    let folder = tempdir().unwrap();
    let settings = [("TLS_SELF_SIGNED", "true"), ("TLS_LISTEN_ADDR", "127.0.0.1:0")];
    let banner = |server: &mut Server| -> Vec<String> { (0..6).map(|_| server.line()).collect() };
    let mut server = Server::start_in(folder, &settings);
    let told = banner(&mut server);
    let command = told.iter().find(|line| line.contains("--cacert")).unwrap().trim().to_owned();
    let answer = Command::new("bash")
        .args(["-c", &command])
        .current_dir(server.folder.path())
        .output()
        .unwrap();
    assert_eq!(answer.stdout, b"ok\n", "{command}: {answer:?}");
    let fingerprint = |told: &[String]| {
        told.iter().find(|line| line.contains("SHA-256")).unwrap().trim().to_owned()
    };
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in", "data/tls-self-signed.crt"])
        .current_dir(server.folder.path())
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let first = fingerprint(&told);
    assert_eq!(shown.trim().rsplit_once('=').unwrap().1, first.rsplit_once(' ').unwrap().1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = server.folder.path().join("data/tls-self-signed.key");
        assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // The same after a restart; another where one of the two files is lost.
    let mut again = Server::start_in(server.stop(), &settings);
    assert_eq!(fingerprint(&banner(&mut again)), first);
    let folder = again.stop();
    fs::remove_file(folder.path().join("data/tls-self-signed.key")).unwrap();
    let mut another = Server::start_in(folder, &settings);
    assert_ne!(fingerprint(&banner(&mut another)), first);
}

#[test]
fn files_that_make_no_tls_stop_the_start_with_the_mistake_and_the_fix() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let authority = Authority::new();
    let one = authority.vouch("one", 1, For::Server);
    let (cert, key) = one.write(folder.path(), "one");
    let (_, other_key) = authority.vouch("other", 2, For::Server).write(folder.path(), "other");
    let (past, past_key) = authority.vouch("past", 3, For::PastServer).write(folder.path(), "past");
    put(&folder.path().join("turned.crt"), &(authority.pem() + &one.certificate));
    put(&folder.path().join("cut.crt"), &one.certificate[..200]);
    put(&folder.path().join("empty"), "");
    put(
        &folder.path().join("encrypted"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let none = path("none.pem");
    let (turned, cut) = (path("turned.crt"), path("cut.crt"));
    let (empty, encrypted) = (path("empty"), path("encrypted"));
    for (cert, key, setting, words) in [
        (&none, &key, "TLS_CERT", "there is no such file"),
        (&cert, &none, "TLS_KEY", "there is no such file"),
        (&cert, &other_key, "TLS_KEY", "not the key of the certificate in TLS_CERT (`CN=one`)"),
        (&key, &cert, "TLS_CERT", "changed places"),
        (&cert, &cert, "TLS_KEY", "changed places"),
        (&turned, &key, "TLS_KEY", "the server's own certificate stands first"),
        (&cut, &key, "TLS_CERT", "ends within a section"),
        (&empty, &key, "TLS_CERT", "no certificate in PEM"),
        (&cert, &empty, "TLS_KEY", "no key in PEM"),
        (&cert, &encrypted, "TLS_KEY", "`openssl pkey -in FILE -out NEW`"),
        (&past, &past_key, "TLS_CERT", "renew it"),
    ] {
        for subcommand in ["serve", "check-config"] {
            let settings =
                [("TLS_CERT", &**cert), ("TLS_KEY", &**key), ("TLS_LISTEN_ADDR", "127.0.0.1:0")];
            let (fine, _, errors) = run(folder.path(), &[subcommand], &settings);
            assert!(!fine, "{words}");
            let told = errors.lines().any(|line| {
                line.starts_with(&format!("palisade-server: {setting}=`")) && line.contains(words)
            });
            assert!(told, "`{words}` is not in {errors}");
            assert!(!errors.contains("AAAA"), "nothing of a key is shown: {errors}");
        }
    }
    let settings = [("TLS_CERT", &*cert), ("TLS_KEY", &*key)];
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    }
    let (fine, told, errors) = run(folder.path(), &["check-config"], &settings);
    assert!(fine, "{errors}");
    assert!(told.contains("TLS: `CN=one`, good until "), "{told}");
    assert!(told.contains("every user of this machine may read the key"), "{told}");
}

#[test]
fn settings_of_tls_that_contradict_each_other_stop_the_start() {
    let folder = tempdir().unwrap();
    for (settings, name) in [
        (&[("TLS_CERT", "a")][..], "TLS_CERT"),
        (&[("TLS_KEY", "a")][..], "TLS_KEY"),
        (&[("TLS_LISTEN_ADDR", "127.0.0.1:1")][..], "TLS_LISTEN_ADDR"),
        (&[("TLS_MIN_VERSION", "1.3")][..], "TLS_MIN_VERSION"),
        (&[("TLS_CLIENT_CA", "a")][..], "TLS_CLIENT_CA"),
        (&[("TLS_CLIENT_AUTH", "optional")][..], "TLS_CLIENT_AUTH"),
        (
            &[("TLS_SELF_SIGNED", "true"), ("TLS_CLIENT_CA", "a"), ("HTTP_REDIRECT", "off")][..],
            "HTTP_REDIRECT",
        ),
        (&[("TLS_SELF_SIGNED", "true"), ("TLS_KEY", "a")][..], "TLS_KEY"),
        (&[("TLS_SELF_SIGNED", "true"), ("APP_ENV", "production")][..], "TLS_SELF_SIGNED"),
        (&[("TLS_SELF_SIGNED", "yes")][..], "TLS_SELF_SIGNED"),
        (&[("TLS_MIN_VERSION", "1.1")][..], "TLS_MIN_VERSION"),
    ] {
        let (fine, _, errors) = run(folder.path(), &["check-config"], settings);
        assert!(!fine, "{settings:?}");
        assert!(errors.contains(&format!("palisade-server: {name}")), "{settings:?}: {errors}");
    }
    let (fine, _, errors) = run(folder.path(), &["--tls-self-signed", "check-config"], &[]);
    assert!(fine, "{errors}");
}
