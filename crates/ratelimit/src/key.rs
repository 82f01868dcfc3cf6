//! Whose quota a request counts against.

use palisade_core::{Identity, IdentityKind, IpKey, SecurityContext};

/// Whose quota a request counts against: the user's if one was proven, else the address'.
///
/// Made from what the layers outside verified, never from a header: a token that was not verified picks no key, so
/// nobody uses up the quota of a user by sending rubbish in his name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Key<'a> {
    /// A user, wherever he asks from. The same name from two issuers, or by two kinds of proof, is two users.
    #[non_exhaustive]
    User {
        /// How the identity was proven.
        kind: IdentityKind,
        /// Who vouches for the subject.
        issuer: Option<&'a str>,
        /// The subject, byte for byte.
        subject: &'a str,
    },
    /// An address, or the IPv6 network that counts as one.
    Address(IpKey),
}

// === impl Key ===

impl<'a> Key<'a> {
    /// The key of a request, if anything is known of the client.
    pub fn of(context: &'a SecurityContext) -> Option<Self> {
        let address = || context.client_ip().map(|client| Self::Address(client.key()));
        context.identity().map(Self::user).or_else(address)
    }

    /// The key of a user.
    pub fn user(identity: &'a Identity) -> Self {
        let (kind, issuer, subject) = (identity.kind(), identity.issuer(), identity.subject());
        Self::User { kind, issuer, subject }
    }
}
