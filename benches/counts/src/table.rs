//! Counts, as a table and as the file they are kept in.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::case::{self, Case};

/// What one request costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) instructions: u64,
    pub(crate) allocations: u64,
}

/// A row of the table.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Row {
    instructions: u64,
    allocations: u64,
    /// What it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beyond: Option<String>,
}

/// The counts of each case.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Table {
    rows: BTreeMap<String, Row>,
}

/// A difference of a few instructions is none: tables of hashes have other seeds in every process.
const NOISE: i64 = 10;

impl Table {
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    }

    pub(crate) fn write(&self, path: &Path) {
        let text = serde_json::to_string_pretty(self).expect("JSON");
        fs::write(path, format!("{text}\n")).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    }

    pub(crate) fn insert(&mut self, case: Case, counts: Counts) {
        let Counts { instructions, allocations } = counts;
        let row = Row { instructions, allocations, beyond: case.beyond.map(str::to_owned) };
        self.rows.insert(case.name.to_owned(), row);
    }

    /// The same, with other counts of one case.
    pub(crate) fn with(&self, case: Case, counts: Counts) -> Self {
        let mut other = self.clone();
        other.insert(case, counts);
        other
    }

    /// One line for people.
    pub(crate) fn row(&self, case: Case) -> String {
        let Some(Row { instructions, allocations, .. }) = self.rows.get(case.name) else {
            return String::new();
        };
        let row = format!("{:<44} {instructions:>9} {allocations:>5}", case.name);
        match self.beyond(case) {
            Some((instructions, allocations)) => {
                format!("{row} {instructions:>+9} {allocations:>+5}")
            }
            None => row,
        }
    }

    /// A line for each case that costs more than `known` allows: 3 % more instructions, or one more allocation, beyond
    /// what it is compared with.
    pub(crate) fn worse_than(&self, known: &Self) -> Vec<String> {
        case::all().filter_map(|case| self.finding(case, known)).collect()
    }

    fn finding(&self, case: Case, known: &Self) -> Option<String> {
        let (now, allocations) = self.price(case)?;
        let Some((before, allocations_before)) = known.price(case) else {
            return Some(format!("{}: nothing is kept to compare with", case.name));
        };
        let most = before + (before * 3 / 100).max(NOISE);
        let worse = |what, now, before| Some(format!("{}: {now} {what}, not {before}", case.name));
        if now > most {
            worse("instructions", now, before)
        } else if allocations > allocations_before {
            worse("allocations", allocations, allocations_before)
        } else {
            None
        }
    }

    /// What a case costs by itself.
    fn price(&self, case: Case) -> Option<(i64, i64)> {
        let Row { instructions, allocations, .. } = self.rows.get(case.name)?;
        let whole = (instructions.cast_signed(), allocations.cast_signed());
        Some(self.beyond(case).unwrap_or(whole))
    }

    fn beyond(&self, case: Case) -> Option<(i64, i64)> {
        let (own, base) = (self.rows.get(case.name)?, self.rows.get(case.beyond?)?);
        let less = |own: u64, base: u64| own.cast_signed() - base.cast_signed();
        Some((less(own.instructions, base.instructions), less(own.allocations, base.allocations)))
    }
}
