//! Feeds what reads the bytes of strangers, and holds it to its laws: the bodies of the fuzz targets, as plain functions.
//!
//! Each takes any bytes and panics where a law is broken. `fuzz_targets/` hands them to libFuzzer, `main.rs` feeds them on
//! toolchains that have none. Inputs to start from are in `seeds/`.

#![forbid(unsafe_code)]

mod api_key;
mod audit;
mod paths;
mod patterns;
mod reports;
mod sealed;
mod stream;
mod token;
mod vfs_paths;
mod vfs_patterns;

pub use self::{
    api_key::api_key, audit::audit, paths::paths, patterns::patterns, reports::reports,
    sealed::sealed, stream::stream, token::token, vfs_paths::vfs_paths, vfs_patterns::vfs_patterns,
};

/// A target: its name, and what is done with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 10] = [
    ("api_key", api_key),
    ("audit", audit),
    ("paths", paths),
    ("patterns", patterns),
    ("reports", reports),
    ("sealed", sealed),
    ("stream", stream),
    ("token", token),
    ("vfs_paths", vfs_paths),
    ("vfs_patterns", vfs_patterns),
];
