//! What routers that are less exact could take a path for: letter case ignored, a `/` at the end too, escapes decoded.

use std::{borrow::Cow, sync::Arc};

use crate::{
    Declared,
    endpoint::Endpoint,
    fold::{Fold, decoded, in_ascii, is_plain},
    trie::{Trie, Walk},
};

/// All declarations, as each router sees them that could stand behind.
#[derive(Debug)]
pub(crate) struct Twins {
    /// The first one sees least.
    readers: [Reader; 4],
    /// What there is in patterns that is not seen.
    in_patterns: Vec<Fold>,
}

/// A router that does not see some differences, in a path and in a pattern.
#[derive(Debug)]
struct Reader {
    folds: &'static [Fold],
    shapes: Trie<Vec<Endpoint>>,
}

// === impl Twins ===

impl Twins {
    /// Adds a declaration of `endpoint`.
    pub(crate) fn add(&mut self, declared: &Arc<Declared>, endpoint: &Endpoint) {
        let segments = declared.pattern().segments();
        for fold in Fold::ALL {
            let is_in_pattern = fold.pattern(segments.to_vec()) != segments;
            if is_in_pattern && !self.in_patterns.contains(&fold) {
                self.in_patterns.push(fold);
            }
        }
        for reader in &mut self.readers {
            reader.add(declared, endpoint);
        }
    }

    /// What `path` could be taken for, beside `found`, which it is for. One who sees a difference and one who does not may
    /// find two routes, so each is asked.
    pub(crate) fn find(&self, path: &str, found: Option<&Endpoint>) -> Vec<&Endpoint> {
        let mut others: Vec<&Endpoint> = Vec::new();
        if self.in_patterns.is_empty() && is_plain(path) {
            return others;
        }
        let decoded = decoded(path);
        let in_ascii = in_ascii(&decoded);
        let unescaped = matches!(decoded, Cow::Owned(_)).then_some(&*decoded);
        let is_found = |twin: &Endpoint| found.is_some_and(|found| found.is(twin));
        for spelling in [Some(path), unescaped, in_ascii.as_deref()].into_iter().flatten() {
            for (place, reader) in self.readers(&decoded).enumerate() {
                let twins = reader.find(spelling);
                for twin in twins.iter().filter(|twin| !is_found(twin)) {
                    note(&mut others, twin);
                }
                if place == 0 && twins.iter().any(is_found) {
                    // All others see more, so they have fewer to choose from, and this one is among them.
                    break;
                }
            }
        }
        others
    }

    /// Those that may differ about `path`: where there is nothing that one does not see, one that sees it finds the same.
    fn readers(&self, path: &str) -> impl Iterator<Item = &Reader> {
        let is_there = |fold: &Fold| self.in_patterns.contains(fold) || fold.is_in(path);
        self.readers.iter().filter(move |reader| reader.folds.iter().all(is_there))
    }
}

/// Adds `twin`, unless another router finds it too.
fn note<'t>(others: &mut Vec<&'t Endpoint>, twin: &'t Endpoint) {
    if !others.iter().any(|known| known.is(twin)) {
        others.push(twin);
    }
}

impl Default for Twins {
    fn default() -> Self {
        let folds: [&[Fold]; 4] = [&Fold::ALL, &[Fold::Case], &[Fold::Slash], &[]];
        Self {
            readers: folds.map(|folds| Reader { folds, shapes: Trie::default() }),
            in_patterns: Vec::new(),
        }
    }
}

// === impl Reader ===

impl Reader {
    fn add(&mut self, declared: &Arc<Declared>, endpoint: &Endpoint) {
        let segments = declared.pattern().segments().to_vec();
        let seen = self.folds.iter().fold(segments, |segments, fold| fold.pattern(segments));
        let twins = self.shapes.place(&seen).get_or_insert_default();
        match twins.iter_mut().find(|twin| endpoint.is(twin)) {
            // The endpoint itself has accepted it, so its copy does too.
            Some(twin) => drop(twin.add(Arc::clone(declared))),
            None => twins.push(Endpoint::of(Arc::clone(declared))),
        }
    }

    /// Of several that it takes for one it may take any.
    fn find(&self, path: &str) -> &[Endpoint] {
        let seen = self.folds.iter().fold(Cow::Borrowed(path), |path, fold| fold.path(path));
        self.shapes.find(&mut Walk::new(&seen)).map_or(&[], Vec::as_slice)
    }
}
