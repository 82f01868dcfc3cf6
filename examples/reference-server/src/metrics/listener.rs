//! An address of its own for figures: whoever reaches it reads them, and nothing else.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::body::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use palisade::core::Transport;

use super::answer;
use crate::{
    App, Settings,
    app::{Shared, StartError},
    connection::Connections,
    listener::{Accepted, Listener},
    places::Places,
};

/// Connections at once: a collector needs one.
const MOST: usize = 16;

/// Where figures are asked for without a credential.
#[derive(Debug)]
pub(crate) struct Scrapes(Option<Listener>);

// === impl Scrapes ===

impl Scrapes {
    /// Listens on `METRICS_LISTEN_ADDR`, if there is one; the settings know the port that was found from then on.
    ///
    /// # Errors
    ///
    /// An address that cannot be listened on.
    pub(crate) async fn bind(settings: &mut Settings) -> Result<Self, StartError> {
        let Some(address) = settings.metrics.listen_addr() else { return Ok(Self(None)) };
        let mut own = settings.clone();
        own.connections.most = MOST;
        own.connections.most_per_ip = MOST;
        let listener = Listener::bind("METRICS_LISTEN_ADDR", address, Places::new(&own)).await?;
        settings.metrics.listens_on(listener.address()?);
        Ok(Self(Some(listener)))
    }

    /// Accepts connections for ever.
    pub(crate) async fn accept(&self, app: &App, connections: &Connections) {
        let Some(listener) = &self.0 else { return std::future::pending().await };
        loop {
            let Accepted { stream, peer, place } = listener.accept().await;
            let (connection, shared) = (connections.begin(peer, place), Arc::clone(app.shared()));
            let service = tower::service_fn(move |request| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(serve(&shared, &request).await) }
            });
            tokio::spawn(async move { connection.serve(stream, Transport::Plain, service).await });
        }
    }
}

/// `GET /metrics`, and nothing else.
async fn serve<B>(shared: &Arc<Shared>, request: &Request<B>) -> Response<Full<Bytes>> {
    let refuse = |status| {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = status;
        answer
    };
    if request.uri().path() != "/metrics" {
        return refuse(StatusCode::NOT_FOUND);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = refuse(StatusCode::METHOD_NOT_ALLOWED);
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    match answer(shared, request.headers()).await {
        Ok(answer) if *request.method() == Method::HEAD => without_body(answer),
        Ok(answer) => answer.map(Full::new),
        Err(rejection) => rejection.into_answer(),
    }
}

/// What `HEAD` is told: the length of what `GET` would be (RFC 9110 section 9.3.2).
fn without_body(answer: Response<Bytes>) -> Response<Full<Bytes>> {
    let (mut head, body) = answer.into_parts();
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    Response::from_parts(head, Full::default())
}

/// Whether others than this machine and its own network may reach an address: one that is neither loopback, nor private (RFC 1918, RFC
/// 4193), nor of the link alone. The unspecified one is all of them.
#[must_use]
pub fn is_exposed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local()),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_exposed(v4.into()),
            None => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
        },
    }
}
