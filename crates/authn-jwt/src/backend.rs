//! Where signatures are computed: the one place that knows which library does it.

use jsonwebtoken::{DecodingKey, crypto::CryptoProvider};
use palisade_core::ConfigError;

use crate::algorithm::Algorithm;

/// The library the features chose. Taken directly rather than from the process-wide default of `jsonwebtoken`, which
/// panics on the first token when no feature, or both, are on.
#[cfg(feature = "aws-lc-rs")]
const CHOSEN: Option<&CryptoProvider> = Some(&jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER);
#[cfg(all(feature = "rust-crypto", not(feature = "aws-lc-rs")))]
const CHOSEN: Option<&CryptoProvider> = Some(&jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER);
#[cfg(not(any(feature = "aws-lc-rs", feature = "rust-crypto")))]
const CHOSEN: Option<&CryptoProvider> = None;

/// The library, or the mistake of having none: told when a key is built and not when a token comes.
pub(crate) fn provider() -> Result<&'static CryptoProvider, ConfigError> {
    CHOSEN.ok_or_else(|| {
        ConfigError::new("choice of features of palisade-authn-jwt", "neither")
            .expected("one of `aws-lc-rs` and `rust-crypto`")
    })
}

/// Whether `key` can be used for `algorithm` at all.
pub(crate) fn takes(algorithm: Algorithm, key: &DecodingKey) -> bool {
    CHOSEN.is_some_and(|provider| (provider.verifier_factory)(&algorithm.engine(), key).is_ok())
}

/// Whether `signature` over `message` is right.
pub(crate) fn verifies(
    algorithm: Algorithm,
    key: &DecodingKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let verifier =
        CHOSEN.and_then(|provider| (provider.verifier_factory)(&algorithm.engine(), key).ok());
    verifier.is_some_and(|verifier| verifier.verify(message, &signature.to_vec()).is_ok())
}

/// The modulus and exponent of an RSA public key in DER.
pub(crate) fn rsa_components(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    CHOSEN.and_then(|provider| (provider.key_utils.rsa_pub_components_from_public_key)(der).ok())
}
