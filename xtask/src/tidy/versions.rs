//! The version of a dependency stands once, in the root's manifest.

use crate::{tidy::finding::Finding, workspace::Workspace};

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Finds members that name a version, a path or a source of their own.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &workspace.members {
        let targets = member.manifest.get("target").and_then(toml::Value::as_table);
        let of_targets =
            targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
        for table in std::iter::once(&member.manifest).chain(of_targets) {
            let own = TABLES
                .iter()
                .filter_map(|name| table.get(*name)?.as_table())
                .flat_map(own_versions)
                .filter(|(name, entry)| !(*name == member.name && is_itself(entry)));
            findings.extend(own.map(|(name, _)| {
                let message = format!(
                    "`{name}` does not come from the workspace: write `{name}.workspace = true`"
                );
                Finding::new(member.manifest_path(), message)
            }));
        }
    }
    findings
}

/// The dependencies of `table` that do not say `workspace = true`.
fn own_versions(table: &toml::Table) -> impl Iterator<Item = (&str, &toml::Value)> {
    let inherits = |entry: &toml::Value| {
        entry.get("workspace").and_then(toml::Value::as_bool).unwrap_or(false)
    };
    table
        .iter()
        .filter(move |(_, entry)| !inherits(entry))
        .map(|(name, entry)| (name.as_str(), entry))
}

/// Whether `entry` is the crate itself: that is how its tests turn its features on, and a version there could not be
/// published.
fn is_itself(entry: &toml::Value) -> bool {
    entry.get("path").and_then(toml::Value::as_str) == Some(".") && entry.get("version").is_none()
}
