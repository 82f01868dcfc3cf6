//! TLS on real sockets, asked by the programs that people ask with.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::tempdir;

use crate::{
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
