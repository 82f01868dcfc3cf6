//! Sessions that are resumed, and where none may be.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned,
    SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use tempfile::tempdir;

use crate::tls_authority::{Authority, For, Pair, TlsServer};

/// A client that keeps what servers give it to resume by.
fn client(
    server: &TlsServer,
    version: &'static SupportedProtocolVersion,
    pair: &Pair,
) -> Arc<ClientConfig> {
    let certificates = |pem: &str| {
        CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect::<Vec<_>>()
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(&server.authority.pem()));
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates(&pair.certificate), key);
    Arc::new(config.unwrap())
}

/// How the handshake of a new connection went.
fn handshake(server: &TlsServer, client: &Arc<ClientConfig>) -> HandshakeKind {
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::clone(client), name).unwrap();
    let socket = TcpStream::connect(server.address()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stream.conn.handshake_kind().unwrap()
}

#[test]
fn where_clients_show_certificates_every_handshake_is_whole_so_that_each_is_checked() {
    let (folder, clients) = (tempdir().unwrap(), Authority::new());
    let list = folder.path().join("clients.pem");
    std::fs::write(&list, clients.pem()).unwrap();
    let alice = clients.vouch("alice", 7, For::Client);
    let asked = [("TLS_CLIENT_CA", list.to_str().unwrap())];
    let optional = [asked[0], ("TLS_CLIENT_AUTH", "optional")];
    for (settings, second) in [
        (&asked[..], HandshakeKind::Full),
        (&optional[..], HandshakeKind::Full),
        (&[][..], HandshakeKind::Resumed),
    ] {
        let server = TlsServer::start(settings);
        for version in [&TLS12, &TLS13] {
            let client = client(&server, version, &alice);
            assert_eq!(handshake(&server, &client), HandshakeKind::Full);
            assert_eq!(handshake(&server, &client), second, "{settings:?} {version:?}");
        }
    }
}

#[test]
fn half_a_handshake_does_not_hold_up_the_end_of_the_server() {
    let mut server = TlsServer::start(&[("HEADER_TIMEOUT_MS", "600000")]);
    let mut half = TcpStream::connect(server.address()).unwrap();
    half.write_all(&[22, 3, 1, 1, 0, 1]).unwrap();
    // Whoever comes later is let in later: by then the half one is inside.
    assert_eq!(server.curl(&[], "/healthz").0, 0);
    let started = Instant::now();
    server.plain.terminate();
    assert!(server.plain.wait(), "{}", server.plain.log());
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    drop(half);
}
