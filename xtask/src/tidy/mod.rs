//! The house rules, a file each: what a reviewer should not have to look for.

mod accessor_names;
mod description;
mod file_names;
mod finding;
mod first_line;
mod floors;
mod inherited_lints;
mod length;
mod machine_paths;
mod path_dependencies;
mod readme;
#[cfg(test)]
mod tests;
mod threats;
mod unfinished;
mod versions;
mod whitespace;

use crate::{Failure, tidy::finding::Finding, workspace::Workspace};

/// A rule: its name, and what finds where it is broken.
type Rule = (&'static str, fn(&Workspace) -> Vec<Finding>);

const RULES: [Rule; 14] = [
    ("floors", floors::check),
    ("inherited-lints", inherited_lints::check),
    ("first-line", first_line::check),
    ("length", length::check),
    ("readme", readme::check),
    ("path-dependencies", path_dependencies::check),
    ("description", description::check),
    ("file-names", file_names::check),
    ("unfinished", unfinished::check),
    ("machine-paths", machine_paths::check),
    ("versions", versions::check),
    ("accessor-names", accessor_names::check),
    ("threats", threats::check),
    ("whitespace", whitespace::check),
];

/// Checks every rule, prints notes, and fails with all that was found.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let found: Vec<(&str, Finding)> = RULES
        .iter()
        .flat_map(|(rule, find)| find(workspace).into_iter().map(move |finding| (*rule, finding)))
        .collect();
    let (notes, mistakes): (Vec<_>, Vec<_>) =
        found.iter().partition(|(_, finding)| finding.is_note());
    for (rule, note) in notes {
        println!("note: {rule}: {note}");
    }
    if mistakes.is_empty() {
        let (rules, files) = (RULES.len(), workspace.files.len());
        println!(
            "tidy: {rules} rules hold in {files} files of {} members",
            workspace.members.len()
        );
        return Ok(());
    }
    let lines: Vec<String> =
        mistakes.iter().map(|(rule, finding)| format!("{rule}: {finding}")).collect();
    Err(format!("{}\ntidy: {} findings", lines.join("\n"), lines.len()))
}
