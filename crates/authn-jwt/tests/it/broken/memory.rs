//! A memory as one writes it in an afternoon, and what others got wrong with theirs.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::{Duration, UNIX_EPOCH},
};

use palisade_authn_jwt::Verifier;
use palisade_core::{Identity, Moment, TokenDigest};

use crate::{
    fixture::{ISSUER, Verdict, said},
    threats::{
        Findings, Trust, keys_of,
        memory::{self, Judge, Row},
        verifier_of,
    },
};

const LIFE: Duration = Duration::from_secs(30);

/// Remembers what a verifier said that remembers nothing.
struct Memory {
    verifier: Verifier,
    fault: Fault,
    known: Known,
    /// When it was first asked.
    first: OnceCell<Moment>,
}

type Known = Rc<RefCell<HashMap<String, Entry>>>;

struct Entry {
    verdict: Verdict,
    since: Moment,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    None,
    /// 30 s are 30 s, whenever the token ends (envoy#23278).
    OutlivesExp,
    /// A token is good until it ends, whatever may have changed meanwhile.
    OutlivesThirtySeconds,
    /// The keys are the verifier's business (PostgREST#4014).
    OutlivesKeys,
    /// And so is all else.
    OutlivesChanges,
    /// One memory serves all verifiers of the process, and does not know them apart (GHSA-4mq7-pvjg-xp2r).
    IsShared,
    /// As a hash that looks at 72 bytes does, such as bcrypt's.
    KnowsTheStart,
    /// Claims that were good are good.
    KnowsTheContent,
    /// A signature that was good is good.
    KnowsTheSignature,
    KnowsNoCase,
    /// Looks at the wall's clock when a token comes for the first time.
    TrustsMonotonicTime,
    /// Looks at no other clock.
    TrustsTheWall,
    /// Reads the clock once (PostgREST#5159).
    StopsTheClock,
    /// A bad token is bad.
    RemembersRefusals,
}

// === impl Memory ===

impl Memory {
    /// What is remembered is found by this.
    fn key(&self, token: &str) -> String {
        let (content, signature) = token.rsplit_once('.').unwrap_or_default();
        match self.fault {
            Fault::KnowsTheStart => token.chars().take(72).collect(),
            Fault::KnowsTheContent => content.to_owned(),
            Fault::KnowsTheSignature => signature.to_owned(),
            Fault::KnowsNoCase => token.to_ascii_lowercase(),
            _ => token.to_owned(),
        }
    }

    fn is_fresh(&self, entry: &Entry, now: Moment) -> bool {
        let age = now.since(entry.since);
        let end = entry.verdict.as_ref().ok().and_then(Identity::expiry).unwrap_or(UNIX_EPOCH);
        match self.fault {
            Fault::OutlivesExp => age < LIFE,
            Fault::RemembersRefusals if entry.verdict.is_err() => age < LIFE,
            Fault::TrustsMonotonicTime => {
                end.duration_since(entry.since.wall()).is_ok_and(|left| age < LIFE.min(left))
            }
            Fault::OutlivesThirtySeconds | Fault::TrustsTheWall => now.wall() < end,
            _ => age < LIFE && (entry.since.wall()..end).contains(&now.wall()),
        }
    }

    fn forget(&self) {
        self.known.borrow_mut().clear();
    }
}

impl Judge for Memory {
    fn says(&self, token: &str, now: Moment) -> Verdict {
        let first = *self.first.get_or_init(|| now);
        let now = if self.fault == Fault::StopsTheClock { first } else { now };
        let key = self.key(token);
        if let Some(entry) = self.known.borrow().get(&key)
            && self.is_fresh(entry, now)
        {
            return entry.verdict.clone();
        }
        let verdict = said(self.verifier.verify(token, now.wall()));
        if verdict.is_ok() || self.fault == Fault::RemembersRefusals {
            let entry = Entry { verdict: verdict.clone(), since: now };
            self.known.borrow_mut().insert(key, entry);
        }
        verdict
    }

    fn change_keys(&self, file: &str) {
        self.verifier.replace_keys(Some(ISSUER), keys_of(file).unwrap()).unwrap();
        if self.fault != Fault::OutlivesKeys {
            self.forget();
        }
    }

    fn change(&self) {
        if self.fault != Fault::OutlivesChanges {
            self.forget();
        }
    }

    fn computed(&self) -> u64 {
        self.verifier.computed_signatures()
    }
}

/// What a row finds wrong with a memory with this fault.
fn findings(row: Row, fault: Fault) -> Findings {
    let shared = Known::default();
    let make = |trust: Trust| -> Box<dyn Judge> {
        let known = if fault == Fault::IsShared { Rc::clone(&shared) } else { Known::default() };
        let verifier = verifier_of(&[trust]).unwrap();
        Box::new(Memory { verifier, fault, known, first: OnceCell::new() })
    };
    row(&make)
}

fn is_found_out(row: Row, fault: Fault) {
    assert_ne!(findings(row, fault), Findings::default(), "{fault:?}");
}

/// Compares the texts of two tokens.
fn compares_texts(listed: &str, shown: &str) -> bool {
    TokenDigest::of(listed) == TokenDigest::of(shown)
}

#[test]
fn j7_to_j14_find_nothing_in_a_memory_without_a_fault() {
    let rows: [Row; 6] =
        [memory::j7, memory::j8, memory::j10, memory::j11, memory::j12, memory::j14];
    for row in rows {
        assert_eq!(findings(row, Fault::None), Findings::default());
    }
}

#[test]
fn j7_finds_who_outlives_the_end_of_a_token() {
    is_found_out(memory::j7, Fault::OutlivesExp);
    is_found_out(memory::j7, Fault::OutlivesThirtySeconds);
    is_found_out(memory::j7, Fault::StopsTheClock);
}

#[test]
fn j8_finds_who_outlives_the_key() {
    is_found_out(memory::j8, Fault::OutlivesKeys);
}

#[test]
fn j10_finds_who_shares_one_memory() {
    is_found_out(memory::j10, Fault::IsShared);
}

#[test]
fn j11_finds_who_remembers_less_than_the_token() {
    is_found_out(memory::j11, Fault::KnowsTheStart);
    is_found_out(memory::j11, Fault::KnowsTheContent);
    is_found_out(memory::j11, Fault::KnowsTheSignature);
    is_found_out(memory::j11, Fault::KnowsNoCase);
}

#[test]
fn j11_finds_who_does_not_know_a_twin() {
    assert_ne!(memory::j11_twins(compares_texts), Findings::default());
}

#[test]
fn j12_finds_who_trusts_one_clock_or_remembers_a_refusal_for_lateness() {
    is_found_out(memory::j12, Fault::TrustsMonotonicTime);
    is_found_out(memory::j12, Fault::TrustsTheWall);
    is_found_out(memory::j12, Fault::StopsTheClock);
    is_found_out(memory::j12, Fault::RemembersRefusals);
}

#[test]
fn j14_finds_who_outlives_changes() {
    is_found_out(memory::j14, Fault::OutlivesChanges);
}
