//! Runs the server on a socket until it is told to stop.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use palisade::core::PeerAddr;
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
use tower::ServiceBuilder;

use crate::{
    App, Settings,
    app::{Service, StartError},
    first_bytes::FirstBytes,
    token,
};

/// How long to wait before accepting again after an error.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until SIGTERM, SIGINT or an admin's restart; then lets running requests end, and writes what is in memory.
///
/// # Errors
///
/// An address that cannot be listened on, or whatever [`App::new`] does not start with.
pub async fn serve(mut settings: Settings) -> Result<(), StartError> {
    let address = settings.listen_addr;
    let listener =
        TcpListener::bind(address).await.map_err(|error| cannot_listen(address, &error))?;
    // The port that was found where 0 was asked for: feeds and the sitemap say it.
    settings.listen_addr = listener.local_addr()?;
    let app = App::new(settings)?;
    // Until the server ends.
    let shared = app.shared();
    shared.tell();
    let _keys = shared.verifier.fetch_keys(&shared.clock)?;
    let _api_keys = shared.api_keys.watch(&shared.revocations);
    announce(&app)?;
    let connections = GracefulShutdown::new();
    tokio::select! {
        () = accept(&app, &listener, &connections) => {}
        () = told_to_stop() => {}
        () = app.shared().restart_asked() => tracing::info!("an admin asked for a restart"),
    }
    drop(listener);
    wind_down(&app, connections).await;
    tracing::info!("stopped");
    Ok(())
}

/// Writes and tells what is only in memory, and lets running requests end.
async fn wind_down(app: &App, connections: GracefulShutdown) {
    // Streams end with the analytics; without this they would use up the whole grace.
    app.shared().close();
    app.shared().tell_others().await;
    let grace = app.settings().shutdown_grace;
    if timeout(grace, connections.shutdown()).await.is_err() {
        tracing::warn!(?grace, "some connections did not end in time");
    }
}

/// Accepts connections for ever; at the bound, the next one waits in the listener's queue.
async fn accept(app: &App, listener: &TcpListener, connections: &GracefulShutdown) {
    let places = Arc::new(Semaphore::new(app.settings().max_connections));
    let header_timeout = app.settings().header_timeout;
    let protocol = protocol(header_timeout);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: give those that are open a moment to end.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (watcher, protocol) = (connections.watcher(), protocol.clone());
        let service = named(app.service(), PeerAddr(peer));
        let stream = TokioIo::new(FirstBytes::within(header_timeout, stream));
        tokio::spawn(async move {
            let served = protocol.serve_connection_with_upgrades(stream, service);
            if let Err(error) = watcher.watch(served.into_owned()).await {
                // What a client sent that is no HTTP, or a client that went away: its business, not an alarm.
                tracing::debug!(%error, %peer, "a connection ended early");
            }
            drop(place);
        });
    }
}

/// HTTP/1 and HTTP/2, with a bound on how long the head of a request may take.
fn protocol(header_timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout);
    protocol.http2().timer(TokioTimer::new()).keep_alive_interval(Duration::from_secs(20));
    protocol
}

/// Tells every request of a connection whose it is.
fn named(
    service: Service,
    peer: PeerAddr,
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
                request
            })
            .service(service),
    )
}

async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
    tracing::info!("told to stop");
}

/// Says what a person who just started the server wants to know.
#[expect(
    clippy::print_stdout,
    reason = "the banner is for the person at the terminal, and scripts read the port from it"
)]
fn announce(app: &App) -> Result<(), StartError> {
    let address = app.settings().listen_addr;
    println!("palisade-server listens on http://{address}");
    if app.settings().issuers.is_empty() {
        let hour = Duration::from_secs(3600);
        println!("\nThis is the development issuer. Tokens for one hour:");
        println!("  admin (alice): {}", token::mint(app.settings(), "alice", &["admin"], hour)?);
        println!("  user  (bob):   {}", token::mint(app.settings(), "bob", &[], hour)?);
        println!("\nWorth opening:");
        println!("  http://{address}/                  the landing page");
        println!("  http://{address}/post/1.pdf        a post as PDF; also .xhtml, .md, .json");
        println!("  curl -H \"Authorization: Bearer $TOKEN\" http://{address}/api/me");
        println!(
            "  curl -N -H \"Authorization: Bearer $TOKEN\" http://{address}/api/analytics/stream"
        );
    }
    Ok(())
}

fn cannot_listen(address: SocketAddr, error: &io::Error) -> StartError {
    let fix = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there; stop it, or set LISTEN_ADDR to another port"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege; set LISTEN_ADDR to a port above"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; set LISTEN_ADDR to one it has"
        }
        _ => "set LISTEN_ADDR to another address",
    };
    format!("LISTEN_ADDR=`{address}`: {error}: {fix}").into()
}
