//! Looks for all signatures at once, in time linear in what is looked at.

use std::sync::atomic::{AtomicU64, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use palisade_core::ConfigError;

use super::{Signature, SignatureHits, SignatureKind, views};

/// The most texts there may be to look for.
const MOST_PATTERNS: usize = 4096;

/// The compiled signatures.
#[derive(Debug)]
pub(super) struct Scanner {
    signatures: Vec<(Signature, AtomicU64)>,
    path: Automaton,
    query: Automaton,
}

/// One pass over a text finds whatever stands in it.
#[derive(Debug)]
struct Automaton {
    search: AhoCorasick,
    /// For each pattern the place of its signature, and whether a word has to end behind it.
    patterns: Vec<(usize, End)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Anywhere,
    OfWord,
}

// === impl Scanner ===

impl Scanner {
    pub(super) fn new(signatures: Vec<Signature>) -> Result<Self, ConfigError> {
        let path = Automaton::new(&signatures, Signature::looks_in_path)?;
        let query = Automaton::new(&signatures, Signature::looks_in_query)?;
        let signatures = signatures.into_iter().map(|own| (own, AtomicU64::new(0))).collect();
        Ok(Self { signatures, path, query })
    }

    /// The signature that stands in a request: of several one that counts at once.
    pub(super) fn find(&self, path: &str, query: Option<&str>) -> Option<&Signature> {
        let mut found = self.look(&self.path, views::of_path(path));
        for end in query.map(views::ends_of).into_iter().flatten() {
            if !end.is_empty() && !found.is_some_and(|found| self.is_probe(found)) {
                found = self.look(&self.query, views::of_query(end)).or(found);
            }
        }
        let (signature, seen) = self.signatures.get(found?)?;
        seen.fetch_add(1, Ordering::Relaxed);
        Some(signature)
    }

    pub(super) fn hits(&self) -> Vec<SignatureHits> {
        let hits = |(signature, seen): &(Signature, AtomicU64)| {
            SignatureHits::new(signature.id(), signature.kind(), seen.load(Ordering::Relaxed))
        };
        self.signatures.iter().map(hits).collect()
    }

    fn look(&self, automaton: &Automaton, views: (&[u8], Option<Vec<u8>>)) -> Option<usize> {
        let (plain, decoded) = views;
        let found = self.look_at(automaton, plain);
        match decoded {
            Some(decoded) if !found.is_some_and(|found| self.is_probe(found)) => {
                self.look_at(automaton, &decoded).or(found)
            }
            _ => found,
        }
    }

    fn look_at(&self, automaton: &Automaton, text: &[u8]) -> Option<usize> {
        let mut first = None;
        for found in automaton.search.find_overlapping_iter(text) {
            let Some((place, end)) = automaton.patterns.get(found.pattern().as_usize()) else {
                continue;
            };
            if *end == End::OfWord && text.get(found.end()).is_some_and(|next| is_word(*next)) {
                continue;
            }
            if self.is_probe(*place) {
                return Some(*place);
            }
            first.get_or_insert(*place);
        }
        first
    }

    fn is_probe(&self, place: usize) -> bool {
        self.signatures.get(place).is_some_and(|(signature, _)| signature.kind().is_probe())
    }
}

// === impl Automaton ===

impl Automaton {
    fn new(
        signatures: &[Signature],
        looks_here: impl Fn(&Signature) -> bool,
    ) -> Result<Self, ConfigError> {
        let here = signatures.iter().enumerate().filter(|(_, signature)| looks_here(signature));
        let (texts, patterns): (Vec<&str>, Vec<_>) = here
            .flat_map(|(place, signature)| {
                signature
                    .patterns()
                    .map(move |text| (text, (place, End::of(text, signature.kind()))))
            })
            .unzip();
        let count = texts.len();
        let wrong = |expected: String| {
            ConfigError::new("number of patterns", count.to_string()).expected(expected)
        };
        if count > MOST_PATTERNS {
            return Err(wrong(format!("{MOST_PATTERNS} at most")));
        }
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            // Some hundred KiB more than the usual automaton, and a third of the instructions for each byte of each request.
            .kind(Some(AhoCorasickKind::DFA))
            .build(texts)
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { search, patterns })
    }
}

// === impl End ===

impl End {
    /// `/.env` is not `/.environment`; behind `/cgi-bin/` stands anything.
    fn of(text: &str, kind: SignatureKind) -> Self {
        if kind == SignatureKind::Scanner && !text.ends_with('/') {
            Self::OfWord
        } else {
            Self::Anywhere
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
