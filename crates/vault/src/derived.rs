//! What a data key comes to: the key that encrypts, and the commitment to it.

use aws_lc_rs::{constant_time::verify_slices_are_equal, error::Unspecified, hmac};
use zeroize::Zeroizing;

use crate::{DataKey, OpenError, gcm::Gcm};

pub(crate) const COMMITMENT: usize = 32;

/// What a data key comes to, for one label, one nonce or salt, and one context.
pub(crate) struct Derived {
    pub(crate) key: Gcm,
    pub(crate) commitment: [u8; COMMITMENT],
}

impl Derived {
    /// HKDF-Expand (RFC 5869 section 2.3) by SHA-512 of one block: half of it is the key, half the commitment. A data key is
    /// as random as what HKDF-Extract would make of it (section 3.3). The parts of `info` are told apart by who names them.
    pub(crate) fn of(key: &DataKey, info: &[&[u8]]) -> Result<Self, Unspecified> {
        let mut block = Zeroizing::new([0; 64]);
        let prf = hmac::Key::new(hmac::HMAC_SHA512, key.expose());
        let mut info = info.concat();
        info.push(1);
        hmac::sign_to_buffer(&prf, &info, block.as_mut_slice())?;
        let (key, commitment) = block.split_first_chunk::<32>().ok_or(Unspecified)?;
        let commitment = commitment.try_into().map_err(|_| Unspecified)?;
        Ok(Self { key: Gcm::new(key)?, commitment })
    }

    /// The same, if that is what `commitment` says.
    pub(crate) fn committed(
        key: &DataKey,
        info: &[&[u8]],
        commitment: &[u8; COMMITMENT],
    ) -> Result<Self, OpenError> {
        let tampered = |_: Unspecified| OpenError::Tampered;
        let derived = Self::of(key, info).map_err(tampered)?;
        verify_slices_are_equal(&derived.commitment, commitment).map_err(tampered)?;
        Ok(derived)
    }
}
