//! Every threat in the model has a test of its name, and every test that is named after one finds it there.

use std::collections::BTreeSet;

use crate::{tidy::finding::Finding, workspace::Workspace};

const MODEL: &str = "docs/threat-model.md";

/// Finds threats without a test, and tests without a threat.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let Some(model) = workspace.file(MODEL) else { return Vec::new() };
    let told: BTreeSet<String> = model.text.lines().filter_map(threat_of_row).collect();
    let mut tested = BTreeSet::new();
    let mut strangers = Vec::new();
    for source in workspace.sources() {
        for name in source.text.lines().filter_map(function) {
            for threat in threats_of(name) {
                if !told.contains(&threat) {
                    let message =
                        format!("`{name}` is named after a threat that {MODEL} does not tell of");
                    strangers.push(Finding::new(&source.path, message));
                }
                tested.insert(threat);
            }
        }
    }
    let untested = told.difference(&tested);
    let untested = untested.map(|threat| Finding::new(MODEL, format!("{threat} has no test")));
    strangers.into_iter().chain(untested).collect()
}

/// The threat of a row like `| J1 | … |`.
fn threat_of_row(line: &str) -> Option<String> {
    let name = line.strip_prefix("| ")?.split(" |").next()?;
    is_threat(&name.to_ascii_lowercase()).then(|| name.to_owned())
}

/// The name of the function that begins in this line.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

/// `w4_w5_every_refusal` is about two.
fn threats_of(name: &str) -> impl Iterator<Item = String> {
    name.split('_').take_while(|part| is_threat(part)).map(str::to_ascii_uppercase)
}

/// A letter of the model's, and a number of one or two digits.
fn is_threat(text: &str) -> bool {
    let mut letters = text.chars();
    let known = letters.next().is_some_and(|letter| "acdehjloprvw".contains(letter));
    let digits = letters.as_str();
    known && (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}
