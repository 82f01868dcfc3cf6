//! What cargo knows about packages.

use serde::Deserialize;

use crate::{Failure, command::output};

/// The answer of `cargo metadata`, as far as we read it.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

/// A package.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) license_file: Option<String>,
    pub(crate) manifest_path: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// What a package depends on, by the name of the package that is meant.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) optional: bool,
    pub(crate) path: Option<String>,
}

impl Metadata {
    /// The members alone.
    pub(crate) fn of_members() -> Result<Self, Failure> {
        Self::ask(&["metadata", "--format-version", "1", "--locked", "--no-deps"])
    }

    /// The members and all they depend on.
    pub(crate) fn of_everything() -> Result<Self, Failure> {
        Self::ask(&["metadata", "--format-version", "1", "--locked", "--all-features"])
    }

    fn ask(arguments: &[&str]) -> Result<Self, Failure> {
        let answer = output("cargo", arguments)?;
        serde_json::from_slice(&answer).map_err(|error| format!("cargo metadata: {error}"))
    }
}

impl Dependency {
    /// Whether tests and examples alone need it.
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}
