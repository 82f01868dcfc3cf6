//! Every source file says on its first line what it is for.

use crate::{tidy::finding::Finding, workspace::Workspace};

/// Finds files that open with anything but a `//!` line that says something.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let says = |text: &str| {
        let first = text.lines().next().unwrap_or_default();
        first.strip_prefix("//!").is_some_and(|rest| !rest.trim().is_empty())
    };
    let silent = workspace.sources().filter(|file| !says(&file.text));
    silent.map(|file| Finding::new(&file.path, "does not open with a `//!` line")).collect()
}
