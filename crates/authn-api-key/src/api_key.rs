//! What is known of a key, as lists and the file tell it.

use std::time::SystemTime;

use palisade_core::{Identity, IdentityKind};
use serde::{Deserialize, Serialize};

use crate::KeyId;

const LONGEST_NAME: usize = 100;
/// As long as a user id that auto-ban tracks.
const LONGEST_OWNER: usize = 256;
const LONGEST_GRANT: usize = 64;
const MOST_GRANTS: usize = 32;

/// What is known of a key: all but its secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    rename_all = "camelCase",
    deny_unknown_fields,
    expecting = "an object with `id`, `owner` and `created`"
)]
#[non_exhaustive]
pub struct ApiKey {
    /// Its public name.
    pub id: KeyId,
    /// What people call it. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The subject of the identity it proves.
    pub owner: String,
    /// The roles of that identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The scopes of that identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The plan of that identity: which quota it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// When it was made.
    #[serde(with = "palisade_core::rfc3339")]
    pub created: SystemTime,
    /// When it ends; never if there is none.
    #[serde(
        default,
        with = "palisade_core::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires: Option<SystemTime>,
    /// Since when it is disabled.
    #[serde(
        default,
        with = "palisade_core::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub disabled: Option<SystemTime>,
    /// The minute in which it was last used.
    #[serde(
        default,
        with = "palisade_core::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_used: Option<SystemTime>,
    /// Until when the secret before the last rotation is good as well; it is not if there is none.
    #[serde(
        default,
        with = "palisade_core::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub old_secret_until: Option<SystemTime>,
}

// === impl ApiKey ===

impl ApiKey {
    /// Checks what people wrote. Says what is expected if it is something else.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let is_text =
            |text: &str, most: usize| text.len() <= most && !text.chars().any(char::is_control);
        let is_name = |text: &str, most: usize| !text.trim().is_empty() && is_text(text, most);
        if !is_text(&self.name, LONGEST_NAME) {
            return Err("a name of at most 100 bytes without control characters");
        }
        if !is_name(&self.owner, LONGEST_OWNER) {
            return Err("an owner of 1 to 256 bytes without control characters");
        }
        if self.roles.len() > MOST_GRANTS || self.scopes.len() > MOST_GRANTS {
            return Err("at most 32 roles and 32 scopes");
        }
        if !self.roles.iter().chain(&self.scopes).all(|grant| is_name(grant, LONGEST_GRANT)) {
            return Err("roles and scopes of 1 to 64 bytes without control characters");
        }
        if self.scopes.iter().any(|scope| scope.contains(char::is_whitespace)) {
            return Err("scopes without spaces");
        }
        if !self.plan.iter().all(|plan| is_name(plan, LONGEST_GRANT)) {
            return Err("a plan of 1 to 64 bytes without control characters");
        }
        Ok(())
    }

    /// What it proves.
    pub(crate) fn identity(&self) -> Identity {
        let mut identity = Identity::new(self.owner.as_str(), IdentityKind::ApiKey);
        for role in &self.roles {
            identity = identity.role(role.as_str());
        }
        for scope in &self.scopes {
            identity = identity.scope(scope.as_str());
        }
        if let Some(plan) = &self.plan {
            identity = identity.plan(plan.as_str());
        }
        match self.expires {
            Some(end) => identity.expires(end),
            None => identity,
        }
    }
}
