//! Policies as the Observatory reads them (`src/analyzer/cspParser.js`): several become one, and a mistake spoils all.

use std::collections::{BTreeMap, HashSet};

use crate::audit::csp::{MOST_BYTES, MOST_DIRECTIVES};

/// A policy that cannot be read: too short, too long for anybody to mean it, or with a directive that stands twice.
#[derive(Debug)]
pub(super) struct Unreadable;

/// What all policies of an answer come to.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) directives: BTreeMap<String, Vec<String>>,
    /// Whether a directive that says where to report stands twice.
    pub(super) reports_twice: bool,
}

/// What it takes for a policy: one letter less than `img-src`.
const SHORTEST: usize = 6;
/// What may stand twice.
const REPEATABLE: [&str; 2] = ["report-uri", "report-to"];

struct Entry {
    source: String,
    policy: usize,
    is_kept: bool,
}

// === impl Merged ===

impl Merged {
    pub(super) fn read<'a>(policies: impl Iterator<Item = &'a str>) -> Result<Self, Unreadable> {
        let clean = |policy: &str| policy.replace(['\r', '\n'], "").trim().to_owned();
        let policies: Vec<String> = policies.map(clean).collect();
        let bytes = policies.iter().fold(0_usize, |sum, policy| sum.saturating_add(policy.len()));
        let directives = policies.iter().flat_map(|policy| policy.split(';')).filter_map(directive);
        if bytes > MOST_BYTES || directives.count() > MOST_DIRECTIVES {
            return Err(Unreadable);
        }
        if policies.iter().any(|policy| policy.encode_utf16().count() < SHORTEST) {
            return Err(Unreadable);
        }
        let (mut entries, mut reports_twice) = (BTreeMap::new(), false);
        for (number, policy) in policies.iter().enumerate() {
            let mut seen: HashSet<String> = HashSet::new();
            for (name, sources) in policy.split(';').filter_map(directive) {
                let is_again = !seen.insert(name.clone());
                if is_again && !REPEATABLE.contains(&name.as_str()) {
                    return Err(Unreadable);
                }
                reports_twice |= is_again;
                let before = entries.remove(&name).filter(|_| number > 0).unwrap_or_default();
                let merged = merged(before, sources, (number, policies.len()));
                entries.insert(name, merged);
            }
        }
        let directives = entries.into_iter().map(|(name, sources)| (name, flat(sources))).collect();
        Ok(Self { directives, reports_twice })
    }

    pub(super) fn sources(&self, name: &str) -> Option<&[String]> {
        self.directives.get(name).map(Vec::as_slice)
    }
}

/// A directive's name and sources; a list of sources without any is `'none'`.
fn directive(text: &str) -> Option<(String, Vec<String>)> {
    let mut words = text.split_whitespace().map(str::to_lowercase);
    let name = words.next()?;
    let mut sources: Vec<String> = words.collect();
    if sources.is_empty() && name.ends_with("-src") {
        sources.push("'none'".to_owned());
    }
    Some((name, sources))
}

/// Of the first policy a source is left out that begins as its neighbour does. Of each further one a source is kept that the
/// ones before have too.
fn merged(
    before: Vec<Entry>,
    sources: Vec<String>,
    (policy, policies): (usize, usize),
) -> Vec<Entry> {
    let is_kept = policy == 0;
    let mut entries = before;
    entries.extend(sources.into_iter().map(|source| Entry { source, policy, is_kept }));
    entries.sort_by(|a, b| a.source.cmp(&b.source));
    let mut previous: Option<(String, usize)> = None;
    for entry in &mut entries {
        if let Some((source, number)) = &previous {
            if *number == entry.policy && entry.source.starts_with(source.as_str()) {
                entry.is_kept = false;
            }
            if *number != entry.policy && covers(source, &entry.source) {
                entry.is_kept = true;
            }
        }
        previous = Some((entry.source.clone(), entry.policy));
    }
    entries.retain(|entry| entry.is_kept);
    for entry in entries.iter_mut().filter(|_| is_kept && policies > 1) {
        entry.is_kept = false;
    }
    entries
}

/// Whether a source with a path covers another (CSP 3 section 6.7.2.12).
fn covers(source: &str, other: &str) -> bool {
    if source.is_empty() || source == "/" && other.is_empty() {
        return true;
    }
    match source.strip_suffix('/') {
        Some(folder) => other.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        None => source == other,
    }
}

/// The sources that are left, each once; none at all is `'none'`. They come sorted.
fn flat(entries: Vec<Entry>) -> Vec<String> {
    let mut sources: Vec<String> = entries.into_iter().map(|entry| entry.source).collect();
    sources.dedup();
    if sources.is_empty() {
        sources.push("'none'".to_owned());
    }
    sources
}
