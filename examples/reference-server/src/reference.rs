//! What a person reads to know the API: its description, and the programs that show it in a browser.

use std::sync::OnceLock;

use axum::body::Bytes;
use palisade::{authn_jwt::ProtectedRoutes, route_registry::Registry};

use crate::{
    app::StartError,
    openapi, routes,
    settings::{Environment, Secret, Settings},
};

/// The description, and the programs that show it. All of it is in the binary: a browser asks no other host.
#[derive(Debug)]
pub(crate) struct Reference {
    /// There once the routes are known.
    description: OnceLock<Bytes>,
    /// Unpacked when somebody asks for it: it has five megabytes.
    scalar: OnceLock<Option<Bytes>>,
    /// What Scalar sends as the caller's token; never in production.
    token: Option<Secret>,
    protected_routes: ProtectedRoutes,
}

// === impl Reference ===

impl Reference {
    pub(crate) fn new(settings: &Settings) -> Self {
        let token = settings.scalar_auth_token.clone();
        Self {
            description: OnceLock::new(),
            scalar: OnceLock::new(),
            token: token.filter(|_| settings.environment == Environment::Development),
            protected_routes: settings.protected_routes,
        }
    }

    /// Describes the routes of `registry`.
    ///
    /// # Errors
    ///
    /// A description that cannot be written down.
    pub(crate) fn describe(&self, registry: &Registry) -> Result<(), StartError> {
        let document = openapi::document(registry, routes::described(), self.protected_routes);
        let document = Bytes::from(serde_json::to_vec(&document)?);
        self.description.get_or_init(|| document);
        Ok(())
    }

    pub(crate) fn description(&self) -> Option<Bytes> {
        self.description.get().cloned()
    }

    pub(crate) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// Scalar's program.
    pub(crate) fn scalar(&self) -> Option<Bytes> {
        let unpack = || scalar_api_reference::get_asset("scalar.js").map(Bytes::from);
        self.scalar.get_or_init(unpack).clone()
    }
}
