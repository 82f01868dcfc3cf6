//! An authority of the tests' own, and servers with certificates that it vouches for.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring, pki_types::ServerName,
};
use tempfile::TempDir;

use crate::server::Server;

/// Who vouches for the certificates of one test.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// What a certificate is made for.
pub(crate) enum For {
    Server,
    Client,
    /// A server, of a time that is over.
    PastServer,
}

/// A running server that speaks TLS.
pub(crate) struct TlsServer {
    pub(crate) plain: Server,
    pub(crate) authority: Authority,
    /// `https://127.0.0.1:…`.
    pub(crate) base: String,
}

/// A connection by TLS that stays open.
pub(crate) struct KeptAlive(StreamOwned<ClientConnection, TcpStream>);

// === impl Authority ===

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "an authority of these tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        Self(CertifiedIssuer::self_signed(params, key()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Vouches for `name`, by the number `serial`.
    pub(crate) fn vouch(&self, name: &str, serial: u64, what_for: For) -> Pair {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.serial_number = Some(SerialNumber::from(serial));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        // Clients ask for less than 398 days. Of today, whatever day it is.
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let day = |days: i64| {
            let date = today + jiff::Span::new().days(days);
            date_time_ymd(date.year().into(), date.month() as u8, date.day() as u8)
        };
        let (from, to) = if matches!(what_for, For::PastServer) { (-60, -2) } else { (-1, 89) };
        (params.not_before, params.not_after) = (day(from), day(to));
        params.extended_key_usages = vec![match what_for {
            For::Client => ExtendedKeyUsagePurpose::ClientAuth,
            For::Server | For::PastServer => ExtendedKeyUsagePurpose::ServerAuth,
        }];
        let key = key();
        let certificate = params.signed_by(&key, &self.0).unwrap().pem();
        Pair { certificate: certificate + &self.pem(), key: key.serialize_pem() }
    }
}

fn key() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

// === impl Pair ===

impl Pair {
    /// Writes both beside each other: their paths.
    pub(crate) fn write(&self, folder: &Path, name: &str) -> (String, String) {
        fs::create_dir_all(folder).unwrap();
        let path = |end: &str| folder.join(format!("{name}.{end}"));
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        put(&path("crt"), &self.certificate);
        put(&path("key"), &self.key);
        (text(path("crt")), text(path("key")))
    }
}

/// Replaces a file as a whole, for its owner alone.
pub(crate) fn put(path: &Path, content: &str) {
    palisade::core::atomic_file::replace(path, content.as_bytes()).unwrap();
}

// === impl TlsServer ===

impl TlsServer {
    /// A server with a certificate of number 1, without limits and bans.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
        let pair = authority.vouch("a server", 1, For::Server);
        let (certificate, key) = pair.write(&folder.path().join("tls"), "tls");
        let own = [("TLS_CERT", &*certificate), ("TLS_KEY", &*key)];
        Self::start_in(folder, authority, &[&own, settings].concat())
    }

    pub(crate) fn start_in(
        folder: TempDir,
        authority: Authority,
        settings: &[(&str, &str)],
    ) -> Self {
        fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let usual = [
            ("TLS_LISTEN_ADDR", "127.0.0.1:0"),
            ("RATE_LIMIT_ENABLED", "false"),
            ("AUTO_BAN_ENABLED", "false"),
        ];
        let mut plain = Server::start_in(folder, &[&usual, settings].concat());
        let base = plain.line().trim().rsplit_once(' ').unwrap().1.to_owned();
        assert!(base.starts_with("https://"), "{base}");
        Self { plain, authority, base }
    }

    pub(crate) fn address(&self) -> &str {
        self.base.strip_prefix("https://").unwrap()
    }

    /// What curl says, that trusts the authority: its exit code and its output.
    pub(crate) fn curl(&self, arguments: &[&str], path: &str) -> (i32, String) {
        let url = format!("{}{path}", self.base);
        let trust = ["--cacert", "ca.pem", &*url];
        curl(self.plain.folder.path(), &[arguments, &trust].concat())
    }

    /// The number of the certificate that a new connection sees.
    pub(crate) fn serial(&self) -> u64 {
        self.connect().serial()
    }

    /// Connects anew, without tickets of an earlier connection.
    pub(crate) fn connect(&self) -> KeptAlive {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.0.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let socket = TcpStream::connect(self.address()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut kept = KeptAlive(StreamOwned::new(connection, socket));
        assert!(kept.asks("/healthz").starts_with("HTTP/1.1 200"));
        kept
    }
}

/// What curl says: its exit code and its output.
pub(crate) fn curl(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let usual = ["-s", "--max-time", "20"];
    let output = Command::new("curl").args(usual).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("curl: {error}; install curl"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().unwrap(), text)
}

// === impl KeptAlive ===

impl KeptAlive {
    /// One more request on it, for what is answered by `ok`.
    pub(crate) fn asks(&mut self, path: &str) -> String {
        write!(self.0, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let (mut answer, mut part) = (String::new(), [0; 8192]);
        while !answer.ends_with("\r\n\r\nok\n") {
            let read = self.0.read(&mut part).unwrap();
            assert_ne!(read, 0, "the server ended it: {answer}");
            answer += &String::from_utf8_lossy(&part[..read]);
        }
        answer
    }

    pub(crate) fn serial(&self) -> u64 {
        use x509_cert::der::Decode;
        let certificate = &self.0.conn.peer_certificates().unwrap()[0];
        let certificate = x509_cert::Certificate::from_der(certificate).unwrap();
        let number = certificate.tbs_certificate.serial_number;
        number.as_bytes().iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}
