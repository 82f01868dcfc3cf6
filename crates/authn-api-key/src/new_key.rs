//! What a new key is to be.

use std::time::{Duration, SystemTime};

use palisade_core::ConfigError;

use crate::{ApiKey, KeyId, time};

/// What a new key is to be: whose, for what, for how long.
///
/// ```
/// # use std::time::Duration;
/// use palisade_authn_api_key::NewKey;
/// let order = NewKey::owned_by("exporter").scope("posts:read").lasting(Duration::from_secs(3600));
/// ```
#[derive(Clone, Debug)]
#[must_use = "there is no key until it is created"]
pub struct NewKey {
    owner: String,
    name: String,
    roles: Vec<String>,
    scopes: Vec<String>,
    plan: Option<String>,
    lasting: Option<Duration>,
}

// === impl NewKey ===

impl NewKey {
    /// A key that proves to be `owner`, without a role, for ever.
    pub fn owned_by(owner: impl Into<String>) -> Self {
        Self {
            owner: owner.into(),
            name: String::new(),
            roles: Vec::new(),
            scopes: Vec::new(),
            plan: None,
            lasting: None,
        }
    }

    /// Says what people call it.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Adds a role.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Adds a scope.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Names the plan that says which quota it has.
    pub fn plan(mut self, plan: impl Into<String>) -> Self {
        self.plan = Some(plan.into());
        self
    }

    /// Says how long it is good.
    pub fn lasting(mut self, length: Duration) -> Self {
        self.lasting = Some(length);
        self
    }

    pub(crate) fn into_key(self, id: KeyId, now: SystemTime) -> Result<ApiKey, ConfigError> {
        let Self { owner, name, roles, scopes, plan, lasting } = self;
        let key = ApiKey {
            id,
            name,
            owner,
            roles,
            scopes,
            plan,
            created: now,
            expires: lasting.map(|length| time::after(now, length)).transpose()?,
            disabled: None,
            last_used: None,
            old_secret_until: None,
        };
        // What was written is not repeated: somebody may have taken a key for its name.
        let mistake = |expected| ConfigError::new("API key", "…").expected(expected);
        key.check().map_err(mistake)?;
        Ok(key)
    }
}
