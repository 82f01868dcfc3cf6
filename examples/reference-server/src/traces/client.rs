//! Sends spans over HTTP, bounded in time and in size.

use std::{
    error::Error,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_http::{HttpClient, HttpError};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::{runtime::Handle, time::timeout};

use crate::app::StartError;

/// What a collector says of what it took is short.
const MOST_BODY: usize = 64 << 10;

/// So long may one try take, answer included.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Sends spans, on the server's runtime: who asks is a thread of its own, which has none.
pub(super) struct Client {
    inner: HyperClient<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
    why: Why,
}

/// Why the last try got no answer: the library keeps that to itself. Clones are handles of the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Why(Arc<Mutex<Option<String>>>);

// === impl Client ===

impl Client {
    /// On the runtime that this is called in.
    pub(super) fn new(why: Why) -> Result<Self, StartError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .build();
        let inner = HyperClient::builder(TokioExecutor::new()).build(connector);
        Ok(Self { inner, runtime: Handle::try_current()?, why })
    }
}

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let client = self.inner.clone();
        let asked = self.runtime.spawn(async move {
            let asking = async {
                let (head, body) = client.request(request.map(Full::new)).await?.into_parts();
                let body = Limited::new(body, MOST_BODY).collect().await?.to_bytes();
                Ok::<_, HttpError>(Response::from_parts(head, body))
            };
            let late = |_| format!("no answer within {} s", PATIENCE.as_secs());
            timeout(PATIENCE, asking).await.map_err(late)?
        });
        let why = self.why.clone();
        Box::pin(async move {
            let answer = asked.await.map_err(HttpError::from).flatten();
            answer.inspect_err(|error| why.learn(&**error))
        })
    }
}

// === impl Why ===

impl Why {
    /// What it was, once.
    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// With what is behind it: "client error (Connect)" alone helps nobody.
    fn learn(&self, error: &(dyn Error + 'static)) {
        let mut text = error.to_string();
        let mut behind = error.source();
        while let Some(error) = behind {
            text = format!("{text}: {error}");
            behind = error.source();
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
