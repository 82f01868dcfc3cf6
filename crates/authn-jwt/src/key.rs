//! One key: it has one algorithm, and nothing a token says changes that.

use std::fmt;

use jsonwebtoken::DecodingKey;
use palisade_core::ConfigError;

use crate::{
    TokenError,
    algorithm::{Algorithm, Family},
    backend,
    compact::Compact,
};

/// RSA moduli in bits: below, they can be factored; above, one forged token costs us milliseconds.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// One key and its algorithm.
#[derive(Clone)]
pub(crate) struct Key {
    algorithm: Algorithm,
    engine: DecodingKey,
}

// === impl Key ===

impl Key {
    pub(crate) fn new(algorithm: Algorithm, engine: DecodingKey) -> Result<Self, &'static str> {
        if backend::takes(algorithm, &engine) {
            Ok(Self { algorithm, engine })
        } else {
            Err("a key that lies on its curve")
        }
    }

    /// A shared secret, at least as long as the hash of its algorithm.
    pub(crate) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, ConfigError> {
        backend::provider()?;
        let shortest = algorithm.shortest_secret();
        if secret.len() < shortest {
            let given = format!("{} bytes", secret.len());
            return Err(ConfigError::new("secret for signing tokens", given)
                .expected(format!("at least {shortest} random bytes")));
        }
        Ok(Self { algorithm, engine: DecodingKey::from_secret(secret) })
    }

    /// Checks that `token` names this key's algorithm and carries its signature.
    pub(crate) fn check(&self, token: &Compact<'_>) -> Result<(), TokenError> {
        if token.algorithm != self.algorithm {
            return Err(TokenError::Algorithm);
        }
        let signature = token.signature()?;
        if backend::verifies(self.algorithm, &self.engine, token.signed.as_bytes(), &signature) {
            Ok(())
        } else {
            Err(TokenError::Signature)
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// An RSA public key from its numbers.
pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<DecodingKey, &'static str> {
    let modulus = without_leading_zeros(modulus);
    let exponent = without_leading_zeros(exponent);
    if !RSA_BITS.contains(&bits(modulus)) {
        return Err("an RSA key of 2048 to 4096 bits");
    }
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    if !is_odd(modulus) || !is_odd(exponent) || exponent == [1] || exponent.len() > 4 {
        return Err("an RSA key with an odd public exponent between 3 and 2^32");
    }
    Ok(DecodingKey::from_rsa_raw_components(modulus, exponent))
}

/// A point on a curve, uncompressed (SEC 1 section 2.3.3). The engine checks that it lies on the curve.
pub(crate) fn ec(family: Family, point: &[u8]) -> Result<DecodingKey, &'static str> {
    let expected = match family {
        Family::P256 => 65,
        Family::P384 => 97,
        _ => return Err("a key on P-256 or P-384"),
    };
    if point.len() != expected || point.first() != Some(&4) {
        return Err("both coordinates of a point, at the full length of the curve");
    }
    Ok(DecodingKey::from_ec_der(point))
}

/// An Ed25519 public key.
pub(crate) fn ed25519(public: &[u8]) -> Result<DecodingKey, &'static str> {
    // The engine slices to this length without looking.
    if public.len() != 32 {
        return Err("an Ed25519 key of 32 bytes");
    }
    Ok(DecodingKey::from_ed_der(public))
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    number.get(start..).unwrap_or_default()
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |byte| byte.leading_zeros());
    let unused = usize::try_from(unused).unwrap_or_default();
    number.len().saturating_mul(8).saturating_sub(unused)
}
