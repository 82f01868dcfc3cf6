//! Paths, patterns, mounts, decisions, explanations and the policy, from outside.

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

mod changes;
mod decisions;
mod explanations;
mod folding;
mod git;
mod holdings;
mod listings;
mod model;
mod mounts;
mod paths;
mod patterns;
mod policy;
mod standings;

use std::time::{Duration, SystemTime};

use palisade_core::{Identity, IdentityKind};
use palisade_vfs_acl::{Acl, Mount, Rule, VfsPath};

/// The time of tests.
const NOW: SystemTime = SystemTime::UNIX_EPOCH;

fn later(seconds: u64) -> SystemTime {
    NOW + Duration::from_secs(seconds)
}

fn path(text: &str) -> VfsPath {
    VfsPath::parse(text).unwrap()
}

fn user(subject: &str) -> Identity {
    Identity::new(subject, IdentityKind::Jwt)
}

/// A mount `docs` and these rules.
fn docs(rules: impl IntoIterator<Item = Rule>) -> Acl {
    Acl::builder().mount(Mount::at("docs")).rules(rules).build().unwrap()
}
