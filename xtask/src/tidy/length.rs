//! A file is short enough to be read in one go, or says why not.

use crate::{tidy::finding::Finding, workspace::Workspace};

const LIMIT: usize = 400;

/// Longer files, each with its excuse.
const EXCUSED: [(&str, &str); 0] = [];

/// Finds files that are too long, and excuses nobody needs.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    judge(workspace, &EXCUSED)
}

pub(super) fn judge(workspace: &Workspace, excused: &[(&str, &str)]) -> Vec<Finding> {
    let long: Vec<(&str, usize)> = workspace
        .sources()
        .map(|file| (file.path.as_str(), file.text.lines().count()))
        .filter(|(_, lines)| *lines > LIMIT)
        .collect();
    let unexcused = long
        .iter()
        .filter(|(path, _)| !excused.iter().any(|(known, _)| known == path))
        .map(|(path, lines)| {
            Finding::new(
                *path,
                format!("{lines} lines; over {LIMIT} needs an excuse in tidy/length.rs"),
            )
        });
    let needless = excused
        .iter()
        .filter(|(known, _)| !long.iter().any(|(path, _)| path == known))
        .map(|(known, _)| Finding::new(*known, "is excused in tidy/length.rs and not too long"));
    unexcused.chain(needless).collect()
}
