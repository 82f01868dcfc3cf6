//! Nothing is left open: no gap, no test that does not run, no waiting by the clock.

use crate::{tidy::finding::Finding, workspace::Workspace};

/// What must not stand in a source, and why.
const FORBIDDEN: [(&str, &str); 4] = [
    ("todo!", "finish it or leave it out"),
    ("unimplemented!", "finish it or leave it out"),
    ("#[ignore", "a test that does not run is no test"),
    ("sleep(", "time comes from a clock; wait for an event, not for time"),
];

/// Where it may stand: the beginning of a path, what, and the reason.
const ALLOWED: [(&str, &str, &str); 7] = [
    ("xtask/src/tidy/", "", "names what it looks for"),
    ("crates/autoban/src/suspicious/", "sleep(", "injected SQL, in a list"),
    ("crates/autoban/tests/it/signatures.rs", "sleep(", "a question about Python, in a list"),
    (
        "examples/reference-server/src/listener.rs",
        "sleep(",
        "out of descriptors: nothing tells when one is free",
    ),
    ("examples/reference-server/src/timer.rs", "sleep(", "the timer of the stack itself"),
    (
        "examples/reference-server/src/pulse/hangup.rs",
        "sleep(",
        "how long a client who reads may take to read why he is cut off",
    ),
    (
        "examples/reference-server/src/paced.rs",
        "sleep(",
        "a client that reads nothing gives no other event",
    ),
];

/// Finds what is left open.
pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    judge(workspace, &ALLOWED)
}

pub(super) fn judge(workspace: &Workspace, allowed: &[(&str, &str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in workspace.sources() {
        let is_allowed = |word: &str| {
            allowed.iter().any(|(path, what, _)| {
                file.path.starts_with(path) && (what.is_empty() || *what == word)
            })
        };
        for (word, why) in FORBIDDEN.iter().filter(|(word, _)| !is_allowed(word)) {
            let lines = file.text.lines().enumerate().filter(|(_, line)| stands_in(line, word));
            findings.extend(
                lines.map(|(index, _)| {
                    Finding::in_line(&file.path, index, format!("`{word}`: {why}"))
                }),
            );
        }
    }
    findings
}

/// Whether `word` stands in `line`, not as the end of a longer name such as `no_sleep(`.
fn stands_in(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}
