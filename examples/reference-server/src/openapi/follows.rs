//! What follows from how a route is declared: who may ask, how he proves it, and what every answer and refusal has.

use http::Method;
use palisade::{
    authn_jwt::ProtectedRoutes,
    core::{Access, RouteTag},
    route_registry::{Declared, Registry},
};
use utoipa::openapi::{Ref, ResponseBuilder, SecurityRequirement};

use super::components;

/// Refusals of every route: a path or credentials that could be read in two ways, a bad credential, somebody who is blocked,
/// banned or may not, a limit, a part of the server that does not answer.
const ALWAYS: [u16; 5] = [400, 401, 403, 429, 503];

/// How a route is declared.
pub(super) struct Known {
    /// Its path, as descriptions write it.
    pub(super) template: String,
    access: Access,
    scopes: Vec<String>,
    /// The names of its parameters.
    pub(super) parameters: Vec<String>,
    /// Whether the rate limit holds for it.
    is_limited: bool,
    is_stream: bool,
    takes_query_token: bool,
}

/// Which credentials count, beside what the class says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Proof {
    /// A token or an API key.
    Any,
    /// A token.
    Token,
}

/// How the method of this pattern is declared, if it is.
pub(super) fn of(registry: &Registry, method: &Method, pattern: &str) -> Option<Known> {
    let is_it = |declared: &&Declared| {
        declared.pattern().as_str() == pattern
            && declared.methods().is_none_or(|methods| methods.contains(method))
    };
    let declared = registry.routes().find(is_it)?;
    let template = declared.pattern().template();
    // What decides is asked, so that tags by prefix are known: a parameter in braces is a text like any other.
    let found = registry.resolve(method, &template);
    let has = |tag| found.route().has_tag(tag);
    Some(Known {
        access: found.access(),
        scopes: found.scopes().map(str::to_owned).collect(),
        parameters: declared.pattern().names().map(str::to_owned).collect(),
        is_limited: has(RouteTag::API),
        is_stream: has(RouteTag::STREAM),
        takes_query_token: has(RouteTag::STREAM) && !has(RouteTag::TICKET_ONLY),
        template,
    })
}

// === impl Known ===

impl Known {
    /// The name of the class.
    pub(super) fn access(&self) -> &'static str {
        match self.access {
            Access::Public => "public",
            Access::Protected => "protected",
            Access::Authenticated => "authenticated",
            Access::Admin => "admin",
        }
    }

    /// What proves who asks; any one of it does. Nothing, where anybody may ask.
    pub(super) fn security(
        &self,
        proof: Proof,
        protected_routes: ProtectedRoutes,
    ) -> Vec<SecurityRequirement> {
        if self.access == Access::Public {
            return Vec::new();
        }
        let needs_nothing =
            self.access == Access::Protected && protected_routes == ProtectedRoutes::LetAnonymousIn;
        let mut all = Vec::new();
        if needs_nothing {
            all.push(SecurityRequirement::default());
        }
        let mut names = vec![components::BEARER];
        if proof == Proof::Any {
            names.push(components::API_KEY);
        }
        if self.takes_query_token {
            names.push(components::QUERY_TOKEN);
        }
        if self.is_stream {
            names.push(components::QUERY_TICKET);
        }
        all.extend(names.into_iter().map(|name| SecurityRequirement::new(name, &self.scopes)));
        all
    }

    /// The statuses of its refusals; `own` are those that it has beside.
    pub(super) fn refusals(&self, own: &[u16]) -> Vec<u16> {
        let of_parameters = [404].into_iter().filter(|_| !self.parameters.is_empty());
        let all = ALWAYS.iter().chain(own).copied().chain(of_parameters);
        let mut all: Vec<u16> = all.collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// An answer with the headers that all answers of the route have.
    pub(super) fn with_headers(&self, answer: ResponseBuilder) -> ResponseBuilder {
        let limits = components::LIMITS.iter().filter(|_| self.is_limited);
        [&components::REQUEST_ID].into_iter().chain(limits).fold(answer, |answer, name| {
            answer.header_ref(*name, Ref::new(format!("#/components/headers/{name}")))
        })
    }
}
