//! The part of a sealed value that its data key makes: nonce, commitment, ciphertext and tag.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    constant_time::verify_slices_are_equal,
    error::Unspecified,
    hmac, rand,
};
use zeroize::Zeroizing;

use crate::{
    Context, DataKey, OpenError, SealError, Secret, Wrapped,
    sealed::{MARK, Parts, Sealed},
};

/// The longest value, in bytes: 16 MiB.
pub const MAX_PLAINTEXT: usize = 16 * 1024 * 1024;

const NONCE: usize = 12;
const COMMITMENT: usize = 32;
const TAG: usize = 16;

/// What sets these digests apart from all others under the same key.
const LABEL: &[u8] = b"palisade-vault payload";

/// What a data key comes to for one nonce and one context.
struct Derived {
    key: LessSafeKey,
    commitment: [u8; COMMITMENT],
}

/// Refuses a value that is too long, and draws a key for one that is not.
pub(crate) fn key_for(plaintext: &[u8]) -> Result<DataKey, SealError> {
    let length = plaintext.len();
    if length > MAX_PLAINTEXT {
        return Err(SealError::TooLong { length, most: MAX_PLAINTEXT });
    }
    DataKey::draw()
}

/// Seals `plaintext` under `key`, which must not have been used before.
pub(crate) fn seal(
    key: &DataKey,
    wrapped: &Wrapped,
    context: &Context<'_>,
    plaintext: &[u8],
) -> Result<Sealed, SealError> {
    let mut nonce = [0; NONCE];
    rand::fill(&mut nonce)?;
    let context = context.encoded();
    let derived = derive(key, &nonce, &context)?;

    // All of it at once: a buffer that grew would leave a copy of the plaintext behind.
    let more = plaintext.len().saturating_add(NONCE + COMMITMENT + TAG);
    let mut bytes = Zeroizing::new(head(wrapped, more)?);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&derived.commitment);
    let begin = bytes.len();
    bytes.extend_from_slice(plaintext);
    let text = bytes.get_mut(begin..).ok_or(SealError::Library)?;
    let aad = Aad::from(aad(&derived.commitment, &context));
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = derived.key.seal_in_place_separate_tag(nonce, aad, text)?;
    bytes.extend_from_slice(tag.as_ref());
    Ok(Sealed::from(std::mem::take(&mut *bytes)))
}

/// Opens `payload` with `key`, if that is the key it commits to.
pub(crate) fn open(
    key: &DataKey,
    context: &Context<'_>,
    payload: &[u8],
) -> Result<Secret, OpenError> {
    let tampered = |_: Unspecified| OpenError::Tampered;
    let context = context.encoded();
    let (nonce, commitment, text) = split(payload).ok_or(OpenError::Malformed)?;
    let derived = committed(key, nonce, commitment, &context)?;
    let (text, tag) = text.split_last_chunk::<TAG>().ok_or(OpenError::Malformed)?;

    let mut plaintext = Zeroizing::new(vec![0; text.len()]);
    let (aad, nonce) = (Aad::from(aad(commitment, &context)), Nonce::from(nonce));
    derived.key.open_separate_gather(nonce, aad, text, tag, &mut plaintext).map_err(tampered)?;
    Ok(Secret::new(plaintext))
}

/// Puts `payload`, as it is, behind another wrapped key.
pub(crate) fn rehead(wrapped: &Wrapped, payload: &[u8]) -> Result<Sealed, SealError> {
    let mut bytes = head(wrapped, payload.len())?;
    bytes.extend_from_slice(payload);
    Ok(Sealed::from(bytes))
}

/// Refuses `payload` if `key` is not the one it commits to.
pub(crate) fn check(key: &DataKey, context: &Context<'_>, payload: &[u8]) -> Result<(), OpenError> {
    let (nonce, commitment, _) = split(payload).ok_or(OpenError::Malformed)?;
    committed(key, nonce, commitment, &context.encoded()).map(drop)
}

fn committed(
    key: &DataKey,
    nonce: &[u8; NONCE],
    commitment: &[u8; COMMITMENT],
    context: &[u8],
) -> Result<Derived, OpenError> {
    let tampered = |_: Unspecified| OpenError::Tampered;
    let derived = derive(key, nonce, context).map_err(tampered)?;
    verify_slices_are_equal(&derived.commitment, commitment).map_err(tampered)?;
    Ok(derived)
}

/// HKDF-Expand (RFC 5869 section 2.3) by SHA-512 of one block: half of it is the key, half the commitment. A data key is as
/// random as what HKDF-Extract would make of it (section 3.3).
fn derive(key: &DataKey, nonce: &[u8; NONCE], context: &[u8]) -> Result<Derived, Unspecified> {
    let info = [LABEL, &MARK, nonce, context, &[1]].concat();
    let mut block = Zeroizing::new([0; 64]);
    let prf = hmac::Key::new(hmac::HMAC_SHA512, key.expose());
    hmac::sign_to_buffer(&prf, &info, block.as_mut_slice())?;
    let (key, commitment) = block.split_first_chunk::<32>().ok_or(Unspecified)?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
    let commitment = commitment.try_into().map_err(|_| Unspecified)?;
    Ok(Derived { key, commitment })
}

/// What the tag authenticates beside the ciphertext.
fn aad(commitment: &[u8; COMMITMENT], context: &[u8]) -> Vec<u8> {
    [&MARK, commitment.as_slice(), context].concat()
}

fn head(wrapped: &Wrapped, more: usize) -> Result<Vec<u8>, SealError> {
    Parts::head(wrapped.version, &wrapped.bytes, more)
        .ok_or_else(|| SealError::Unavailable("the wrapped key is empty, or too long".into()))
}

type Split<'a> = (&'a [u8; NONCE], &'a [u8; COMMITMENT], &'a [u8]);

fn split(payload: &[u8]) -> Option<Split<'_>> {
    let (nonce, rest) = payload.split_first_chunk()?;
    let (commitment, text) = rest.split_first_chunk()?;
    Some((nonce, commitment, text))
}
