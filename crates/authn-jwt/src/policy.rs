//! The three modes of authentication: optional, strict and lenient.

use http::request;
use palisade_core::{
    Access, CredentialKind, Policy, Presented, Rejection, RejectionKind, Route, SecurityContext,
    Verdict,
};

use crate::{Realm, Verifier};

/// Learns who is asking if a token says so, and lets anonymous requests into what is open to them. A token that is
/// presented and not valid is refused on every route.
#[derive(Clone, Debug)]
pub struct OptionalAuth {
    tokens: Tokens,
    protected: ProtectedRoutes,
}

/// Lets nobody in without a valid token, whatever the route.
#[derive(Clone, Debug)]
pub struct StrictAuth {
    tokens: Tokens,
}

/// Does as [`OptionalAuth`] does, but takes a token that is not valid for none.
///
/// For services whose clients send stale tokens to public pages. Where an identity is needed the token is still judged.
#[derive(Clone, Debug)]
pub struct LenientAuth {
    tokens: Tokens,
    protected: ProtectedRoutes,
}

/// Who may ask a route of class [`Access::Protected`], and a route of no known class.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ProtectedRoutes {
    /// Identities alone: the documented `REQUIRE_AUTH=true`.
    #[default]
    RequireIdentity,
    /// Anyone: the documented `REQUIRE_AUTH=false`. Routes that need an identity must then say so.
    LetAnonymousIn,
}

/// Finds and judges the token of a request.
#[derive(Clone, Debug)]
struct Tokens {
    verifier: Verifier,
    realm: Realm,
}

/// What a request has to show.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Proof {
    Identity,
    Nothing,
}

// === impl Tokens ===

impl Tokens {
    fn new(verifier: Verifier) -> Self {
        Self { verifier, realm: Realm::default() }
    }

    /// Learns the identity, if there is a valid token. A key that is not ours to judge is nothing.
    fn judge(&self, head: &request::Parts, context: &SecurityContext) -> Result<Proof, Rejection> {
        if context.identity().is_some() {
            return Ok(Proof::Identity);
        }
        match context.credential(head) {
            Presented::One(credential) if credential.kind() == CredentialKind::Bearer => {
                let (token, now) = (credential.token(), context.arrived());
                let verified = self.verifier.authenticate(token.expose(), now);
                let verified = verified.map_err(|error| self.realm.invalid(error))?;
                context.attach(verified.claims().clone());
                context.learn_identity(verified.identity().clone());
                Ok(Proof::Identity)
            }
            Presented::Nothing | Presented::One(_) => Ok(Proof::Nothing),
            Presented::Several => Err(self.realm.ambiguous()),
            // Whatever core learns to find one day, it is not a token we verified.
            _ => Err(self.realm.wrong_scheme()),
        }
    }

    fn require(&self, proof: Proof) -> Result<(), Rejection> {
        match proof {
            Proof::Identity => Ok(()),
            Proof::Nothing => Err(self.realm.credentials_required()),
        }
    }
}

// === impl ProtectedRoutes ===

impl ProtectedRoutes {
    /// Whether the route of this request needs an identity as far as authentication decides: what is for admins alone
    /// is refused by the admin check behind it.
    fn need_identity(self, context: &SecurityContext) -> bool {
        match context.route().map_or(Access::Protected, Route::access) {
            Access::Public | Access::Admin => false,
            Access::Protected => self == Self::RequireIdentity,
            Access::Authenticated => true,
        }
    }

    /// Whether this request may go on to its handler without an identity.
    fn let_anonymous_in(self, context: &SecurityContext) -> bool {
        let admin = context.route().is_some_and(|route| route.access() == Access::Admin);
        !admin && !self.need_identity(context)
    }
}

// === impl OptionalAuth ===

impl OptionalAuth {
    /// Judges tokens with `verifier`.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { tokens: Tokens::new(verifier), protected: ProtectedRoutes::default() }
    }

    /// Says who may ask protected routes. Default: [`ProtectedRoutes::RequireIdentity`].
    #[must_use]
    pub fn protected_routes(mut self, protected: ProtectedRoutes) -> Self {
        self.protected = protected;
        self
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.tokens.realm = realm;
        self
    }
}

impl Policy for OptionalAuth {
    fn name(&self) -> &'static str {
        "optional-auth"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        match self.tokens.judge(head, context) {
            Ok(proof) if self.protected.need_identity(context) => self.tokens.require(proof).into(),
            Ok(_) => Verdict::Pass,
            Err(rejection) => rejection.into(),
        }
    }
}

// === impl StrictAuth ===

impl StrictAuth {
    /// Judges tokens with `verifier`.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { tokens: Tokens::new(verifier) }
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.tokens.realm = realm;
        self
    }
}

impl Policy for StrictAuth {
    fn name(&self) -> &'static str {
        "strict-auth"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        self.tokens.judge(head, context).and_then(|proof| self.tokens.require(proof)).into()
    }
}

// === impl LenientAuth ===

impl LenientAuth {
    /// Judges tokens with `verifier`.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { tokens: Tokens::new(verifier), protected: ProtectedRoutes::default() }
    }

    /// Says who may ask protected routes. Default: [`ProtectedRoutes::RequireIdentity`].
    #[must_use]
    pub fn protected_routes(mut self, protected: ProtectedRoutes) -> Self {
        self.protected = protected;
        self
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.tokens.realm = realm;
        self
    }
}

impl Policy for LenientAuth {
    fn name(&self) -> &'static str {
        "lenient-auth"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let needs_identity = self.protected.need_identity(context);
        match self.tokens.judge(head, context) {
            Ok(proof) if needs_identity => self.tokens.require(proof).into(),
            Ok(_) => Verdict::Pass,
            // Leniency is for stale tokens. Two credentials are a request nobody can read.
            Err(rejection)
                if self.protected.let_anonymous_in(context) && is_about_the_token(&rejection) =>
            {
                context.note(self.name(), "invalid-token-ignored");
                Verdict::Pass
            }
            Err(rejection) => rejection.into(),
        }
    }
}

fn is_about_the_token(rejection: &Rejection) -> bool {
    rejection.kind() == RejectionKind::Unauthenticated
}
