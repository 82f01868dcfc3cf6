//! Which versions and suites are spoken: Mozilla's profiles.

use rustls::{
    SupportedProtocolVersion,
    version::{TLS12, TLS13},
};

use crate::settings::TlsVersion;

/// `intermediate`: 1.2 and 1.3.
const FROM_1_2: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
/// `modern`: 1.3 alone.
const FROM_1_3: &[&SupportedProtocolVersion] = &[&TLS13];

/// The versions from `oldest` on. Of suites rustls has none but ECDHE with AES-GCM or ChaCha20-Poly1305, of groups X25519, P-256
/// and P-384: which of them is taken is left to the client, who knows whether its machine is fast at AES, as both profiles ask.
pub(super) fn from(oldest: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    match oldest {
        TlsVersion::V1_2 => FROM_1_2,
        TlsVersion::V1_3 => FROM_1_3,
    }
}
