//! Asks over HTTPS: bounded in size, and follows nobody anywhere else. Who calls it bounds the time.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use palisade_core::ConfigError;
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::{LARGEST, endpoint::Scheme};
use crate::ProviderError;

type Connector = HttpsConnector<HttpConnector>;

/// Asks over HTTPS. Clones share their connections.
#[derive(Clone, Debug)]
pub(super) struct Client {
    client: legacy::Client<Connector, Empty<Bytes>>,
}

// === impl Client ===

impl Client {
    pub(super) fn new(scheme: Scheme) -> Result<Self, ConfigError> {
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(4)
            .build(connector(scheme)?);
        Ok(Self { client })
    }

    /// The body of a good answer.
    pub(super) async fn get(&self, uri: Uri) -> Result<Bytes, ProviderError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("palisade-geo"));
        // What went wrong is not looked into: the text of an error may hold the URL, and the URL the key.
        let answer = self.client.request(request).await.map_err(|_| ProviderError::Connection)?;
        let (head, body) = answer.into_parts();
        if head.status != StatusCode::OK {
            return Err(ProviderError::Status(head.status.as_u16()));
        }
        if !is_json(&head.headers) {
            return Err(ProviderError::NotJson);
        }
        let body = Limited::new(body, LARGEST).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => ProviderError::TooLarge,
            None => ProviderError::Connection,
        });
        Ok(body?.to_bytes())
    }
}

/// Trusts the authorities that the system trusts.
fn connector(scheme: Scheme) -> Result<Connector, ConfigError> {
    let mut roots = RootCertStore::empty();
    if scheme == Scheme::Https {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() && scheme == Scheme::Https {
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
    let builder = match scheme {
        Scheme::Https => builder.https_only(),
        Scheme::Http => builder.https_or_http(),
    };
    Ok(builder.enable_http1().build())
}

/// `application/json`, with or without parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
