//! The scopes of a route: who asks it needs all of them, beside its class.

use std::sync::Arc;

use http::request;
use palisade_core::{Policy, Realm, Rejection, SecurityContext, Verdict};

use crate::Match;

/// Asks for the scopes that are declared with a route. Stands behind the authentication.
///
/// 403 `insufficient-scope`, with the challenge of RFC 6750 section 3.1, to an identity that lacks one; 401
/// `credentials-required` where nobody was proven. Routes without scopes pass.
///
/// The dispatch of an `AccessRouter` asks too, so that no declared scope is forgotten there. In front of any other
/// service, a declared scope is asked for by this policy alone.
///
/// ```
/// use palisade_core::{GateLayer, Policies, Realm};
/// use palisade_route_registry::{Declare, Registry, RoutePolicy, ScopePolicy};
///
/// let write = Declare::authenticated("/posts/:id").scope("posts:write");
/// let registry = Registry::builder().declare(write).build()?;
/// // Between the two stands the authentication.
/// let policies = RoutePolicy::new(registry).then(ScopePolicy::new().realm(Realm::new("posts")?));
/// let layer = GateLayer::new(policies);
/// # Ok::<(), palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScopePolicy {
    realm: Realm,
}

/// What [`RoutePolicy`](crate::RoutePolicy) leaves in the context of a route with scopes.
#[derive(Clone, Debug)]
pub(crate) struct RequiredScopes(Arc<[Box<str>]>);

// === impl ScopePolicy ===

impl ScopePolicy {
    /// Asks for what the registry declares.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.realm = realm;
        self
    }

    /// Whether who is asking has all scopes that were left in `context`.
    pub(crate) fn ask(&self, context: &SecurityContext) -> Result<(), Rejection> {
        let Some(RequiredScopes(scopes)) = context.attached() else { return Ok(()) };
        let Some(identity) = context.identity() else {
            return Err(self.realm.credentials_required());
        };
        let has = |scope: &str| identity.scopes().any(|own| own == scope);
        match scopes.iter().find(|scope| !has(scope)) {
            None => Ok(()),
            Some(missing) => Err(self
                .realm
                .insufficient_scope(&scopes)
                .reason(format!("the scope `{missing}` is missing"))),
        }
    }
}

impl Policy for ScopePolicy {
    fn name(&self) -> &'static str {
        "scope"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        self.ask(context).into()
    }
}

// === impl RequiredScopes ===

impl RequiredScopes {
    pub(crate) fn leave(found: &Match<'_, '_>, context: &SecurityContext) {
        if let Some(scopes) = found.required_scopes() {
            context.attach(Self(scopes));
        }
    }
}

/// RFC 6749 section 3.3: `scope-token`. Nothing else can end the challenge or add an attribute to it.
pub(crate) fn is_scope(text: &str) -> bool {
    let is_of_scope = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_of_scope)
}
