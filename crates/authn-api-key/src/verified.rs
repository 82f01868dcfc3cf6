//! What a valid key proves.

use palisade_core::Identity;

use crate::KeyId;

/// What a valid key proves: who is asking, and by which key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verified {
    pub(crate) id: KeyId,
    pub(crate) identity: Identity,
}

impl Verified {
    /// The key.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Its owner, with the roles and scopes of the key.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
}
