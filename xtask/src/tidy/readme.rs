//! The README's table of crates is the folder `crates/`.

use std::collections::BTreeSet;

use crate::{tidy::finding::Finding, workspace::Workspace};

const README: &str = "README.md";

/// Finds crates that one of the two has and the other has not.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let listed: BTreeSet<&str> = workspace
        .file(README)
        .map(|readme| readme.text.lines().filter_map(crate_of_row).collect())
        .unwrap_or_default();
    if listed.is_empty() {
        return vec![Finding::note(README, "has no table of crates yet; not compared")];
    }
    let there: BTreeSet<&str> = workspace
        .members
        .iter()
        .filter_map(|member| member.folder.strip_prefix("crates/"))
        .collect();
    let missing = there
        .difference(&listed)
        .map(|name| Finding::new(README, format!("does not list crates/{name}")));
    let gone = listed
        .difference(&there)
        .map(|name| Finding::new(README, format!("lists crates/{name}, which is no member")));
    missing.chain(gone).collect()
}

/// The crate of a row like ``| [`crates/core`](crates/core) | … |``. A row with two names counts as neither.
fn crate_of_row(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix("| [`crates/")?.split_once("`](crates/")?;
    let (target, _) = rest.split_once(')')?;
    (name == target.trim_end_matches('/')).then_some(name)
}
