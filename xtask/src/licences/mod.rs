//! Every package we build on may be used: its licence is on the list in `deny.toml`.

mod expression;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fs};

use serde::Deserialize;

use crate::{
    Failure,
    command::root,
    metadata::{Metadata, Package},
};

/// `deny.toml`, as far as we read it.
#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Licences,
}

#[derive(Debug, Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// A licence that one crate may have.
#[derive(Debug, Deserialize)]
struct Exception {
    #[serde(rename = "crate", alias = "name")]
    name: String,
    allow: BTreeSet<String>,
}

/// Checks all packages of the lock file, with every feature.
pub(crate) fn check() -> Result<(), Failure> {
    let text = fs::read_to_string(root().join("deny.toml"))
        .map_err(|error| format!("deny.toml: {error}"))?;
    let packages = Metadata::of_everything()?.packages;
    let offenders = judge(&packages, &text)?;
    if offenders.is_empty() {
        println!("licences: {} packages, all allowed by deny.toml", packages.len());
        return Ok(());
    }
    Err(format!(
        "{}\nlicences: {} packages are not allowed by deny.toml",
        offenders.join("\n"),
        offenders.len()
    ))
}

/// The packages that `deny` (the text of a `deny.toml`) does not allow, a line each.
fn judge(packages: &[Package], deny: &str) -> Result<Vec<String>, Failure> {
    let Deny { licenses } = toml::from_str(deny).map_err(|error| format!("deny.toml: {error}"))?;
    let offence = |package: &Package| {
        let Package { name, version, license, license_file, .. } = package;
        let Some(expression) = license else {
            let file = license_file.as_deref().unwrap_or("no file either");
            return Some(format!("{name} {version}: names no licence ({file})"));
        };
        let is_allowed = |licence: &str| {
            let mut exceptions =
                licenses.exceptions.iter().filter(|exception| exception.name == *name);
            licenses.allow.contains(licence)
                || exceptions.any(|exception| exception.allow.contains(licence))
        };
        match expression::evaluate(expression, &is_allowed) {
            Ok(true) => None,
            Ok(false) => Some(format!("{name} {version}: {expression}")),
            Err(error) => Some(format!("{name} {version}: `{expression}`: {error}")),
        }
    };
    Ok(packages.iter().filter_map(offence).collect())
}
