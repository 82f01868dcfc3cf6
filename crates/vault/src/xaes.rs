//! XAES-256-GCM (C2SP): AES-256-GCM with a nonce of 192 bits, which may be drawn at random 2⁸⁰ times under one key.
//!
//! <https://c2sp.org/XAES-256-GCM>. The first half of the nonce and the key give a key (NIST SP 800-108r1 section 4.1, with
//! CMAC-AES256), the second half is the nonce of AES-256-GCM (NIST SP 800-38D). It commits to no key: whoever uses it does.

use aws_lc_rs::{cmac, error::Unspecified};
use zeroize::Zeroizing;

use super::gcm::{self, Gcm};

pub(crate) const NONCE: usize = 24;

/// A key, ready to be used.
#[derive(Debug)]
pub(crate) struct Xaes {
    prf: cmac::Key,
}

impl Xaes {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, Unspecified> {
        Ok(Self { prf: cmac::Key::new(cmac::AES_256, key)? })
    }

    /// Encrypts `text` in place and appends the tag, of 16 bytes.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE],
        aad: &[u8],
        text: &mut Vec<u8>,
    ) -> Result<(), Unspecified> {
        let (key, nonce) = self.derive(nonce)?;
        let tag = key.seal(nonce, aad, text)?;
        text.extend_from_slice(&tag);
        Ok(())
    }

    /// Decrypts `text`, whose last 16 bytes are the tag, in place.
    pub(crate) fn open<'a>(
        &self,
        nonce: &[u8; NONCE],
        aad: &[u8],
        text: &'a mut [u8],
    ) -> Result<&'a mut [u8], Unspecified> {
        let (key, nonce) = self.derive(nonce)?;
        key.open(nonce, aad, text)
    }

    fn derive(&self, nonce: &[u8; NONCE]) -> Result<(Gcm, [u8; gcm::NONCE]), Unspecified> {
        let (context, rest) = nonce.split_first_chunk::<12>().ok_or(Unspecified)?;
        let nonce = rest.try_into().map_err(|_| Unspecified)?;
        let mut derived = Zeroizing::new([0; 32]);
        for (counter, half) in (1..).zip(derived.chunks_exact_mut(16)) {
            // The counter in 16 bits, the label `X`, a zero, the context: one block.
            let mut message = [0; 16];
            let (head, tail) = message.split_first_chunk_mut::<4>().ok_or(Unspecified)?;
            *head = [0, counter, b'X', 0];
            tail.copy_from_slice(context);
            cmac::sign_to_buffer(&self.prf, &message, half)?;
        }
        Ok((Gcm::new(&derived)?, nonce))
    }
}
