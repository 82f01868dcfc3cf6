//! Lints are the workspace's, in every member; the one that may hold `unsafe` has them too, but for that word.

use toml::{Table, Value};

use crate::{
    tidy::finding::Finding,
    workspace::{Member, Workspace},
};

/// The one member with `unsafe`. Cargo lets nobody inherit the lints and change one, so it has a copy of them.
const UNSAFE: &str = "crates/mapped-file";
const ROOT: &str = "Cargo.toml";

/// Finds members that do not have the lints.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace.members.iter().filter_map(|member| of_member(member, workspace)).collect()
}

fn of_member(member: &Member, workspace: &Workspace) -> Option<Finding> {
    let lints = member.manifest.get("lints");
    if member.folder == UNSAFE {
        let fine = lints.and_then(Value::as_table) == copy(workspace).as_ref();
        let message =
            "has other lints than the workspace: copy them, with `unsafe_code = \"deny\"`";
        return (!fine).then(|| Finding::new(member.manifest_path(), message));
    }
    let inherits = lints.and_then(|lints| lints.get("workspace")).and_then(Value::as_bool);
    let message = "does not inherit the lints: add `[lints]` with `workspace = true`";
    (inherits != Some(true)).then(|| Finding::new(member.manifest_path(), message))
}

/// The workspace's lints, where `unsafe` is denied, so that one block can be excused, and not forbidden.
fn copy(workspace: &Workspace) -> Option<Table> {
    let root: Table = workspace.file(ROOT)?.text.parse().ok()?;
    let mut lints = root.get("workspace")?.get("lints")?.as_table()?.clone();
    let rust = lints.get_mut("rust")?.as_table_mut()?;
    let was = rust.insert("unsafe_code".into(), "deny".into());
    // Were it not forbidden to all others, this one would be no exception.
    (was.as_ref().and_then(Value::as_str) == Some("forbid")).then_some(lints)
}
