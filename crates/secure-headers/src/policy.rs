//! The decision: draws a nonce on the way in, picks the route's headers and writes them on the way out.

use std::{fmt, sync::Arc};

use http::{HeaderName, header, request, response};
use palisade_core::{ConfigError, Policy, Route, RouteTag, SecurityContext, Verdict, header::find};

use crate::{CspNonce, HeaderSet, RouteMatch, compiled::Compiled};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Writes security headers on every answer. See the [crate docs](crate) for the rules.
#[derive(Clone, Debug)]
pub struct SecureHeadersPolicy {
    usual: HeaderSet,
    compiled: Compiled,
    overrides: Vec<Override>,
    draws_nonce: bool,
}

/// What some routes have other than usual.
#[derive(Clone)]
struct Override {
    routes: RouteMatch,
    changes: Vec<Arc<Change>>,
    compiled: Compiled,
}

type Change = dyn Fn(HeaderSet) -> Result<HeaderSet, ConfigError> + Send + Sync;

// === impl SecureHeadersPolicy ===

impl SecureHeadersPolicy {
    /// The same headers for every route.
    #[must_use]
    pub fn new(headers: HeaderSet) -> Self {
        Self::assemble(headers, Vec::new())
    }

    /// The documented headers, [`HeaderSet::polymech`], and for routes tagged [`RouteTag::EMBED`] the documented
    /// override: no `X-Frame-Options`, `frame-ancestors *`.
    #[must_use]
    pub fn polymech() -> Self {
        let usual = HeaderSet::polymech();
        let embed = Override {
            routes: RouteTag::EMBED.into(),
            compiled: Compiled::of(&usual.clone().embeddable()),
            changes: vec![Arc::new(|headers: HeaderSet| Ok(headers.embeddable()))],
        };
        Self::assemble(usual, vec![embed])
    }

    /// For services that answer data: [`HeaderSet::api`].
    #[must_use]
    pub fn api() -> Self {
        Self::new(HeaderSet::api())
    }

    /// For sites that load all of their own from themselves: [`HeaderSet::strict`].
    #[must_use]
    pub fn strict() -> Self {
        Self::new(HeaderSet::strict())
    }

    /// Changes the usual headers. Overrides are made again on top of the changed ones, so it does not matter which is
    /// said first.
    ///
    /// # Errors
    ///
    /// Those of `change`, and of an override that no longer fits.
    pub fn change(
        self,
        change: impl FnOnce(HeaderSet) -> Result<HeaderSet, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let (usual, mut overrides) = (change(self.usual)?, self.overrides);
        for over in &mut overrides {
            over.remake(&usual)?;
        }
        Ok(Self::assemble(usual, overrides))
    }

    /// Changes the headers of some routes, on top of the usual ones and of earlier changes for the same routes.
    ///
    /// An override by id is taken before one by tag; of several by tag, the one that was declared first. They do not add
    /// up: an answer gets one set.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub fn override_for(
        self,
        routes: impl Into<RouteMatch>,
        change: impl Fn(HeaderSet) -> Result<HeaderSet, ConfigError> + Send + Sync + 'static,
    ) -> Result<Self, ConfigError> {
        let (routes, change) = (routes.into(), Arc::new(change));
        let Self { usual, compiled, mut overrides, .. } = self;
        if let Some(known) = overrides.iter_mut().find(|known| known.routes == routes) {
            known.changes.push(change);
            known.remake(&usual)?;
        } else {
            let mut new = Override { routes, changes: vec![change], compiled };
            new.remake(&usual)?;
            overrides.push(new);
        }
        // Ids first; the sort is stable, so tags keep the order they were declared in.
        overrides.sort_by_key(|over| !matches!(over.routes, RouteMatch::Id(_)));
        Ok(Self::assemble(usual, overrides))
    }

    /// Which headers an answer gets is known on the way out; what they may need is collected on the way in.
    fn assemble(usual: HeaderSet, overrides: Vec<Override>) -> Self {
        let compiled = Compiled::of(&usual);
        let all = || overrides.iter().map(|over| &over.compiled).chain([&compiled]);
        let draws_nonce = all().any(Compiled::uses_nonce);
        Self { usual, compiled, overrides, draws_nonce }
    }

    /// The headers for a route; the usual ones where it is not known, as for what is refused before it was.
    fn headers_for(&self, route: Option<&Route>) -> &Compiled {
        let over =
            route.and_then(|route| self.overrides.iter().find(|over| over.routes.matches(route)));
        over.map_or(&self.compiled, |over| &over.compiled)
    }
}

impl Policy for SecureHeadersPolicy {
    fn name(&self) -> &'static str {
        "secure-headers"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if self.draws_nonce {
            context.attach(CspNonce::random());
        }
        let has = |name| find(&head.headers, name).is_some();
        if has(&header::AUTHORIZATION) || has(&API_KEY) {
            context.see_credential();
        }
        Verdict::Pass
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        self.headers_for(context.route()).write(context, answer);
    }
}

// === impl Override ===

impl Override {
    fn remake(&mut self, usual: &HeaderSet) -> Result<(), ConfigError> {
        let set = self.changes.iter().try_fold(usual.clone(), |set, change| change(set))?;
        self.compiled = Compiled::of(&set);
        Ok(())
    }
}

impl fmt::Debug for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Override")
            .field("routes", &self.routes)
            .field("compiled", &self.compiled)
            .finish_non_exhaustive()
    }
}
