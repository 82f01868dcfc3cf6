//! The key of one value.

use std::fmt;

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::SealError;

/// The key of one value: drawn for it, wrapped, and overwritten in memory when it is dropped.
///
/// Only a [`KeyProvider`](crate::KeyProvider) sees one.
pub struct DataKey {
    /// In one place: a value that is moved leaves a copy behind.
    bytes: Box<Zeroizing<[u8; 32]>>,
}

impl DataKey {
    /// What a provider unwrapped.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { bytes: Box::new(Zeroizing::new(bytes)) }
    }

    /// Its bytes, for the provider that wraps them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    pub(crate) fn draw() -> Result<Self, SealError> {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        rand::fill(bytes.as_mut_slice())?;
        Ok(Self { bytes })
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}
