//! What happens on a connection before HTTP: a handshake, in time, or an end.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade::core::{Clock, Moment};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{Certificates, ClientCertificate};

/// How a record of a handshake begins (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// What plain HTTP is answered here.
const WRONG_PORT: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 53\r\nConnection: close\r\n\r\nThis port speaks TLS: ask by https:// in place of it\n";

/// As much of a request is read that nobody will answer, so that its sender can read why.
const UNREAD: u64 = 16 << 10;

/// Failures are told so far apart: whoever brings many must not fill the log.
const TOLD: Duration = Duration::from_mins(1);

/// Makes TLS of connections. Clones share the counts.
#[derive(Clone, Debug)]
pub(crate) struct Handshakes {
    certificates: Certificates,
    failures: Arc<Failures>,
}

/// A connection that speaks TLS now.
#[derive(Debug)]
pub(crate) struct Shaken {
    pub(crate) stream: TlsStream<TcpStream>,
    pub(crate) alpn: Alpn,
    pub(crate) client: Option<ClientCertificate>,
}

/// What both sides agreed to speak (RFC 7301).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Alpn {
    /// That, or nothing was said.
    Http1,
    /// HTTP/2.
    Http2,
}

/// Handshakes that came to nothing.
#[derive(Debug)]
struct Failures {
    clock: Clock,
    untold: AtomicU64,
    told: Mutex<Option<Moment>>,
}

// === impl Handshakes ===

impl Handshakes {
    /// Serves by `certificates`.
    pub(crate) fn new(certificates: Certificates, clock: Clock) -> Self {
        let failures = Failures { clock, untold: AtomicU64::new(0), told: Mutex::new(None) };
        Self { certificates, failures: Arc::new(failures) }
    }

    /// What came of the handshake of `peer`; none, if there is nothing to serve. Where `shaken` is none, it took too long, or others
    /// needed its place more.
    pub(crate) fn judge(
        &self,
        shaken: Option<io::Result<Shaken>>,
        peer: SocketAddr,
    ) -> Option<Shaken> {
        let shaken = shaken.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()));
        // Anybody can bring failures, as fast as he can.
        let failed = |error: &io::Error| {
            tracing::debug!(%error, %peer, "a TLS handshake failed");
            self.failures.count();
        };
        shaken.inspect_err(failed).ok()
    }

    /// Waits for the handshake. Bound it in time.
    pub(crate) async fn shake(&self, stream: TcpStream) -> io::Result<Shaken> {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first != [HANDSHAKE] {
            return Err(refuse(stream, first).await);
        }
        // The certificate of now, not of when the client connected.
        let acceptor = TlsAcceptor::from(self.certificates.config());
        let stream = acceptor.accept(stream).await?;
        let (_, connection) = stream.get_ref();
        let alpn = match connection.alpn_protocol() {
            Some(b"h2") => Alpn::Http2,
            _ => Alpn::Http1,
        };
        let client = connection.peer_certificates().and_then(ClientCertificate::of);
        Ok(Shaken { stream, alpn, client })
    }
}

/// Tells who speaks HTTP what is spoken here; anybody else learns nothing.
async fn refuse(mut stream: TcpStream, first: [u8; 1]) -> io::Error {
    if first.iter().all(u8::is_ascii_uppercase) {
        let told = async {
            stream.write_all(WRONG_PORT).await?;
            stream.shutdown().await?;
            // What is unread when a connection is closed makes the system reset it, and the answer is lost.
            tokio::io::copy(&mut stream.take(UNREAD), &mut tokio::io::sink()).await
        };
        if let Err(error) = told.await {
            return error;
        }
    }
    io::Error::new(io::ErrorKind::InvalidData, "what came is no TLS")
}

// === impl Failures ===

impl Failures {
    /// Counts one, and tells of all since the last time if that was long ago.
    fn count(&self) {
        self.untold.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|told| now.since(told) < TOLD) {
            return;
        }
        *told = Some(now);
        let failed = self.untold.swap(0, Ordering::Relaxed);
        tracing::info!(failed, "TLS handshakes failed; each of them is told at `debug`");
    }
}
