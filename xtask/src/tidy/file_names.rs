//! A file is named after what is in it, so never after nothing in particular.

use crate::{tidy::finding::Finding, workspace::Workspace};

const FORBIDDEN: [&str; 6] =
    ["utils.rs", "util.rs", "helpers.rs", "helper.rs", "types.rs", "misc.rs"];

/// Finds files and folders with names that say nothing.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let says_nothing = |path: &str| {
        let mut parts = path.rsplit('/');
        parts.next().is_some_and(|file| FORBIDDEN.contains(&file))
            || parts
                .any(|folder| FORBIDDEN.iter().any(|name| name.strip_suffix(".rs") == Some(folder)))
    };
    let named = workspace.sources().filter(|file| says_nothing(&file.path));
    named.map(|file| Finding::new(&file.path, "name it after what is in it")).collect()
}
