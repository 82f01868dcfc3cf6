//! What came back of many requests.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use super::{ask::Ask, socket::Answer};

/// So many findings are told of.
const SHOWN: usize = 50;

/// What came back of many requests.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How many requests of a kind were answered so.
    pub(crate) statuses: BTreeMap<(&'static str, u16), usize>,
    /// What should not have come back.
    pub(crate) findings: Vec<String>,
}

// === impl Report ===

impl Report {
    /// Takes note of an answer, of which none may hold a mark.
    pub(crate) fn note(&mut self, ask: &Ask, answer: Option<&Answer>, marks: &[String]) {
        let Some(answer) = answer else {
            self.findings.push(format!("{ask}: no answer"));
            return;
        };
        *self.statuses.entry((ask.kind(), answer.status)).or_default() += 1;
        if answer.status >= 500 {
            self.findings.push(format!("{ask}: {}", answer.status));
        }
        if let Some(mark) = marks.iter().find(|mark| answer.holds(mark)) {
            self.findings.push(format!("{ask}: {} with {mark:?}", answer.status));
        }
        if ask.kind() == "listing" && answer.status == 200 {
            let page: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            let files = page["files"].as_array().into_iter().flatten();
            let mut names = files.map(|file| file["path"].as_str().unwrap_or_default());
            if let Some(name) = names.find(|name| !name.starts_with("docs/")) {
                self.findings.push(format!("{ask}: lists {name:?}"));
            }
        }
    }

    pub(crate) fn requests(&self) -> usize {
        self.statuses.values().sum()
    }

    /// How many requests of this kind were answered so.
    pub(crate) fn count(&self, kind: &'static str, status: u16) -> usize {
        self.statuses.get(&(kind, status)).copied().unwrap_or_default()
    }

    pub(crate) fn join(mut self, other: Self) -> Self {
        for (answer, count) in other.statuses {
            *self.statuses.entry(answer).or_default() += count;
        }
        self.findings.extend(other.findings);
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} requests", self.requests())?;
        for ((kind, status), count) in &self.statuses {
            writeln!(f, "  {kind:<8} {status} {count}")?;
        }
        writeln!(f, "{} findings", self.findings.len())?;
        self.findings.iter().take(SHOWN).try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}
