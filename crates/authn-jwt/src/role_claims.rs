//! Which claims hold roles, scopes and the plan.

use std::collections::HashSet;

use palisade_core::Identity;

use crate::json::{Json, Object};

/// Which claims hold roles, each a string or an array of strings. Other types grant nothing.
///
/// Default: `roles`, `role`, `app_metadata.roles` and `app_metadata.role`. Name none that users can write themselves,
/// such as Supabase's `user_metadata`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoleClaims {
    paths: Vec<Path>,
}

/// A claim, or a member of one that is an object.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Path {
    outer: Option<Box<str>>,
    name: Box<str>,
}

// === impl RoleClaims ===

impl RoleClaims {
    /// No claim: whoever this issuer vouches for has no role.
    #[must_use]
    pub fn none() -> Self {
        Self { paths: Vec::new() }
    }

    /// Adds the claim `name`. A dot in it is a character like others.
    #[must_use]
    pub fn claim(mut self, name: impl Into<Box<str>>) -> Self {
        self.paths.push(Path { outer: None, name: name.into() });
        self
    }

    /// Adds the member `name` of the claim `outer`, such as `roles` of `realm_access`.
    #[must_use]
    pub fn nested(mut self, outer: impl Into<Box<str>>, name: impl Into<Box<str>>) -> Self {
        self.paths.push(Path { outer: Some(outer.into()), name: name.into() });
        self
    }

    /// Adds to `identity` the roles that `claims` give it, in their order, and none twice.
    ///
    /// Each is looked up, not searched for: where an issuer is asked about tokens, nobody has seen a signature yet.
    pub(crate) fn grant(&self, claims: &Object<'_>, identity: Identity) -> Identity {
        let roles = self.paths.iter().filter_map(|path| path.find(claims)).flat_map(Json::strings);
        let mut seen: HashSet<&str> = identity.roles().collect();
        let others: Vec<&str> =
            roles.filter(|&role| !role.is_empty() && seen.insert(role)).collect();
        drop(seen);
        others.into_iter().fold(identity, Identity::role)
    }
}

impl Default for RoleClaims {
    fn default() -> Self {
        Self::none()
            .claim("roles")
            .claim("role")
            .nested("app_metadata", "roles")
            .nested("app_metadata", "role")
    }
}

impl Path {
    fn find<'a, 'b>(&self, claims: &'a Object<'b>) -> Option<&'a Json<'b>> {
        match &self.outer {
            Some(outer) => claims.get(outer)?.as_object()?.get(&self.name),
            None => claims.get(&self.name),
        }
    }
}

/// Adds the scopes of `scope` (RFC 8693 section 4.2: separated by spaces) or `scp`, and the `plan`.
pub(crate) fn grant_scopes_and_plan(claims: &Object<'_>, identity: Identity) -> Identity {
    let scopes =
        ["scope", "scp"].into_iter().filter_map(|name| claims.get(name)).flat_map(Json::strings);
    let scopes = scopes.flat_map(|text| text.split(' ')).filter(|scope| !scope.is_empty());
    let identity = scopes.fold(identity, Identity::scope);
    match claims.get("plan").and_then(Json::as_str) {
        Some(plan) if !plan.is_empty() => identity.plan(plan),
        _ => identity,
    }
}
