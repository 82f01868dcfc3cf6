//! Many rules about one principal, found by the folder they begin at and by how the last name ends.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasherDefault, Hasher},
};

use aho_corasick::AhoCorasick;
use palisade_core::KeyedHash;

use crate::{
    CasePolicy,
    compiled_rule::CompiledRule,
    place::{Tail, extension},
};

/// The numbers of rules, by a hash of where all they reach lies; ascending in each list. A rule that is found may not apply:
/// two places may have one hash, and a place says less than a pattern.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    lists: HashMap<u64, Span, BuildHasherDefault<Taken>>,
    numbers: Box<[u32]>,
    /// The number of segments of the longest folder: beyond it no lookup can find anything.
    depth: usize,
    tails: Tails,
    parts: Option<Parts>,
}

/// What is somewhere in a path, all looked for at once: for patterns of which neither folder nor tail tells much.
#[derive(Clone, Debug)]
struct Parts {
    automaton: AhoCorasick,
    /// The hash of each part.
    keys: Box<[u64]>,
}

/// A rule, and what it is found by.
struct Entry {
    key: u64,
    number: u32,
    part: Option<Box<str>>,
}

/// Which sorts of tails there are: what there is none of is not looked for.
#[derive(Clone, Copy, Debug, Default)]
struct Tails {
    names: bool,
    extensions: bool,
}

/// Where in all numbers those of one place are.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: u32,
    to: u32,
}

/// So many rules are asked one by one.
const CROWD: usize = 8;

/// Takes a hash for what it is.
#[derive(Clone, Copy, Debug, Default)]
struct Taken(u64);

// === impl Folders ===

impl Folders {
    /// Of rules, which are numbered as they stand there.
    pub(crate) fn of(rules: &[CompiledRule], case: CasePolicy, hash: &KeyedHash) -> Self {
        let (mut entries, mut depth, mut tails) = (Vec::new(), 0, Tails::default());
        for (number, rule) in (0..).zip(rules) {
            for place in rule.places(case) {
                let names =
                    if place.folder.is_empty() { 0 } else { place.folder.split('/').count() };
                depth = depth.max(names);
                tails.names |= matches!(place.tail, Tail::Name(_));
                tails.extensions |= matches!(place.tail, Tail::Extension(_));
                let key = hash_of(&place.folder, place.tail.as_deref(), hash);
                entries.push(Entry { key, number, part: place.part });
            }
        }
        let parts = Parts::of_crowds(&mut entries, hash);
        let mut entries: Vec<(u64, u32)> =
            entries.into_iter().map(|entry| (entry.key, entry.number)).collect();
        entries.sort_unstable();
        entries.dedup();
        let mut lists: HashMap<u64, Span, _> = HashMap::default();
        for (at, (key, _)) in (0..).zip(&entries) {
            let span = lists.entry(*key).or_insert(Span { from: at, to: at });
            span.to = span.to.saturating_add(1);
        }
        lists.shrink_to_fit();
        let numbers = entries.into_iter().map(|(_, number)| number).collect();
        Self { lists, numbers, depth, tails, parts }
    }

    /// The numbers of rules that may reach `path`: lists, each of them ascending.
    pub(crate) fn along<'a>(
        &'a self,
        path: &'a str,
        hash: &'a KeyedHash,
    ) -> impl Iterator<Item = &'a [u32]> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let on_the_way = ends.take(self.depth).filter(|end| *end > 0);
        let folders = [0].into_iter().chain(on_the_way).filter_map(|end| path.get(..end));
        let name = path.rsplit('/').next().unwrap_or_default();
        let extension = extension(name).filter(|_| self.tails.extensions);
        let tails = [
            Some(Tail::Any),
            self.tails.names.then_some(Tail::Name(name)),
            extension.map(Tail::Extension),
        ];
        let keys = folders.flat_map(move |folder| {
            tails.into_iter().flatten().map(move |tail| hash_of(folder, tail, hash))
        });
        let parts = self.parts.iter().flat_map(|parts| parts.of(path));
        keys.chain(parts).filter_map(|key| self.list(key))
    }

    fn list(&self, key: u64) -> Option<&[u32]> {
        let span = self.lists.get(&key)?;
        let range = usize::try_from(span.from).ok()?..usize::try_from(span.to).ok()?;
        self.numbers.get(range)
    }
}

// === impl Parts ===

impl Parts {
    /// Finds those by a part that stand in one list with too many others.
    fn of_crowds(entries: &mut [Entry], hash: &KeyedHash) -> Option<Self> {
        entries.sort_unstable_by_key(|entry| entry.key);
        let crowds = entries.chunk_by_mut(|one, other| one.key == other.key);
        let crowded = crowds.filter(|crowd| crowd.len() > CROWD).flatten();
        let mut crowded: Vec<&mut Entry> = crowded.filter(|entry| entry.part.is_some()).collect();
        let part = |entry: &&mut Entry| entry.part.clone().unwrap_or_default();
        let parts: BTreeSet<Box<str>> = crowded.iter().map(part).collect();
        if parts.is_empty() {
            return None;
        }
        // Over a bound of the engine they stay where they are.
        let automaton = AhoCorasick::new(parts.iter().map(|part| part.as_bytes())).ok()?;
        let key = |part: &str| hash_of("", Tail::Part(part), hash);
        for entry in &mut crowded {
            entry.key = entry.part.as_deref().map_or(entry.key, key);
        }
        Some(Self { automaton, keys: parts.iter().map(|part| key(part)).collect() })
    }

    /// The hashes of the parts that are in `path`.
    fn of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = u64> + 'a {
        let found = self.automaton.find_overlapping_iter(path);
        found.filter_map(|part| self.keys.get(part.pattern().as_usize()).copied())
    }
}

fn hash_of(folder: &str, tail: Tail<&str>, hash: &KeyedHash) -> u64 {
    match tail {
        Tail::Any => hash.of(folder),
        other => hash.of(&(folder, other)),
    }
}

// === impl Tail ===

impl Tail<Box<str>> {
    fn as_deref(&self) -> Tail<&str> {
        match self {
            Self::Any => Tail::Any,
            Self::Name(name) => Tail::Name(name),
            Self::Extension(extension) => Tail::Extension(extension),
            Self::Part(part) => Tail::Part(part),
        }
    }
}

// === impl Taken ===

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Never asked: keys are numbers.
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
