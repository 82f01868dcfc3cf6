//! The signature algorithms we verify, and which kind of key each belongs to.

use jsonwebtoken::Algorithm as Engine;

/// A signature algorithm. It always comes from a key, never from a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Algorithm {
    Hs256,
    Hs384,
    Hs512,
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Ed25519,
}

/// What kind of key an algorithm needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Family {
    Hmac,
    Rsa,
    P256,
    P384,
    Ed25519,
}

// === impl Algorithm ===

impl Algorithm {
    /// Reads a name of the IANA registry, byte for byte: `hs256` and `noNE` are no names (RFC 7515 section 4.1.1).
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "HS256" => Self::Hs256,
            "HS384" => Self::Hs384,
            "HS512" => Self::Hs512,
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            // RFC 9864 names the curve; RFC 8037 named the family. For a key on this curve both mean the same.
            "Ed25519" | "EdDSA" => Self::Ed25519,
            _ => return None,
        })
    }

    pub(crate) fn family(self) -> Family {
        match self {
            Self::Hs256 | Self::Hs384 | Self::Hs512 => Family::Hmac,
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => {
                Family::Rsa
            }
            Self::Es256 => Family::P256,
            Self::Es384 => Family::P384,
            Self::Ed25519 => Family::Ed25519,
        }
    }

    /// The shortest secret in bytes: as long as the hash (RFC 7518 section 3.2).
    pub(crate) fn shortest_secret(self) -> usize {
        match self {
            Self::Hs512 => 64,
            Self::Hs384 => 48,
            _ => 32,
        }
    }

    pub(crate) fn engine(self) -> Engine {
        match self {
            Self::Hs256 => Engine::HS256,
            Self::Hs384 => Engine::HS384,
            Self::Hs512 => Engine::HS512,
            Self::Rs256 => Engine::RS256,
            Self::Rs384 => Engine::RS384,
            Self::Rs512 => Engine::RS512,
            Self::Ps256 => Engine::PS256,
            Self::Ps384 => Engine::PS384,
            Self::Ps512 => Engine::PS512,
            Self::Es256 => Engine::ES256,
            Self::Es384 => Engine::ES384,
            Self::Ed25519 => Engine::EdDSA,
        }
    }
}

// === impl Family ===

impl Family {
    /// The algorithm of a key that does not name one. A secret must name it: guessing there is how a public key comes
    /// to be used as a secret.
    pub(crate) fn usual(self) -> Option<Algorithm> {
        match self {
            Self::Hmac => None,
            Self::Rsa => Some(Algorithm::Rs256),
            Self::P256 => Some(Algorithm::Es256),
            Self::P384 => Some(Algorithm::Es384),
            Self::Ed25519 => Some(Algorithm::Ed25519),
        }
    }
}
