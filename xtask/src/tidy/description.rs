//! A crate is described once: the manifest says the first sentence of the docs.

use crate::{
    tidy::finding::Finding,
    workspace::{Member, Workspace},
};

/// Finds manifests that describe a crate otherwise than its docs do.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace.members.iter().filter_map(|member| of_member(member, workspace)).collect()
}

fn of_member(member: &Member, workspace: &Workspace) -> Option<Finding> {
    let root = ["lib", "main"]
        .iter()
        .find_map(|name| workspace.file(&format!("{}/src/{name}.rs", member.folder)))?;
    let docs = first_sentence(&root.text);
    let Some(description) = &member.description else {
        return Some(Finding::new(
            member.manifest_path(),
            format!("has no description; the docs say: {docs}"),
        ));
    };
    let said = plain(description);
    (said != docs).then(|| {
        Finding::new(
            member.manifest_path(),
            format!("describes the crate as `{said}`; its docs say `{docs}`"),
        )
    })
}

/// The first sentence of the docs at the top of a file, without its full stop.
pub(super) fn first_sentence(text: &str) -> String {
    let paragraph: Vec<&str> = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let paragraph = paragraph.join(" ");
    plain(paragraph.split_once(". ").map_or(paragraph.as_str(), |(sentence, _)| sentence))
}

/// Manifests are not rendered: no backticks there.
fn plain(text: &str) -> String {
    text.trim().trim_end_matches('.').replace('`', "")
}
