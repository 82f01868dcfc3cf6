//! The three modes of authentication: optional, strict and lenient.

use http::request;
use palisade_core::{
    Access, ClientIp, CredentialKind, Policy, Presented, Realm, Rejection, RejectionKind, Route,
    SecurityContext, Verdict,
};

#[cfg(feature = "remote")]
use crate::verifier::Asked;
use crate::{TokenError, Verified, Verifier, challenge};

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

/// Why it is not known what a request has to show.
enum Doubt {
    Refused(Rejection),
    /// Somebody else is asked about the token.
    #[cfg(feature = "remote")]
    Open(Asked),
}

/// What a mode makes of what a request has to show.
trait Mode: Clone + Send + Sync + 'static {
    fn tokens(&self) -> &Tokens;

    fn decide(
        &self,
        shown: Result<Proof, Rejection>,
        context: &SecurityContext,
    ) -> Result<(), Rejection>;
}

/// Decides at once, unless somebody else must be asked about the token.
fn decide<M: Mode>(mode: &M, head: &request::Parts, context: &SecurityContext) -> Verdict {
    let shown = match mode.tokens().judge(head, context) {
        Ok(proof) => Ok(proof),
        Err(Doubt::Refused(rejection)) => Err(rejection),
        #[cfg(feature = "remote")]
        Err(Doubt::Open(asked)) => {
            let (mode, context) = (mode.clone(), context.clone());
            return Verdict::Wait(Box::pin(async move {
                let verdict = asked.await;
                mode.decide(mode.tokens().accept(verdict, &context), &context)
            }));
        }
    };
    mode.decide(shown, context).into()
}

// === impl Tokens ===

impl Tokens {
    fn new(verifier: Verifier) -> Self {
        Self { verifier, realm: Realm::default() }
    }

    /// Learns the identity, if there is a valid token. A key that is not ours to judge is nothing.
    fn judge(&self, head: &request::Parts, context: &SecurityContext) -> Result<Proof, Doubt> {
        if context.identity().is_some() {
            return Ok(Proof::Identity);
        }
        match context.credential(head) {
            Presented::One(credential) if credential.kind() == CredentialKind::Bearer => {
                let (token, now) = (credential.token().expose(), context.arrived());
                let client = context.client_ip().map(ClientIp::key);
                let verdict = self.verifier.judge(token, now, client);
                #[cfg(feature = "remote")]
                if let Err(error) = verdict
                    && let Some(asked) = self.verifier.ask(token, now, client, error)
                {
                    return Err(Doubt::Open(asked));
                }
                Ok(self.accept(verdict, context)?)
            }
            Presented::Nothing | Presented::One(_) => Ok(Proof::Nothing),
            Presented::Several => Err(self.realm.ambiguous_credentials().into()),
            // Whatever core learns to find one day, it is not a token we verified.
            _ => Err(challenge::wrong_scheme(&self.realm).into()),
        }
    }

    /// Learns who a good token is from.
    fn accept(
        &self,
        verdict: Result<Verified, TokenError>,
        context: &SecurityContext,
    ) -> Result<Proof, Rejection> {
        let verified = verdict.map_err(|error| challenge::refused(&self.realm, error))?;
        context.attach(verified.claims().clone());
        context.learn_identity(verified.identity().clone());
        Ok(Proof::Identity)
    }

    fn require(&self, proof: Proof) -> Result<(), Rejection> {
        match proof {
            Proof::Identity => Ok(()),
            Proof::Nothing => Err(self.realm.credentials_required()),
        }
    }
}

// === impl Doubt ===

impl From<Rejection> for Doubt {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
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
        decide(self, head, context)
    }
}

impl Mode for OptionalAuth {
    fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    fn decide(
        &self,
        shown: Result<Proof, Rejection>,
        context: &SecurityContext,
    ) -> Result<(), Rejection> {
        let proof = shown?;
        if self.protected.need_identity(context) { self.tokens.require(proof) } else { Ok(()) }
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
        decide(self, head, context)
    }
}

impl Mode for StrictAuth {
    fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    fn decide(
        &self,
        shown: Result<Proof, Rejection>,
        _context: &SecurityContext,
    ) -> Result<(), Rejection> {
        self.tokens.require(shown?)
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
        decide(self, head, context)
    }
}

impl Mode for LenientAuth {
    fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    fn decide(
        &self,
        shown: Result<Proof, Rejection>,
        context: &SecurityContext,
    ) -> Result<(), Rejection> {
        match shown {
            Ok(proof) if self.protected.need_identity(context) => self.tokens.require(proof),
            Ok(_) => Ok(()),
            // Leniency is for stale tokens. Two credentials are a request nobody can read.
            Err(rejection)
                if self.protected.let_anonymous_in(context) && is_about_the_token(&rejection) =>
            {
                context.note(self.name(), "invalid-token-ignored");
                Ok(())
            }
            Err(rejection) => Err(rejection),
        }
    }
}

fn is_about_the_token(rejection: &Rejection) -> bool {
    rejection.kind() == RejectionKind::Unauthenticated
}
