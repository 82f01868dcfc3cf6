//! No dependency by path leads out of the workspace: what is checked out is what is built.

use crate::{tidy::finding::Finding, workspace::Workspace};

/// Finds dependencies by path that are no member.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &workspace.members {
        for dependency in &member.dependencies {
            let is_member = workspace.members.iter().any(|other| other.name == dependency.name);
            if let Some(path) = dependency.path.as_ref().filter(|_| !is_member) {
                let message =
                    format!("`{}` is taken from {path}, outside the workspace", dependency.name);
                findings.push(Finding::new(member.manifest_path(), message));
            }
        }
    }
    findings
}
