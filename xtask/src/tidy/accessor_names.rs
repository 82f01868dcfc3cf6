//! A getter is named after what it gives; what changes something says what it does.

use crate::{tidy::finding::Finding, workspace::Workspace};

/// Finds public functions of libraries and programs that begin with `get_` or `set_`. In tests, a `get` may be a request.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in workspace.sources().filter(|file| file.path.contains("src/")) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(name) = prefixed(line) {
                findings.push(Finding::in_line(
                    &file.path,
                    index,
                    format!("`{name}`: name it without the prefix"),
                ));
            }
        }
    }
    findings
}

/// The name of the public function declared in `line`, if it has one of the prefixes.
fn prefixed(line: &str) -> Option<&str> {
    let (visibility, declared) = line.trim_start().split_once("fn ")?;
    if !visibility.starts_with("pub") {
        return None;
    }
    let name = declared.split(['(', '<']).next()?;
    (name.starts_with("get_") || name.starts_with("set_")).then_some(name)
}
