//! Asks over HTTP and HTTPS: bounded in time and in size, and follows nobody by itself.

use std::{error::Error, io, sync::Arc, time::Duration};

use axum::body::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as HyperClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::time::timeout;

use crate::app::StartError;

/// Long enough for a page; more is not looked at.
const MOST_BODY: usize = 2 * 1024 * 1024;
/// For the head of an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// For its body behind that: one that streams has no end.
const PATIENCE_FOR_BODY: Duration = Duration::from_secs(5);

/// Which certificates count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Certificates {
    /// Those that this system trusts.
    Trusted,
    /// Any at all.
    Any,
}

/// Whether there was more of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Came {
    /// All of it.
    Whole,
    /// No more than 2 MiB were read.
    TooMuch,
    /// It broke off, or did not end in time.
    InPart,
}

/// Asks over HTTP and HTTPS.
#[derive(Debug)]
pub(crate) struct Client {
    client: HyperClient<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    certificates: Certificates,
}

/// Takes any certificate; that who has it holds its key is checked all the same.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

// === impl Client ===

impl Client {
    pub(crate) fn new(certificates: Certificates) -> Result<Self, StartError> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config(certificates)?)
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: HyperClient::builder(TokioExecutor::new()).build(connector),
            certificates,
        })
    }

    pub(crate) fn certificates(&self) -> Certificates {
        self.certificates
    }

    /// The answer with the beginning of its body.
    pub(crate) async fn ask(
        &self,
        request: Request<Empty<Bytes>>,
    ) -> Result<(Response<Vec<u8>>, Came), StartError> {
        let (head, body) = self.head(request).await?.into_parts();
        let mut bytes = Vec::new();
        let came = timeout(PATIENCE_FOR_BODY, read(body, &mut bytes)).await;
        bytes.truncate(MOST_BODY);
        Ok((Response::from_parts(head, bytes), came.unwrap_or(Came::InPart)))
    }

    /// The head of the answer.
    pub(crate) async fn head(
        &self,
        request: Request<Empty<Bytes>>,
    ) -> Result<Response<Incoming>, StartError> {
        let uri = request.uri().clone();
        let Ok(answer) = timeout(PATIENCE, self.client.request(request)).await else {
            return Err(format!("{uri}: no answer within 15 s").into());
        };
        answer.map_err(|error| failure(&uri, &error))
    }
}

/// What came when it broke off, or the time was over, is in `bytes`.
async fn read(mut body: Incoming, bytes: &mut Vec<u8>) -> Came {
    while bytes.len() <= MOST_BODY {
        match body.frame().await {
            Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
            Some(Err(_)) => return Came::InPart,
            None => return Came::Whole,
        }
    }
    Came::TooMuch
}

fn config(certificates: Certificates) -> Result<ClientConfig, StartError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    if certificates == Certificates::Any {
        let any = Arc::new(AnyCertificate(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Why there was no answer, in words for people.
fn failure(uri: &Uri, error: &(dyn Error + 'static)) -> StartError {
    let mut last = error;
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(fault) = certificate_fault(error) {
            return format!(
                "{uri}: its certificate does not count: {}; --insecure looks at the headers all the same",
                in_words(fault),
            )
            .into();
        }
        last = error;
        next = error.source();
    }
    format!("{uri}: {last}").into()
}

/// What is wrong with a certificate, if that is what happened. It may stand within errors of the system, and those in others.
fn certificate_fault<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CertificateError> {
    let mut error = error;
    loop {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(fault) => Some(fault),
                _ => None,
            };
        }
        error = error.downcast_ref::<io::Error>()?.get_ref()?;
    }
}

fn in_words(fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another host".into()
        }
        CertificateError::UnknownIssuer => "nobody whom this system trusts issued it (SSL_CERT_FILE names a file of others to trust)".into(),
        CertificateError::Revoked => "it was revoked".into(),
        other => other.to_string(),
    }
}

// === impl AnyCertificate ===

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
