//! Runs the server on a socket until it is told to stop.

use std::time::Duration;

use palisade::core::Transport;
use tokio::time::timeout;

use crate::{
    App, Settings,
    app::StartError,
    connection::Connections,
    listener::{Accepted, Listener},
    open_files,
    places::Places,
    token,
};

/// Serves until SIGTERM, SIGINT or an admin's restart; then lets running requests end, and writes what is in memory.
///
/// # Errors
///
/// An address that cannot be listened on, or whatever [`App::new`] does not start with.
pub async fn serve(mut settings: Settings) -> Result<(), StartError> {
    open_files::check(settings.connections.most);
    let places = Places::new(&settings);
    let listener = Listener::bind("LISTEN_ADDR", settings.listen_addr, places).await?;
    // The port that was found where 0 was asked for: feeds and the sitemap say it.
    settings.listen_addr = listener.address()?;
    let app = App::new(settings)?;
    // Until the server ends.
    let shared = app.shared();
    shared.tell();
    let _keys = shared.verifier.fetch_keys(&shared.clock)?;
    let _api_keys = shared.api_keys.watch(&shared.revocations);
    announce(&app)?;
    let connections = Connections::new(app.settings());
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
async fn wind_down(app: &App, connections: Connections) {
    // Streams end with the analytics; without this they would use up the whole grace.
    app.shared().close();
    app.shared().tell_others().await;
    let grace = app.settings().shutdown_grace;
    if timeout(grace, connections.end()).await.is_err() {
        tracing::warn!(?grace, "some connections did not end in time");
    }
}

/// Accepts connections for ever.
async fn accept(app: &App, listener: &Listener, connections: &Connections) {
    loop {
        let Accepted { stream, peer, place } = listener.accept().await;
        let connection = connections.begin(peer, place);
        let service = app.service();
        tokio::spawn(async move { connection.serve(stream, Transport::Plain, service).await });
    }
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
