//! No blank at the end of a line, no tab in a source, one line end at the end of a file.

use crate::{
    tidy::finding::Finding,
    workspace::{Workspace, has_ending},
};

/// What people write; data files are as they are.
const CHECKED: [&str; 6] = ["rs", "toml", "md", "yml", "yaml", "sh"];

/// Finds stray whitespace.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in workspace.files.iter().filter(|file| has_ending(&file.path, &CHECKED)) {
        for (index, line) in file.text.split('\n').enumerate() {
            if line.trim_end() != line {
                findings.push(Finding::in_line(&file.path, index, "ends in whitespace"));
            } else if line.trim_start_matches(' ').starts_with('\t') {
                findings.push(Finding::in_line(&file.path, index, "is indented by a tab"));
            }
        }
        if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
            findings.push(Finding::new(&file.path, "does not end in one line end"));
        }
    }
    findings
}
