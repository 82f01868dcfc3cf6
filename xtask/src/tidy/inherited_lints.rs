//! Lints are the workspace's, in every member.

use crate::{tidy::finding::Finding, workspace::Workspace};

/// Finds members that do not inherit the lints.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let inherits = |manifest: &toml::Table| {
        manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(toml::Value::as_bool)
            .unwrap_or(false)
    };
    let without = workspace.members.iter().filter(|member| !inherits(&member.manifest));
    let message = "does not inherit the lints: add `[lints]` with `workspace = true`";
    without.map(|member| Finding::new(member.manifest_path(), message)).collect()
}
