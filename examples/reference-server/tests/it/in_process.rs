//! The server within this process, for what nothing outside of it can do.

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::body::{Body, to_bytes};
use http::{Request, Response, header};
use palisade::{authn_jwt::Keys, autoban::BanOrder, core::PeerAddr};
use palisade_server::{App, Settings, settings::Values};
use serde_json::Value;
use tokio::{runtime, time::timeout};
use tower::Service as _;

/// More than any answer has.
pub(crate) const LIMIT: usize = 1 << 20;

pub(crate) async fn ask(app: &App, request: Request<Body>) -> Response<Body> {
    let mut request = request;
    request.extensions_mut().insert(PeerAddr(SocketAddr::from(([127, 0, 0, 1], 4711))));
    app.service().call(request).await.unwrap().map(Body::new)
}

/// The place to use a new ticket at.
async fn ticket(app: &App, token: &str) -> String {
    let request = Request::post("/api/stream-tickets")
        .header("host", "x")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(r#"{"route":"/api/analytics/stream"}"#))
        .unwrap();
    let answer = ask(app, request).await;
    assert_eq!(answer.status(), 201);
    let body: Value =
        serde_json::from_slice(&to_bytes(answer.into_body(), LIMIT).await.unwrap()).unwrap();
    body["url"].as_str().unwrap().to_owned()
}

/// Reads a stream to its end, which must come by itself.
async fn ends(stream: Response<Body>) {
    assert_eq!(stream.status(), 200);
    let ended = timeout(Duration::from_secs(15), to_bytes(stream.into_body(), LIMIT)).await;
    assert!(ended.is_ok(), "it runs on");
}

/// A server that trusts the keys of a file, whose admin is carol.
async fn app(folder: &Path) -> App {
    App::open(settings(folder)).await.unwrap()
}

/// Its settings.
pub(crate) fn settings(folder: &Path) -> Settings {
    let place = |name| folder.join(name).to_str().unwrap().to_owned();
    let settings = [
        ("JWKS_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/jwks.json").to_owned()),
        ("JWT_AUDIENCE", "api".to_owned()),
        ("ADMIN_USERS", "carol".to_owned()),
        ("RATE_LIMIT_ENABLED", "false".to_owned()),
        ("CONFIG_DIR", place("config")),
        ("DATA_DIR", place("data")),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    Settings::read(&Values::new(settings, [])).unwrap()
}

/// What a ticket opens, and what another one opens later, ends once this happened to the token behind them.
fn ends_when(happens: impl FnOnce(&App, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let carol = include_str!("../data/jwks.token").trim();
    runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let app = app(folder.path()).await;
        let (first, second) = (ticket(&app, carol).await, ticket(&app, carol).await);
        let get = |url: &str| Request::get(url).header("host", "x").body(Body::empty()).unwrap();
        let stream = ask(&app, get(&first)).await;
        happens(&app, carol);
        ends(stream).await;
        ends(ask(&app, get(&second)).await).await;
    });
}

#[test]
fn e3_what_a_ticket_opens_ends_with_the_key_of_the_token_behind_it() {
    ends_when(|app, _carol| {
        let other = Keys::hs256(b"a test secret of thirty-two bytes or more").unwrap();
        app.shared().verifier().replace_keys(None, other).unwrap();
    });
}

#[test]
fn e3_what_a_ticket_opens_ends_when_the_token_behind_it_is_banned() {
    ends_when(|app, carol| {
        app.shared().auto_ban().unwrap().ban_token(carol, BanOrder::by("dave")).unwrap();
    });
}
