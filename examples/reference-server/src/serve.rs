//! Runs the server on a socket until it is told to stop.

use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use palisade::{core::Transport, problem::ProblemLayer};
use tokio::time::timeout;
use tower::{ServiceBuilder, ServiceExt};

use crate::{
    App, Settings,
    app::{StartError, local_url},
    connection::Connections,
    listener::{Accepted, Listener},
    logs::Logs,
    metrics::{Scrapes, is_exposed},
    open_files, orders, output,
    places::Places,
    request_body::RequestBody,
    settings::{Environment, PlainHttp, TlsSettings},
    tls::{Certificates, Handshakes, RedirectLayer, Shaken},
    token,
    traces::Traces,
};

/// The addresses that connections come to.
#[derive(Debug)]
struct Listeners {
    plain: Listener,
    secure: Option<Listener>,
    scrapes: Scrapes,
}

/// Serves until SIGTERM, SIGINT or an admin's restart; then lets running requests end, and writes what is in memory.
///
/// # Errors
///
/// An address that cannot be listened on, or whatever [`App::open`] does not start with.
pub async fn serve(mut settings: Settings, logs: &Logs) -> Result<(), StartError> {
    settings.connections.most = open_files::places(settings.connections.most);
    let places = Places::new(&settings);
    let listeners = Listeners::bind(&mut settings, &places).await?;
    let traces = Traces::start(&settings)?;
    let app = App::open(settings).await?;
    // Until the server ends.
    let shared = app.shared();
    logs.connect(shared);
    shared.tell();
    shared.sources.learn_places(places);
    shared.sources.learn_traces(traces.clone());
    let _keys = shared.verifier.fetch_keys(&shared.clock)?;
    let _certificates = shared.certificates.as_ref().map(Certificates::watch);
    let redirect = RedirectLayer::new(app.settings())?;
    let told_to_stop = told_to_stop();
    announce(&app)?;
    let connections = Connections::new(app.settings());
    tokio::select! {
        () = listeners.accept((&app, &traces), &connections, redirect) => {}
        () = told_to_stop => {}
        () = app.shared().restart_asked() => tracing::info!("an admin asked for a restart"),
    }
    drop(listeners);
    wind_down(&app, connections).await;
    traces.end().await;
    tracing::info!("stopped");
    Ok(())
}

// === impl Listeners ===

impl Listeners {
    /// Listens on all of them; the settings know the ports that were found from then on.
    async fn bind(settings: &mut Settings, places: &Places) -> Result<Self, StartError> {
        let plain = Listener::bind("LISTEN_ADDR", settings.listen_addr, places.clone()).await?;
        let secure = bind_secure(settings.tls.as_mut(), places.clone()).await?;
        let scrapes = Scrapes::bind(settings).await?;
        // The port that was found where 0 was asked for: feeds and the sitemap say it.
        settings.listen_addr = plain.address()?;
        Ok(Self { plain, secure, scrapes })
    }

    /// Accepts connections for ever.
    async fn accept(
        &self,
        (app, traces): (&App, &Traces),
        connections: &Connections,
        redirect: RedirectLayer,
    ) {
        tokio::select! {
            () = accept((app, traces), &self.plain, connections, redirect) => {}
            () = accept_secure((app, traces), self.secure.as_ref(), connections) => {}
            () = self.scrapes.accept(app, connections) => {}
        }
    }
}

/// Writes and tells what is only in memory, and lets running requests end.
async fn wind_down(app: &App, connections: Connections) {
    // Streams end first; without this they would use up the whole grace.
    app.shared().close();
    app.shared().tell_others().await;
    let grace = app.settings().shutdown_grace;
    if timeout(grace, connections.end()).await.is_err() {
        tracing::warn!(?grace, "some connections did not end in time");
    }
    // Last: a request is recorded when it has ended.
    app.shared().stop_recording();
    orders::empty(app.shared()).await;
    app.shared().leave_database().await;
}

/// Listens for TLS, if it is to be spoken; the settings know the port that was found from then on.
async fn bind_secure(
    tls: Option<&mut TlsSettings>,
    places: Places,
) -> Result<Option<Listener>, StartError> {
    let Some(tls) = tls else { return Ok(None) };
    let listener = Listener::bind("TLS_LISTEN_ADDR", tls.listen_addr, places).await?;
    tls.listen_addr = listener.address()?;
    Ok(Some(listener))
}

/// Accepts connections for ever.
async fn accept(
    (app, traces): (&App, &Traces),
    listener: &Listener,
    connections: &Connections,
    redirect: RedirectLayer,
) {
    let redirects = app.settings().tls.as_ref().map(|tls| tls.plain_http);
    // What is refused there is rendered as everywhere else.
    let problems = ProblemLayer::new().clock(app.shared().clock.clone());
    let redirect = ServiceBuilder::new().layer(problems).layer(redirect);
    loop {
        let Accepted { stream, peer, place } = listener.accept().await;
        let connection = connections.begin(peer, place);
        let service = traces.around(app.service());
        if redirects == Some(PlainHttp::Redirect) {
            let service = redirect.service(service);
            tokio::spawn(async move { connection.serve(stream, Transport::Plain, service).await });
        } else {
            tokio::spawn(async move { connection.serve(stream, Transport::Plain, service).await });
        }
    }
}

/// The same by TLS. A handshake holds a place, as what comes behind it does.
async fn accept_secure(
    (app, traces): (&App, &Traces),
    listener: Option<&Listener>,
    connections: &Connections,
) {
    let shared = app.shared();
    let Some((listener, certificates)) = listener.zip(shared.certificates.clone()) else {
        return std::future::pending().await;
    };
    let handshakes = Handshakes::new(certificates, shared.clock.clone());
    loop {
        let Accepted { stream, peer, place } = listener.accept().await;
        let (connection, service) = (connections.begin(peer, place), traces.around(app.service()));
        let handshakes = handshakes.clone();
        tokio::spawn(async move {
            let shaken = connection.before(handshakes.shake(stream)).await;
            let Some(Shaken { stream, alpn, client }) = handshakes.judge(shaken, peer) else {
                return;
            };
            let service =
                service.map_request(move |mut request: Request<RequestBody<Incoming>>| {
                    if let Some(client) = &client {
                        request.extensions_mut().insert(client.clone());
                    }
                    request
                });
            connection.speaking(alpn).serve(stream, Transport::Secure, service).await;
        });
    }
}

/// Listens from this call on, and not from when it is waited for: who reads the banner may stop the server at once.
fn told_to_stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminated = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())
    };
    async move {
        let interrupted = tokio::signal::ctrl_c();
        #[cfg(unix)]
        match terminated {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => drop(interrupted.await),
        }
        #[cfg(not(unix))]
        drop(interrupted.await);
        tracing::info!("told to stop");
    }
}

/// Says what a person who just started the server wants to know. Scripts read the port from it; where nobody does, it runs all the
/// same.
fn announce(app: &App) -> Result<(), StartError> {
    let address = app.settings().listen_addr;
    say(format_args!("palisade-server listens on http://{address}"));
    announce_metrics(app.settings());
    let curl = announce_tls(app);
    let base = if app.settings().tls.is_some() {
        local_url(app.settings())
    } else {
        format!("http://{address}")
    };
    if app.settings().issuers.is_empty() {
        let hour = Duration::from_hours(1);
        say("\nThis is the development issuer. Tokens for one hour:");
        let token = |user, roles| token::mint(app.settings(), user, roles, hour);
        say(format_args!("  admin (alice): {}", token("alice", &["admin"])?));
        say(format_args!("  user  (bob):   {}", token("bob", &[])?));
        say("\nWorth opening:");
        say(format_args!("  {base}/                  the landing page"));
        say(format_args!("  {base}/post/1.pdf        a post as PDF; also .xhtml, .md, .json"));
        say(format_args!("  {base}/reference         the API, by Scalar; /docs, by Swagger UI"));
        let bearer = "-H \"Authorization: Bearer $TOKEN\"";
        say(format_args!("  {curl} {bearer} {base}/api/me"));
        say(format_args!("  {curl} -N {bearer} {base}/api/analytics/stream"));
    }
    Ok(())
}

/// Says where figures are shown without a credential, and warns where others might read them.
fn announce_metrics(settings: &Settings) {
    let Some(address) = settings.metrics.listen_addr() else { return };
    say(format_args!("palisade-server shows figures on http://{address}/metrics"));
    if settings.environment == Environment::Production && is_exposed(address.ip()) {
        tracing::warn!(%address, "METRICS_LISTEN_ADDR shows figures to whoever reaches it, and others than this machine and its network may: say a loopback or private address");
    }
}

/// Says where TLS is spoken, if it is, and by what. Returns how curl asks there.
fn announce_tls(app: &App) -> String {
    let (Some(tls), Some(certificates)) = (&app.settings().tls, &app.shared().certificates) else {
        return "curl".to_owned();
    };
    say(format_args!("palisade-server listens on https://{}", tls.listen_addr));
    let Some(file) = certificates.self_signed() else { return "curl".to_owned() };
    let curl = format!("curl --cacert {}", file.display());
    let certificate = certificates.certificate();
    say("\nIts certificate is its own; nobody vouches for it:");
    say(format_args!("  {curl} {}/healthz", local_url(app.settings())));
    say(format_args!("  SHA-256 {}", certificate.fingerprint()));
    say(format_args!("  good until {}", certificate.not_after()));
    curl
}

fn say(text: impl std::fmt::Display) {
    drop(output::line(text));
}
