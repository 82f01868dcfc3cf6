//! Certificates and keys in PEM (RFC 7468), with words for what is wrong.

use std::{fs, io, path::Path};

use palisade::core::atomic_file;
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};

use super::TlsMistake;

/// Larger than any chain, and than the lists of authorities that systems bring.
const MOST: u64 = 4 << 20;

/// A file as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct PemFile<'a> {
    pub(super) setting: &'static str,
    pub(super) path: &'a Path,
    pub(super) content: &'a [u8],
}

/// Reads the file that `setting` names. Blocks.
pub(super) fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, TlsMistake> {
    let wrong = |text: &str| TlsMistake::new(setting, path, text);
    match atomic_file::read(path, MOST) {
        Ok(Some(content)) => Ok(content),
        Ok(None) => Err(wrong("there is no such file")),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(wrong("this process may not read it: let its user or group read the file"))
        }
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
            Err(wrong("this is a folder: name the file in it"))
        }
        Err(error) => Err(wrong(&error.to_string())),
    }
}

/// Whether users other than its owner and its group may read a file. Blocks.
#[cfg(unix)]
pub(super) fn is_read_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

/// Nobody knows.
#[cfg(not(unix))]
pub(super) fn is_read_by_others(path: &Path) -> bool {
    drop(fs::metadata(path));
    false
}

// === impl PemFile ===

impl PemFile<'_> {
    /// All certificates in it, of which there is at least one.
    pub(super) fn certificates(self) -> Result<Vec<CertificateDer<'static>>, TlsMistake> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(self.content).collect();
        let found = found.map_err(|error| self.broken(&error))?;
        if found.is_empty() {
            let fix = if self.holds("PRIVATE KEY-----") {
                "it holds a key and no certificate: TLS_CERT and TLS_KEY may have changed places"
            } else {
                "it holds no certificate in PEM (`-----BEGIN CERTIFICATE-----`); `openssl x509 -inform DER -in FILE` writes one of a .cer or .der file"
            };
            return Err(self.wrong(fix));
        }
        Ok(found)
    }

    /// The one key in it.
    pub(super) fn key(self) -> Result<PrivateKeyDer<'static>, TlsMistake> {
        let mut keys = PrivateKeyDer::pem_slice_iter(self.content);
        match (keys.next(), keys.next()) {
            (Some(Ok(key)), None) if !self.is_encrypted() => Ok(key),
            _ if self.is_encrypted() => Err(self.wrong(
                "the key is encrypted, and nobody is there to say the password: `openssl pkey -in FILE -out NEW` writes it in clear, for a file that the server alone may read",
            )),
            (Some(Err(error)), _) | (_, Some(Err(error))) => Err(self.broken(&error)),
            (Some(Ok(_)), Some(Ok(_))) => Err(self.wrong("it holds several keys: leave the one of TLS_CERT in it")),
            (Some(Ok(_)), None) | (None, _) => Err(self.wrong(if self.holds("BEGIN CERTIFICATE-----") {
                "it holds a certificate and no key: TLS_CERT and TLS_KEY may have changed places"
            } else {
                "it holds no key in PEM (`-----BEGIN PRIVATE KEY-----`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`)"
            })),
        }
    }

    pub(super) fn wrong(self, text: impl Into<String>) -> TlsMistake {
        TlsMistake::new(self.setting, self.path, text)
    }

    fn is_encrypted(self) -> bool {
        self.holds("BEGIN ENCRYPTED PRIVATE KEY") || self.holds("Proc-Type: 4,ENCRYPTED")
    }

    fn holds(self, text: &str) -> bool {
        self.content.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// What the parser says holds lines of the file, which may be those of a key.
    fn broken(self, error: &pem::Error) -> TlsMistake {
        self.wrong(match error {
            pem::Error::MissingSectionEnd { .. } => {
                "the file ends within a section: it may have been read while it was written"
            }
            pem::Error::IllegalSectionStart { .. } => "a line that begins a section is not PEM",
            pem::Error::Base64Decode(_) => "a section holds what is not base64",
            _ => "it cannot be read as PEM",
        })
    }
}
