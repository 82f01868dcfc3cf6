//! No file names a path of the machine it was written on.

use crate::{tidy::finding::Finding, workspace::Workspace};

const FORBIDDEN: [&str; 4] = ["/work/", "/root/", "/tmp/", "/home/"];

/// Where they may stand: the beginning of a path, and the reason.
const ALLOWED: [(&str, &str); 1] = [("xtask/src/tidy/", "names what it looks for")];

/// Finds paths of a machine.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_checked = |path: &str| !ALLOWED.iter().any(|(start, _)| path.starts_with(start));
    for file in workspace.files.iter().filter(|file| is_checked(&file.path)) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(path) = FORBIDDEN.iter().find(|path| begins_in(line, path)) {
                findings.push(Finding::in_line(
                    &file.path,
                    index,
                    format!("names `{path}`, a path of one machine"),
                ));
            }
        }
    }
    findings
}

/// Whether an absolute path that starts with `path` begins in `line`: `a/work/` and `https://x.example/tmp/` do not.
fn begins_in(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || "_-./}*".contains(letter))
    })
}
