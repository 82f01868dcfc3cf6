//! A certificate for this machine that nobody vouches for: to try TLS on.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use palisade::core::atomic_file;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

use super::Certificate;
use crate::app::StartError;

/// Whom it is for: nobody but this machine goes by these names.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long it counts. Browsers refuse what counts longer than 398 days.
const DAYS: i64 = 365;

/// What has no longer to live is replaced at the next start.
const RENEWED: Duration = Duration::from_hours(30 * 24);

/// Larger than what is made here.
const MOST: u64 = 64 << 10;

/// The certificate and its key in `folder`.
pub(super) fn paths(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("tls-self-signed.crt"), folder.join("tls-self-signed.key"))
}

/// Whether there is one already. Blocks.
pub(super) fn is_made(folder: &Path) -> bool {
    let (certificate, key) = paths(folder);
    certificate.exists() && key.exists()
}

/// Makes one in `folder`, unless there is one that can still be used: who trusts it need not do so again after each start.
/// Both files are readable by their owner alone. Blocks.
pub(super) fn ensure(folder: &Path, now: SystemTime) -> Result<(), StartError> {
    let (certificate, key) = paths(folder);
    if is_usable(&certificate, &key, now)? {
        return Ok(());
    }
    let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let made = params(now)?.self_signed(&pair)?;
    // Where this stops in between, the two do not fit, and the next start makes others.
    atomic_file::replace(&key, pair.serialize_pem().as_bytes())?;
    atomic_file::replace(&certificate, made.pem().as_bytes())?;
    Ok(())
}

/// Whether both are there, belong together and count for some time. What is broken is ours to make again.
fn is_usable(certificate: &Path, key: &Path, now: SystemTime) -> io::Result<bool> {
    let (Some(certificate), Some(key)) =
        (atomic_file::read(certificate, MOST)?, atomic_file::read(key, MOST)?)
    else {
        return Ok(false);
    };
    let (Ok(certificate), Ok(key)) =
        (CertificateDer::from_pem_slice(&certificate), PrivateKeyDer::from_pem_slice(&key))
    else {
        return Ok(false);
    };
    let Some(said) = Certificate::read(&certificate) else { return Ok(false) };
    let provider = rustls::crypto::ring::default_provider();
    let fits = rustls::sign::CertifiedKey::from_der(vec![certificate], key, &provider).is_ok();
    Ok(fits && !said.ends_within(RENEWED, now))
}

fn params(now: SystemTime) -> Result<CertificateParams, StartError> {
    let today = Timestamp::try_from(now)?.to_zoned(TimeZone::UTC).date();
    let day = |date: Date| -> Result<_, StartError> {
        let (month, day) = (u8::try_from(date.month())?, u8::try_from(date.day())?);
        Ok(date_time_ymd(date.year().into(), month, day))
    };
    let mut params = CertificateParams::new(NAMES.map(str::to_owned).to_vec())?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, "palisade-server on this machine");
    // Clocks of machines beside this one may be behind.
    params.not_before = day(today.checked_sub(Span::new().days(1))?)?;
    params.not_after = day(today.checked_add(Span::new().days(DAYS))?)?;
    // Whoever trusts it trusts this server, and nobody that its key could vouch for.
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}
