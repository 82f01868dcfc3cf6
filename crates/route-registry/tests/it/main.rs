//! The registry, strict paths and the dispatch, as a user sees them.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::disallowed_methods,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::fn_params_excessive_bools,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

#[cfg(feature = "axum")]
mod axum_router;
#[cfg(feature = "axum")]
mod axum_routes;
mod broken;
#[cfg(feature = "axum")]
mod dispatch;
mod documented;
mod lint;
#[cfg(feature = "matched-path")]
mod matched_path;
#[cfg(feature = "matched-path")]
mod matched_routes;
mod methods;
#[cfg(feature = "openapi")]
mod openapi;
mod patterns;
mod policy;
mod precedence;
mod properties;
mod readings;
mod scopes;
mod strict_paths;
mod tags;
mod threats;
mod twin_law;
mod twins;
mod work;

use http::Method;
use palisade_route_registry::{Registry, RegistryBuilder};

/// A registry of public patterns.
fn registry(patterns: &[&str]) -> Registry {
    builder(patterns).build().unwrap()
}

fn builder(patterns: &[&str]) -> RegistryBuilder {
    patterns.iter().fold(Registry::builder(), |builder, pattern| builder.public(*pattern))
}

/// What GET `path` finds: the pattern and its parameters, or nothing.
fn found(registry: &Registry, path: &str) -> Option<(String, Vec<(String, String)>)> {
    let found = registry.resolve(&Method::GET, path);
    let params = found.params();
    let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    found.declared().map(|declared| (declared.pattern().to_string(), params))
}

/// Whether `pattern` alone matches `path`, and with which values.
fn values(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (_, params) = found(&registry(&[pattern]), path)?;
    Some(params.into_iter().map(|(_, value)| value).collect())
}
