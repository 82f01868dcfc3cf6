//! Who was proven, and by which token.

use std::{fmt, iter, sync::Arc};

use palisade_core::{CredentialKind, Identity, SecurityContext, Token, TokenDigest};

use crate::UserId;

/// Who was proven, and by which token: what signing out takes back, and what a ticket stands for.
#[derive(Clone, Debug)]
pub struct Proof {
    identity: Identity,
    token: Option<Digests>,
    text: Option<Text>,
}

/// A bearer token, to judge it again: a copy, since what was read off the connection is larger. It does not print.
#[derive(Clone)]
struct Text(Arc<str>);

/// The digest of a token, and that of its twin, if it may have one: see [`Token`].
#[derive(Clone, Copy, Debug)]
struct Digests {
    presented: TokenDigest,
    twin: Option<TokenDigest>,
}

// === impl Proof ===

impl Proof {
    /// Who was proven in this request; none if nobody was.
    #[must_use]
    pub fn of(context: &SecurityContext) -> Option<Self> {
        let identity = context.identity()?.clone();
        Some(Self { identity, token: digests_of(context), text: text_of(context) })
    }

    /// Who was proven by a bearer token, as it was kept with what it proved; none if there is no such token.
    #[must_use]
    pub fn of_bearer(identity: Identity, token: &str) -> Option<Self> {
        let digests = Digests::of(&Token::read(token)?);
        Some(Self { identity, token: Some(digests), text: Some(Text(Arc::from(token))) })
    }

    /// Who was proven.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The token that proved it, as it was presented.
    #[must_use]
    pub fn token(&self) -> Option<&TokenDigest> {
        self.token.as_ref().map(|digests| &digests.presented)
    }

    /// The bearer token that proved it, in clear: to be judged again by whoever lets in what it opened, such as a stream. It
    /// must reach no log. None if it was another credential.
    #[must_use]
    pub fn expose_bearer(&self) -> Option<&str> {
        self.text.as_ref().map(|Text(text)| &**text)
    }

    /// The digests under which a list may know that token: that of its text, and that of its twin's.
    pub fn digests(&self) -> impl Iterator<Item = &TokenDigest> {
        self.token.iter().flat_map(|digests| iter::once(&digests.presented).chain(&digests.twin))
    }

    /// What the token is kept and looked up under here, in whichever of its spellings it comes.
    pub(crate) fn token_name(&self) -> Option<TokenDigest> {
        self.token.map(Digests::name)
    }

    pub(crate) fn is_of_user_of(&self, other: &Self) -> bool {
        UserId::sharing(&self.identity).is(&other.identity)
    }
}

/// The name of the token that the request presents, or that its ticket stands for.
pub(crate) fn token_name_of(context: &SecurityContext) -> Option<TokenDigest> {
    digests_of(context).map(Digests::name)
}

fn digests_of(context: &SecurityContext) -> Option<Digests> {
    if let Some(redeemed) = context.attached::<Proof>() {
        return redeemed.token;
    }
    context.presented()?.one().map(|credential| Digests::of(credential.token()))
}

fn text_of(context: &SecurityContext) -> Option<Text> {
    if let Some(redeemed) = context.attached::<Proof>() {
        return redeemed.text;
    }
    let credential = context.presented()?.one()?;
    (credential.kind() == CredentialKind::Bearer)
        .then(|| Text(Arc::from(credential.token().expose())))
}

// === impl Text ===

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

// === impl Digests ===

impl Digests {
    fn of(token: &Token) -> Self {
        Self { presented: *token.digest(), twin: token.digests().nth(1).copied() }
    }

    /// The same for the token and its twin: who signs out must not be signed in by a signature that anyone can compute from
    /// the one that was taken back.
    fn name(self) -> TokenDigest {
        self.twin.map_or(self.presented, |twin| twin.min(self.presented))
    }
}
