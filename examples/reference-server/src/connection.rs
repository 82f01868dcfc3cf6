//! Serves one connection, whatever it runs on: a socket, or TLS on a socket.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use palisade::core::{PeerAddr, Transport};
use tokio::io::{AsyncRead, AsyncWrite};
use tower::ServiceBuilder;

use crate::{Settings, app::Service, first_bytes::FirstBytes, listener::Place};

/// What all connections have in common.
#[derive(Debug)]
pub(crate) struct Connections {
    rules: Rules,
    open: GracefulShutdown,
}

/// How a connection is served.
#[derive(Clone, Debug)]
struct Rules {
    protocol: auto::Builder<TokioExecutor>,
    header_timeout: Duration,
}

/// One connection: it holds its place, and is told when the server ends. A handshake stands between this and
/// [`serve`](Self::serve).
pub(crate) struct Connection {
    rules: Rules,
    peer: SocketAddr,
    place: Place,
    watcher: Watcher,
}

// === impl Connections ===

impl Connections {
    /// As `settings` say.
    pub(crate) fn new(settings: &Settings) -> Self {
        let header_timeout = settings.header_timeout;
        let rules = Rules { protocol: protocol(header_timeout), header_timeout };
        Self { rules, open: GracefulShutdown::new() }
    }

    /// Begins with the connection of `peer`.
    pub(crate) fn begin(&self, peer: SocketAddr, place: Place) -> Connection {
        Connection { rules: self.rules.clone(), peer, place, watcher: self.open.watcher() }
    }

    /// Tells all to end after what they are about, and waits until they did.
    pub(crate) async fn end(self) {
        self.open.shutdown().await;
    }
}

// === impl Connection ===

impl Connection {
    /// Serves requests on `stream` until one side ends it.
    pub(crate) async fn serve<I>(self, stream: I, transport: Transport, service: Service)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { rules, peer, place, watcher } = self;
        let stream = TokioIo::new(FirstBytes::within(rules.header_timeout, stream));
        let service = named(service, PeerAddr(peer), transport);
        let served = rules.protocol.serve_connection_with_upgrades(stream, service);
        if let Err(error) = watcher.watch(served.into_owned()).await {
            // What a client sent that is no HTTP, or a client that went away: its business, not an alarm.
            tracing::debug!(%error, %peer, "a connection ended early");
        }
        drop(place);
    }
}

/// HTTP/1 and HTTP/2, with a bound on how long the head of a request may take.
fn protocol(header_timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout);
    protocol.http2().timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(20));
    protocol
}

/// Tells every request of a connection whose it is, and whether others can read it.
fn named(
    service: Service,
    peer: PeerAddr,
    transport: Transport,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = <Service as tower::Service<Request<Incoming>>>::Response,
    Error = Infallible,
    Future: Send,
> {
    TowerToHyperService::new(
        ServiceBuilder::new()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(peer);
                request.extensions_mut().insert(transport);
                request
            })
            .service(service),
    )
}
