//! Who a client turned out to be by its certificate.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use super::Certificate;

/// The certificate that a client proved to have, vouched for by `TLS_CLIENT_CA`. In the extensions of each request of its
/// connection, where policies and handlers find it. It makes nobody an identity: which user a certificate stands for is for
/// them to say.
#[derive(Clone, Debug)]
pub struct ClientCertificate(Arc<Certificate>);

// === impl ClientCertificate ===

impl ClientCertificate {
    /// Of what the handshake accepted; the first is the client's own.
    pub(super) fn of(chain: &[CertificateDer<'_>]) -> Option<Self> {
        Some(Self(Arc::new(Certificate::read(chain.first()?)?)))
    }

    /// What it says.
    pub fn certificate(&self) -> &Certificate {
        &self.0
    }
}
