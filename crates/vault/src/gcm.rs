//! AES-256-GCM (NIST SP 800-38D), with nonces of 96 bits and tags of 128: the one cipher of values, streams and wraps.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    error::Unspecified,
};
use zeroize::Zeroize;

pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

/// A key, ready to be used.
#[derive(Debug)]
pub(crate) struct Gcm {
    key: LessSafeKey,
}

impl Gcm {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Unspecified> {
        Ok(Self { key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?) })
    }

    /// Encrypts `text` in place. No other text under this key has the same nonce.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG], Unspecified> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::from(aad), text)?;
        tag.as_ref().try_into().map_err(|_| Unspecified)
    }

    /// Decrypts `text`, whose last bytes are the tag, in place. What is refused is overwritten.
    pub(crate) fn open<'a>(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        text: &'a mut [u8],
    ) -> Result<&'a mut [u8], Unspecified> {
        let opened = self.key.open_in_place(Nonce::from(&nonce), Aad::from(aad), text);
        match opened.map(|plain| plain.len()) {
            Ok(length) => text.get_mut(..length).ok_or(Unspecified),
            Err(refused) => {
                text.zeroize();
                Err(refused)
            }
        }
    }
}
