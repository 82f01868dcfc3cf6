//! Whether and how the server speaks TLS.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{Environment, reader::Reader};

/// How the server speaks TLS.
#[derive(Clone, Debug)]
pub struct TlsSettings {
    /// Where to listen.
    pub listen_addr: SocketAddr,
    /// Where the certificate and its key come from.
    pub source: CertificateSource,
    /// The oldest version.
    pub min_version: TlsVersion,
    /// Whether clients are asked for a certificate.
    pub client_auth: Option<ClientAuth>,
    /// What becomes of plain HTTP.
    pub plain_http: PlainHttp,
}

/// Where the certificate and its key come from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum CertificateSource {
    /// From files that somebody else writes.
    Files {
        /// The certificate, and those that vouch for it.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// Made by this server, kept in this folder.
    SelfSigned(PathBuf),
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum TlsVersion {
    /// RFC 5246.
    V1_2,
    /// RFC 8446.
    V1_3,
}

/// How clients are asked for a certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientAuth {
    /// Who vouches for them.
    pub authorities: PathBuf,
    /// Whether they may have none.
    pub need: ClientCertificateNeed,
}

/// Whether clients may have no certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum ClientCertificateNeed {
    /// Who has none is refused.
    Required,
    /// Who has none comes in without.
    Optional,
}

/// What becomes of plain HTTP beside TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum PlainHttp {
    /// It is sent to TLS, or refused.
    Redirect,
    /// It is served.
    Serve,
}

/// The port where nothing else is said.
const PORT: u16 = 3443;

const NO_TLS: &str = "needs TLS_CERT and TLS_KEY, which are not set, or TLS_SELF_SIGNED";
/// What means nothing without TLS.
const NEED_TLS: [&str; 3] = ["TLS_LISTEN_ADDR", "TLS_MIN_VERSION", "TLS_CLIENT_CA"];

pub(super) fn tls(reader: &mut Reader<'_>, environment: Environment) -> Option<TlsSettings> {
    let plain = reader.text("LISTEN_ADDR").and_then(|text| text.parse::<SocketAddr>().ok());
    let usual = plain
        .map_or_else(|| ([127, 0, 0, 1], PORT).into(), |plain| SocketAddr::new(plain.ip(), PORT));
    let listen_addr = reader.parse("TLS_LISTEN_ADDR", usual, |text| text.parse().ok());
    let min_version =
        reader.either("TLS_MIN_VERSION", ("1.2", TlsVersion::V1_2), ("1.3", TlsVersion::V1_3));
    let client_auth = client_auth(reader);
    let plain_http =
        reader.either("HTTP_REDIRECT", ("on", PlainHttp::Redirect), ("off", PlainHttp::Serve));
    let is_required =
        client_auth.as_ref().is_some_and(|auth| auth.need == ClientCertificateNeed::Required);
    if is_required && plain_http == PlainHttp::Serve {
        reader.wrong(
            "HTTP_REDIRECT",
            "TLS_CLIENT_AUTH=required keeps out who has no certificate, and plain HTTP would let him in: leave it on, or set TLS_CLIENT_AUTH=optional",
        );
    }
    let source = source(reader, environment, plain_http)?;
    if listen_addr.port() != 0 && Some(listen_addr) == plain {
        reader.wrong("TLS_LISTEN_ADDR", "plain HTTP listens there already: take another port");
    }
    Some(TlsSettings { listen_addr, source, min_version, client_auth, plain_http })
}

fn source(
    reader: &mut Reader<'_>,
    environment: Environment,
    plain_http: PlainHttp,
) -> Option<CertificateSource> {
    let is_self_signed = reader.either("TLS_SELF_SIGNED", ("false", false), ("true", true));
    if is_self_signed {
        if environment == Environment::Production {
            let fix =
                "production takes no certificate that nobody vouches for: set TLS_CERT and TLS_KEY";
            reader.wrong("TLS_SELF_SIGNED", fix);
        }
        for name in ["TLS_CERT", "TLS_KEY"] {
            if reader.is_changed(name) {
                reader.wrong(name, "TLS_SELF_SIGNED makes its own: leave one of the two out");
            }
        }
        return reader.path("DATA_DIR").map(CertificateSource::SelfSigned);
    }
    match (reader.path("TLS_CERT"), reader.path("TLS_KEY")) {
        (Some(certificate), Some(key)) => {
            return Some(CertificateSource::Files { certificate, key });
        }
        (Some(_), None) => reader.wrong("TLS_CERT", "needs TLS_KEY, which is not set"),
        (None, Some(_)) => reader.wrong("TLS_KEY", "needs TLS_CERT, which is not set"),
        (None, None) => {
            // Somebody believes that the server speaks TLS, and it does not.
            for name in NEED_TLS {
                if reader.is_given(name) && !reader.is_mistaken(name) {
                    reader.wrong(name, NO_TLS);
                }
            }
            // `off` is what happens.
            if reader.is_given("HTTP_REDIRECT") && plain_http == PlainHttp::Redirect {
                reader.wrong("HTTP_REDIRECT", NO_TLS);
            }
        }
    }
    None
}

fn client_auth(reader: &mut Reader<'_>) -> Option<ClientAuth> {
    let need = reader.either(
        "TLS_CLIENT_AUTH",
        ("required", ClientCertificateNeed::Required),
        ("optional", ClientCertificateNeed::Optional),
    );
    let Some(authorities) = reader.path("TLS_CLIENT_CA") else {
        if reader.is_given("TLS_CLIENT_AUTH") && !reader.is_mistaken("TLS_CLIENT_AUTH") {
            reader.wrong("TLS_CLIENT_AUTH", "needs TLS_CLIENT_CA, which is not set");
        }
        return None;
    };
    Some(ClientAuth { authorities, need })
}

// === impl CertificateSource ===

impl CertificateSource {
    /// The folder that the server's own certificate is in, if it makes one.
    pub fn self_signed_in(&self) -> Option<&Path> {
        match self {
            Self::Files { .. } => None,
            Self::SelfSigned(folder) => Some(folder),
        }
    }
}
