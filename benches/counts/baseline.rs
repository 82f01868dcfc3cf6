//! What requests cost when it was last written down.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::{Value, json};

use crate::Counts;

/// The counts of each scenario.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    counts: BTreeMap<String, Counts>,
}

impl Baseline {
    pub(crate) fn insert(&mut self, name: &str, counts: Counts) {
        self.counts.insert(name.to_owned(), counts);
    }

    pub(crate) fn get(&self, name: &str) -> Option<Counts> {
        self.counts.get(name).copied()
    }

    /// Reads the committed baseline; an empty one if there is none.
    pub(crate) fn read() -> Self {
        let Ok(text) = fs::read_to_string(path()) else { return Self::default() };
        let file: Value = serde_json::from_str(&text).expect("a baseline");
        let counts = file.as_object().expect("an object").iter().map(|(name, counts)| {
            let number = |member: &str| counts[member].as_u64().expect("a number");
            let (instructions, allocations) = (number("instructions"), number("allocations"));
            (name.clone(), Counts { instructions, allocations })
        });
        Self { counts: counts.collect() }
    }

    /// Writes it down.
    pub(crate) fn write(&self) {
        let file: Value = self
            .counts
            .iter()
            .map(|(name, Counts { instructions, allocations })| {
                let counts = json!({ "instructions": instructions, "allocations": allocations });
                (name.clone(), counts)
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        let text = serde_json::to_string_pretty(&file).expect("JSON");
        fs::write(path(), format!("{text}\n")).expect("the baseline can be written");
    }

    /// A line for each count that is over what `known` allows: 3 % more instructions, no allocation more.
    pub(crate) fn worse_than(&self, known: &Self) -> Vec<String> {
        let mut findings = Vec::new();
        for (name, now) in &self.counts {
            let Some(before) = known.get(name) else {
                findings.push(format!("{name}: not in the baseline; write it with --save"));
                continue;
            };
            if now.instructions * 100 > before.instructions * 103 {
                let (now, before) = (now.instructions, before.instructions);
                findings.push(format!("{name}: {now} instructions, and {before} in the baseline"));
            }
            if now.allocations > before.allocations {
                let (now, before) = (now.allocations, before.allocations);
                findings.push(format!("{name}: {now} allocations, and {before} in the baseline"));
            }
        }
        findings
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("baseline.json")
}
