//! What a certificate says of itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_cert::der::Decode;

/// What a certificate says of itself (RFC 5280).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    subject: String,
    issuer: String,
    serial: String,
    not_before: SystemTime,
    not_after: SystemTime,
    fingerprint: [u8; 32],
}

/// Where in its time a certificate is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Age {
    /// It counts later.
    Unborn,
    /// It counts.
    Good,
    /// It counts, and less than a tenth of its time is left.
    NearEnd,
    /// It counted.
    Ended,
}

// === impl Certificate ===

impl Certificate {
    /// Reads one; none, if it is not what RFC 5280 section 4.1 describes.
    pub(super) fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let certificate = x509_cert::Certificate::from_der(der).ok()?.tbs_certificate;
        let time = |time: x509_cert::time::Time| UNIX_EPOCH.checked_add(time.to_unix_duration());
        Some(Self {
            subject: certificate.subject.to_string(),
            issuer: certificate.issuer.to_string(),
            serial: hex(certificate.serial_number.as_bytes(), ""),
            not_before: time(certificate.validity.not_before)?,
            not_after: time(certificate.validity.not_after)?,
            fingerprint: Sha256::digest(der).into(),
        })
    }

    /// Whose it is, as RFC 4514 writes it: `CN=alice,O=Example`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who vouches for it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its number, in hexadecimal digits.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The SHA-256 of all of it, as browsers and `openssl x509 -fingerprint -sha256` show it.
    pub fn fingerprint(&self) -> String {
        hex(&self.fingerprint, ":").to_ascii_uppercase()
    }

    /// From when on it counts.
    pub(super) fn not_before(&self) -> String {
        day(self.not_before)
    }

    /// Until when it counts.
    pub fn not_after(&self) -> String {
        day(self.not_after)
    }

    /// The end of its time.
    pub(crate) fn ends(&self) -> SystemTime {
        self.not_after
    }

    /// Whether it counts at `now`, and for how long.
    pub(super) fn age(&self, now: SystemTime) -> Age {
        if now < self.not_before {
            return Age::Unborn;
        }
        let Ok(left) = self.not_after.duration_since(now) else { return Age::Ended };
        let whole = self.not_after.duration_since(self.not_before).unwrap_or_default();
        if left < whole.checked_div(10).unwrap_or_default() { Age::NearEnd } else { Age::Good }
    }

    /// Whether it ends within `time` from `now` on.
    pub(super) fn ends_within(&self, time: Duration, now: SystemTime) -> bool {
        self.not_after.duration_since(now).map_or(true, |left| left < time)
    }
}

fn day(time: SystemTime) -> String {
    Timestamp::try_from(time).map(|time| format!("{time:.0}")).unwrap_or_default()
}

fn hex(bytes: &[u8], between: &str) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(between)
}
