//! Serves one connection, whatever it runs on: a socket, or TLS on a socket.

use std::{
    convert::Infallible, future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration,
};

use http::{HeaderMap, HeaderValue, Request, Response, header};
use http_body::Body;
use hyper::{
    body::{Bytes, Incoming},
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use palisade::core::{PeerAddr, Transport};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    select,
    sync::watch,
    time::timeout,
};
use tower::BoxError;

use crate::{
    Settings,
    answer_body::AnswerBody,
    paced::Paced,
    places::Place,
    pulse::{Overdue, Pulse},
    request_body::RequestBody,
    settings::ConnectionSettings,
    streams::Streams,
    tls::Alpn,
};

/// How long the last words to a client may take that was too slow.
const GOODBYE: Duration = Duration::from_millis(250);

/// The same, where another waits for the place, and more behind him: enough to send what is ready.
const HURRY: Duration = Duration::from_millis(1);

/// How often somebody who speaks HTTP/2 and asks nothing must say that he is there, and how long he may take to.
const PING: Duration = Duration::from_secs(20);

/// What all connections have in common.
#[derive(Debug)]
pub(crate) struct Connections {
    rules: ConnectionSettings,
    stop: watch::Sender<()>,
}

/// One connection: it holds its place, and is told when the server ends. A handshake stands between this and
/// [`serve`](Self::serve).
pub(crate) struct Connection {
    protocol: auto::Builder<Streams>,
    peer: SocketAddr,
    place: Place,
    stop: watch::Receiver<()>,
}

/// How the end of a request's body is found. Where chunks tell it, a `Content-Length` may have stood beside, which hyper takes away
/// without a word; a proxy that believed it would take for one request what are two here. So such a connection ends
/// with its answer (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Framing {
    Chunks,
    Length,
}

// === impl Connections ===

impl Connections {
    /// As `settings` say.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { rules: settings.connections.clone(), stop: watch::Sender::new(()) }
    }

    /// Begins with the connection of `peer`.
    pub(crate) fn begin(&self, peer: SocketAddr, place: Place) -> Connection {
        let streams = Streams::new(Arc::clone(place.pulse()));
        let protocol = protocol(&self.rules, streams);
        Connection { protocol, peer, place, stop: self.stop.subscribe() }
    }

    /// Tells all to end after what they are about, and waits until they did.
    pub(crate) async fn end(self) {
        self.stop.send_replace(());
        self.stop.closed().await;
    }
}

// === impl Connection ===

impl Connection {
    /// Runs what comes before HTTP, such as a handshake: it has the time of a request's head, and must leave where others
    /// need the place more, or where the server ends. None if it did not come to an end.
    pub(crate) async fn before<F: Future>(&self, handshake: F) -> Option<F::Output> {
        let mut stop = self.stop.clone();
        select! {
            done = handshake => Some(done),
            _ = stop.changed() => None,
            overdue = self.place.pulse().overdue() => {
                tracing::debug!(?overdue, peer = %self.peer, "a connection is ended before it said anything");
                None
            }
        }
    }

    /// Speaks what the handshake agreed on, and nothing else.
    pub(crate) fn speaking(mut self, alpn: Alpn) -> Self {
        self.protocol = match alpn {
            Alpn::Http1 => self.protocol.http1_only(),
            Alpn::Http2 => self.protocol.http2_only(),
        };
        self
    }

    /// Serves requests on `stream` until one side ends it.
    pub(crate) async fn serve<I, S, B>(self, stream: I, transport: Transport, service: S)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        S: tower::Service<
                Request<RequestBody<Incoming>>,
                Response = Response<B>,
                Error = Infallible,
            > + Clone
            + Send
            + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let Self { protocol, peer, place, mut stop } = self;
        let pulse = Arc::clone(place.pulse());
        let beats = Arc::clone(&pulse);
        let service = TowerToHyperService::new(service);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let running = beats.begin();
            request.extensions_mut().insert(PeerAddr(peer));
            request.extensions_mut().insert(transport);
            let framing = Framing::of(&request);
            let body = running.body();
            request.extensions_mut().insert(running.hangup());
            let answer = service.call(request.map(|inner| RequestBody::new(body, inner)));
            async move {
                let mut answer = answer.await?;
                framing.close(answer.headers_mut());
                Ok::<_, Infallible>(answer.map(|body| AnswerBody::new(running, body)))
            }
        });
        let stream = TokioIo::new(Paced::new(Arc::clone(&pulse), stream));
        let mut served = pin!(protocol.serve_connection(stream, service));
        let overdue = select! {
            ended = served.as_mut() => return tell(peer, ended),
            overdue = overdue_or(&mut stop, &pulse, peer) => overdue,
        };
        let requests = pulse.requests();
        served.as_mut().graceful_shutdown();
        if let Some(overdue) = overdue {
            match timeout(overdue.goodbye(), served.as_mut()).await {
                Ok(ended) => return tell(peer, ended),
                Err(_) if !pulse.answers(requests) => return,
                // Another request came until then: it was let in, so it is answered.
                Err(_) => {}
            }
        }
        select! {
            ended = served.as_mut() => tell(peer, ended),
            _ = told_overdue(&pulse, peer) => {}
        }
    }
}

/// Waits until something is overdue, or, which is none, until the server ends.
async fn overdue_or(
    stop: &mut watch::Receiver<()>,
    pulse: &Pulse,
    peer: SocketAddr,
) -> Option<Overdue> {
    select! {
        overdue = told_overdue(pulse, peer) => Some(overdue),
        _ = stop.changed() => None,
    }
}

async fn told_overdue(pulse: &Pulse, peer: SocketAddr) -> Overdue {
    let overdue = pulse.overdue().await;
    tracing::debug!(?overdue, %peer, "a connection is ended");
    overdue
}

// === impl Overdue ===

impl Overdue {
    /// How long its last words may take.
    fn goodbye(self) -> Duration {
        match self {
            Self::Head => Duration::ZERO,
            Self::Idle | Self::Unread => GOODBYE,
            Self::Room => HURRY,
        }
    }
}

// === impl Framing ===

impl Framing {
    fn of<B>(request: &Request<B>) -> Self {
        if request.headers().contains_key(header::TRANSFER_ENCODING) {
            Self::Chunks
        } else {
            Self::Length
        }
    }

    fn close(self, headers: &mut HeaderMap) {
        if self == Self::Chunks {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// What a client sent that is no HTTP, or a client that went away: its business, not an alarm.
fn tell(peer: SocketAddr, ended: Result<(), BoxError>) {
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

/// So many bytes of a body may come before anyone reads them: what HTTP/2 begins with (RFC 9113 section 6.9.2), and one more.
const STREAM_WINDOW: u32 = 64 << 10;

/// So many bytes of all bodies: the most that one connection makes this server keep. 6.25 MiB for 100 streams.
fn connection_window(streams: u32) -> u32 {
    // No window is larger (RFC 9113 section 6.9.1).
    streams.saturating_mul(STREAM_WINDOW).min(i32::MAX.unsigned_abs())
}

/// HTTP/1 and HTTP/2, with bounds on all that a client makes this server keep. The times are the pulse's to watch.
fn protocol(rules: &ConnectionSettings, streams: Streams) -> auto::Builder<Streams> {
    let mut protocol = auto::Builder::new(streams);
    let size = u32::try_from(rules.head_size).unwrap_or(u32::MAX);
    protocol
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_headers(100)
        .max_buf_size(rules.head_size);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(rules.streams)
        .max_header_list_size(size)
        // Who opens streams and takes them back makes work that nobody waits for (CVE-2023-44487).
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(128)
        // A window that grows would let one client fill the memory by being fast.
        .adaptive_window(false)
        // All streams together never find it used up: one whose body nobody reads keeps no other one waiting.
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(connection_window(rules.streams))
        .max_send_buf_size(64 << 10)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    protocol
}
