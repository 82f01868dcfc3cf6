//! The part of a sealed value that its data key makes: nonce, commitment, ciphertext and tag.

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::{
    Context, DataKey, OpenError, SealError, Secret, Wrapped,
    derived::{COMMITMENT, Derived},
    gcm::{NONCE, TAG},
    sealed::{MARK, Parts, Sealed},
};

/// The longest value, in bytes: 16 MiB.
pub const MAX_PLAINTEXT: usize = 16 * 1024 * 1024;

/// What sets these digests apart from all others under the same key.
const LABEL: &[u8] = b"palisade-vault payload";

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
    let derived = Derived::of(key, &info(&nonce, &context))?;

    // All of it at once: a buffer that grew would leave a copy of the plaintext behind.
    let more = plaintext.len().saturating_add(NONCE + COMMITMENT + TAG);
    let mut bytes = Zeroizing::new(Parts::head(MARK, wrapped, more)?);
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&derived.commitment);
    let begin = bytes.len();
    bytes.extend_from_slice(plaintext);
    let text = bytes.get_mut(begin..).ok_or(SealError::Library)?;
    let tag = derived.key.seal(nonce, &aad(&derived.commitment, &context), text)?;
    bytes.extend_from_slice(&tag);
    Ok(Sealed::from(std::mem::take(&mut *bytes)))
}

/// Opens `payload` with `key`, if that is the key it commits to.
pub(crate) fn open(
    key: &DataKey,
    context: &Context<'_>,
    payload: &[u8],
) -> Result<Secret, OpenError> {
    let context = context.encoded();
    let (nonce, commitment, text) = split(payload).ok_or(OpenError::Malformed)?;
    let derived = Derived::committed(key, &info(nonce, &context), commitment)?;
    let mut text = Zeroizing::new(text.to_vec());
    let opened = derived.key.open(*nonce, &aad(commitment, &context), &mut text);
    let length = opened.map_err(|_| OpenError::Tampered)?.len();
    text.truncate(length);
    Ok(Secret::new(text))
}

/// Puts `payload`, as it is, behind another wrapped key.
pub(crate) fn rehead(wrapped: &Wrapped, payload: &[u8]) -> Result<Sealed, SealError> {
    let mut bytes = Parts::head(MARK, wrapped, payload.len())?;
    bytes.extend_from_slice(payload);
    Ok(Sealed::from(bytes))
}

/// Refuses `payload` if `key` is not the one it commits to.
pub(crate) fn check(key: &DataKey, context: &Context<'_>, payload: &[u8]) -> Result<(), OpenError> {
    let (nonce, commitment, _) = split(payload).ok_or(OpenError::Malformed)?;
    Derived::committed(key, &info(nonce, &context.encoded()), commitment).map(drop)
}

/// What the key and the commitment are of, beside the data key.
fn info<'a>(nonce: &'a [u8; NONCE], context: &'a [u8]) -> [&'a [u8]; 4] {
    [LABEL, &MARK, nonce, context]
}

/// What the tag authenticates beside the ciphertext.
fn aad(commitment: &[u8; COMMITMENT], context: &[u8]) -> Vec<u8> {
    [&MARK, commitment.as_slice(), context].concat()
}

type Split<'a> = (&'a [u8; NONCE], &'a [u8; COMMITMENT], &'a [u8]);

fn split(payload: &[u8]) -> Option<Split<'_>> {
    let (nonce, rest) = payload.split_first_chunk()?;
    let (commitment, text) = rest.split_first_chunk()?;
    Some((nonce, commitment, text))
}
