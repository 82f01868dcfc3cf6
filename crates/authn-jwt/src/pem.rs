//! Public keys in PEM.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::DecodingKey;
use palisade_core::ConfigError;

use crate::{
    algorithm::{Algorithm, Family},
    backend,
    key::{self, Key},
};

/// The longest file that can be a public key.
const LONGEST_PEM: usize = 16 * 1024;
/// The curves' names in DER (RFC 5480 section 2.1.1.1). `secp256k1` has points of the same length as P-256.
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];

const NO_KEY: &str = "one public key in PEM, `BEGIN PUBLIC KEY`";

/// An RSA public key, for one of the RSA algorithms.
pub(crate) fn rsa(pem: &str, algorithm: Algorithm) -> Result<Key, ConfigError> {
    read(pem, "RSA public key", || {
        let engine = DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| NO_KEY)?;
        let der = engine.try_get_as_bytes().map_err(|_| NO_KEY)?;
        let (modulus, exponent) = backend::rsa_components(der).ok_or(NO_KEY)?;
        Key::new(algorithm, key::rsa(&modulus, &exponent)?)
    })
}

/// An EC public key; its curve fixes the algorithm.
pub(crate) fn ec(pem: &str) -> Result<Key, ConfigError> {
    read(pem, "EC public key", || {
        let engine = DecodingKey::from_ec_pem(pem.as_bytes()).map_err(|_| NO_KEY)?;
        let point = engine.try_get_as_bytes().map_err(|_| NO_KEY)?;
        let der = der(pem).ok_or(NO_KEY)?;
        let names = |curve: &[u8]| der.windows(curve.len()).any(|window| window == curve);
        let (family, algorithm) = match point.len() {
            65 if names(P256) => (Family::P256, Algorithm::Es256),
            97 if names(P384) => (Family::P384, Algorithm::Es384),
            _ => return Err("a key on P-256 or P-384"),
        };
        Key::new(algorithm, key::ec(family, point)?)
    })
}

/// An Ed25519 public key.
pub(crate) fn ed25519(pem: &str) -> Result<Key, ConfigError> {
    read(pem, "Ed25519 public key", || {
        let engine = DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| NO_KEY)?;
        let public = engine.try_get_as_bytes().map_err(|_| NO_KEY)?;
        Key::new(Algorithm::Ed25519, key::ed25519(public)?)
    })
}

/// Looks at the outside first: a private key here is a mistake worth its own words, and must not be echoed.
fn read(
    pem: &str,
    what: &'static str,
    key: impl FnOnce() -> Result<Key, &'static str>,
) -> Result<Key, ConfigError> {
    backend::provider()?;
    let mistake = |given: &str, expected: &str| ConfigError::new(what, given).expected(expected);
    if pem.len() > LONGEST_PEM {
        return Err(mistake("more than 16 KiB", NO_KEY));
    }
    let mut labels = pem.lines().filter_map(|line| line.trim().strip_prefix("-----BEGIN "));
    match (labels.next(), labels.next()) {
        (Some("PUBLIC KEY-----" | "RSA PUBLIC KEY-----"), None) => {
            key().map_err(|expected| mistake("this PEM", expected))
        }
        (Some(label), _) if label.contains("PRIVATE") => Err(mistake(
            "a private key",
            "the public key: whoever verifies must not be able to sign",
        )),
        (Some(_), Some(_)) => Err(mistake("several PEM blocks", NO_KEY)),
        _ => Err(mistake("this text", NO_KEY)),
    }
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let body: String = pem.lines().map(str::trim).filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).ok()
}
