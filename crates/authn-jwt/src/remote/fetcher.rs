//! Asks over HTTPS: bounded in time and in size, and follows nobody anywhere else.

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use palisade_core::ConfigError;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::{runtime::Handle, time::timeout};

use super::{endpoint::Schemes, fetch_error::FetchError};

type Connector = HttpsConnector<HttpConnector>;

/// Asks over HTTPS.
#[derive(Debug)]
pub(crate) struct Fetcher {
    client: Client<Connector, Empty<Bytes>>,
    limit: Duration,
}

/// An answer of any status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// How long it says that it is still fresh.
    pub(crate) max_age: Option<Duration>,
}

// === impl Fetcher ===

impl Fetcher {
    /// Asks for at most `limit`.
    pub(crate) fn new(schemes: Schemes, limit: Duration) -> Result<Self, ConfigError> {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector(schemes)?);
        Ok(Self { client, limit })
    }

    /// Gets what is at `uri`.
    pub(crate) async fn get(&self, uri: Uri, largest: usize) -> Result<Answer, FetchError> {
        self.ask(request_for(uri), largest).await
    }

    /// Sends `request`, and reads an answer of at most `largest` bytes.
    pub(crate) async fn ask(
        &self,
        request: Request<Empty<Bytes>>,
        largest: usize,
    ) -> Result<Answer, FetchError> {
        if Handle::try_current().is_err() {
            return Err(FetchError::new("asked outside a runtime of tokio"));
        }
        self.in_time(self.exchange(request, largest)).await
    }

    /// Gives `work`, however many questions it is, the time of one.
    pub(crate) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let done = timeout(self.limit, work).await;
        done.unwrap_or_else(|_| Err(FetchError::new("no answer in time")))
    }

    async fn exchange(
        &self,
        request: Request<Empty<Bytes>>,
        largest: usize,
    ) -> Result<Answer, FetchError> {
        let answer = self.client.request(request).await.map_err(|error| FetchError::of(&error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, largest).collect().await;
        let body = body.map_err(|error| FetchError::of(&*error))?.to_bytes();
        Ok(Answer { status: head.status, body, max_age: max_age(&head.headers) })
    }
}

/// A GET for JSON. It says who asks, because firewalls drop those who do not.
pub(crate) fn request_for(uri: Uri) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("palisade-authn-jwt"));
    request
}

/// Trusts the authorities that the system trusts.
fn connector(schemes: Schemes) -> Result<Connector, ConfigError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() && schemes == Schemes::Https {
        return Err(ConfigError::new("list of the system's certificate authorities", "empty")
            .expected("a package like `ca-certificates`, or a file that `SSL_CERT_FILE` names"));
    }
    // Named, because the default of the process panics where a program has another one beside it.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::new("choice of versions of TLS", error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = HttpsConnectorBuilder::new().with_tls_config(config);
    let builder = match schemes {
        Schemes::Https => builder.https_only(),
        Schemes::HttpsAndHttp => builder.https_or_http(),
    };
    Ok(builder.enable_http1().build())
}

/// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1), less the `Age` that it has from a cache on the way (section 5.1).
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(header::CACHE_CONTROL).iter();
    let mut directives =
        lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let max_age = directives.find_map(|directive| {
        let (name, value) = directive.trim().split_once('=')?;
        let seconds: u64 = value.trim_matches('"').parse().ok()?;
        name.eq_ignore_ascii_case("max-age").then(|| Duration::from_secs(seconds))
    })?;
    let age = headers.get(header::AGE).and_then(|age| age.to_str().ok()?.parse::<u64>().ok());
    Some(max_age.saturating_sub(age.map_or(Duration::ZERO, Duration::from_secs)))
}

// === impl Answer ===

impl Answer {
    /// The body, if the status is 200. A redirect is none.
    pub(crate) fn into_text(self) -> Result<Box<str>, FetchError> {
        if self.status != StatusCode::OK {
            return Err(FetchError::new(format!("answered {}", self.status)));
        }
        let text = str::from_utf8(&self.body).map_err(|_| FetchError::new("answered no UTF-8"))?;
        Ok(text.into())
    }
}
