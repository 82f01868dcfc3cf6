//! A certificate, its key and who vouches for clients, checked together: what makes something to serve by.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use palisade::core::Clock;
use rustls::{
    Error, InconsistentKeys, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::CertificateDer,
    server::{
        NoClientAuth, NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier,
    },
    sign::{CertifiedKey, SingleCertAndKey},
};
use sha2::{Digest, Sha256};

use super::{
    Certificate, TlsMistake,
    certificate::Age,
    pem::{self, PemFile},
    self_signed, versions,
};
use crate::{
    app::StartError,
    settings::{CertificateSource, ClientAuth, ClientCertificateNeed, TlsSettings, TlsVersion},
};

const CERT: &str = "TLS_CERT";
const KEY: &str = "TLS_KEY";
const CLIENT_CA: &str = "TLS_CLIENT_CA";

/// What browsers are told to speak, best first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Where everything is read from.
#[derive(Clone, Debug)]
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    clients: Option<ClientAuth>,
    oldest: TlsVersion,
    is_self_signed: bool,
}

/// The files as they were read at one time.
pub(super) struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    authorities: Vec<u8>,
}

/// What connections are served by.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Arc<ServerConfig>,
    pub(super) certificate: Certificate,
    /// What is no mistake, and had better be mended.
    pub(super) warnings: Vec<String>,
}

/// Checks the files that `settings` name, and makes none: the certificate, if there is one already, and what is to be mended.
/// Blocks.
///
/// # Errors
///
/// What would stop the start: of files that cannot be read, a line for each.
pub(crate) fn check(
    settings: &TlsSettings,
    clock: &Clock,
) -> Result<Option<(Certificate, Vec<String>)>, StartError> {
    let files = Files::of(settings);
    if settings.source.self_signed_in().is_some_and(|folder| !self_signed::is_made(folder)) {
        let provider = Arc::new(ring::default_provider());
        clients(&provider, &files, &files.authorities()?)?;
        return Ok(None);
    }
    let unreadable = files.unreadable();
    if !unreadable.is_empty() {
        return Err(unreadable.join("\n").into());
    }
    let loaded = Loaded::new(&files, &files.read()?, clock.now().wall())?;
    Ok(Some((loaded.certificate, loaded.warnings)))
}

// === impl Files ===

impl Files {
    pub(super) fn of(settings: &TlsSettings) -> Self {
        let (certificate, key) = match &settings.source {
            CertificateSource::Files { certificate, key } => (certificate.clone(), key.clone()),
            CertificateSource::SelfSigned(folder) => self_signed::paths(folder),
        };
        let (clients, oldest) = (settings.client_auth.clone(), settings.min_version);
        let is_self_signed = settings.source.self_signed_in().is_some();
        Self { certificate, key, clients, oldest, is_self_signed }
    }

    /// Reads all of them. Blocks.
    pub(super) fn read(&self) -> Result<Contents, TlsMistake> {
        Ok(Contents {
            authorities: self.authorities()?,
            certificate: pem::read(CERT, &self.certificate)?,
            key: pem::read(KEY, &self.key)?,
        })
    }

    /// Who vouches for clients; nothing, where they are not asked. Blocks.
    fn authorities(&self) -> Result<Vec<u8>, TlsMistake> {
        let Some(clients) = &self.clients else { return Ok(Vec::new()) };
        pem::read(CLIENT_CA, &clients.authorities)
    }

    /// Every file that cannot be read, and why. Blocks.
    fn unreadable(&self) -> Vec<String> {
        let read =
            [pem::read(CERT, &self.certificate), pem::read(KEY, &self.key), self.authorities()];
        read.into_iter().filter_map(Result::err).map(|mistake| mistake.to_string()).collect()
    }

    /// The certificate, if this server made it.
    pub(super) fn self_signed(&self) -> Option<&Path> {
        self.is_self_signed.then_some(&self.certificate)
    }

    fn wrong(&self, text: impl Into<String>) -> TlsMistake {
        TlsMistake::new(CERT, &self.certificate, text)
    }
}

// === impl Contents ===

impl Contents {
    /// Tells one state of the files from another.
    pub(super) fn digest(&self) -> [u8; 32] {
        let parts = [&self.certificate, &self.key, &self.authorities];
        let digests = parts.map(Sha256::digest);
        Sha256::digest(digests.concat()).into()
    }
}

// === impl Loaded ===

impl Loaded {
    /// Makes something to serve by of `contents`, which came of `files`.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, a key of another certificate, a certificate that does not count at `now`.
    pub(super) fn new(
        files: &Files,
        contents: &Contents,
        now: SystemTime,
    ) -> Result<Self, TlsMistake> {
        let provider = Arc::new(ring::default_provider());
        let file =
            PemFile { setting: CERT, path: &files.certificate, content: &contents.certificate };
        let chain = file.certificates()?;
        let read = |der| {
            Certificate::read(der).ok_or_else(|| file.wrong("a section is no X.509 certificate"))
        };
        let said = chain.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let Some(certificate) = said.first().cloned() else {
            return Err(file.wrong("it holds no certificate"));
        };
        let key = PemFile { setting: KEY, path: &files.key, content: &contents.key };
        let pair = pair(&provider, chain, key, &said)?;
        let mut warnings = in_time(&certificate, now).map_err(|text| file.wrong(text))?;
        warnings.extend(in_order(&said));
        if pem::is_read_by_others(&files.key) {
            warnings.push(format!(
                "{KEY}=`{}`: every user of this machine may read the key: `chmod o-r` it",
                files.key.display()
            ));
        }
        let clients = clients(&provider, files, &contents.authorities)?;
        let config = config(provider, files.oldest, clients, pair);
        let config = config.map_err(|error| files.wrong(error.to_string()))?;
        Ok(Self { config: Arc::new(config), certificate, warnings })
    }
}

/// The certificate with its key, if the two fit.
fn pair(
    provider: &CryptoProvider,
    chain: Vec<CertificateDer<'static>>,
    file: PemFile<'_>,
    said: &[Certificate],
) -> Result<CertifiedKey, TlsMistake> {
    let key = provider.key_provider.load_private_key(file.key()?).map_err(|_| {
        file.wrong("a key of no kind that is known here: RSA of 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519")
    })?;
    let fits = |certificate: &CertificateDer<'static>| {
        CertifiedKey::new(vec![certificate.clone()], Arc::clone(&key)).keys_match().is_ok()
    };
    let place = chain.iter().position(fits);
    let pair = CertifiedKey::new(chain, Arc::clone(&key));
    match (pair.keys_match(), place.and_then(|place| said.get(place))) {
        (Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)), _) => Ok(pair),
        (Err(Error::InconsistentKeys(_)), Some(other)) => Err(file.wrong(format!(
            "it is the key of `{}`, which is not the first in {CERT}: the server's own certificate stands first, and behind each the one that vouches for it",
            other.subject()
        ))),
        (Err(Error::InconsistentKeys(_)), None) => Err(file.wrong(format!(
            "it is not the key of the certificate in {CERT} (`{}`): the two were made apart, or one of them was replaced alone",
            said.first().map(Certificate::subject).unwrap_or_default()
        ))),
        (Err(error), _) => Err(file.wrong(format!("{CERT} cannot be used: {error}"))),
    }
}

/// Nothing, or that it ends soon.
fn in_time(certificate: &Certificate, now: SystemTime) -> Result<Vec<String>, String> {
    match certificate.age(now) {
        Age::Good => Ok(Vec::new()),
        Age::NearEnd => Ok(vec![format!(
            "{CERT}: the certificate of `{}` ends at {}: it is time to renew it",
            certificate.subject(),
            certificate.not_after()
        )]),
        Age::Unborn => Err(format!(
            "the certificate counts from {} on, which is yet to come: every client would refuse it; look at the clock of this machine, or at who made it",
            certificate.not_before()
        )),
        Age::Ended => Err(format!(
            "the certificate ended at {}: every client would refuse it; renew it",
            certificate.not_after()
        )),
    }
}

/// Which certificate is not followed by the one that vouches for it. Many clients find their way in any order, and cross-signed
/// ones have none, so it is no mistake.
fn in_order(chain: &[Certificate]) -> Option<String> {
    let (one, next) = chain
        .iter()
        .zip(chain.iter().skip(1))
        .find(|(one, next)| one.issuer() != next.subject())?;
    Some(format!(
        "{CERT}: `{}` is followed by `{}`, and it is `{}` who vouches for it: some clients need that order",
        one.subject(),
        next.subject(),
        one.issuer()
    ))
}

fn clients(
    provider: &Arc<CryptoProvider>,
    files: &Files,
    content: &[u8],
) -> Result<Arc<dyn ClientCertVerifier>, TlsMistake> {
    let Some(clients) = &files.clients else { return Ok(Arc::new(NoClientAuth)) };
    let file = PemFile { setting: CLIENT_CA, path: &clients.authorities, content };
    let mut authorities = RootCertStore::empty();
    for certificate in file.certificates()? {
        let added = authorities.add(certificate);
        added.map_err(|error| {
            file.wrong(format!("a certificate cannot vouch for others: {error}"))
        })?;
    }
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), Arc::clone(provider));
    let verifier = match clients.need {
        ClientCertificateNeed::Required => verifier,
        ClientCertificateNeed::Optional => verifier.allow_unauthenticated(),
    };
    verifier.build().map_err(|error| file.wrong(error.to_string()))
}

/// Where clients are asked for certificates, no session is resumed: a certificate is checked in whole handshakes alone, and who
/// resumes one would go on with one that has ended. Elsewhere tickets come with each configuration anew, and their keys change
/// every six hours by themselves.
fn config(
    provider: Arc<CryptoProvider>,
    oldest: TlsVersion,
    clients: Arc<dyn ClientCertVerifier>,
    pair: CertifiedKey,
) -> Result<ServerConfig, Error> {
    let asks_clients = clients.offer_client_auth();
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions::from(oldest))?
        .with_client_cert_verifier(clients)
        // One certificate for whatever name is asked for, also for none.
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    if asks_clients {
        // Both ways of each version: what is kept here, and what the client keeps, for which no ticketer is set.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    } else {
        config.ticketer = ring::Ticketer::new()?;
    }
    // A request that can be sent twice by whoever recorded it (RFC 8446 section 8) is none that limits and bans can count.
    config.max_early_data_size = 0;
    Ok(config)
}
