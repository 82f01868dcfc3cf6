//! Some of the rules of a mount: those about the same principals lie together.

use palisade_core::KeyedHash;

use crate::{
    CasePolicy, Principal,
    compiled_rule::{CompiledRule, Question},
    folders::Folders,
};

/// Some of the rules of a mount: all that are about some of its principals.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    /// By principal, and those of one in the order in which they win.
    rules: Box<[CompiledRule]>,
    /// The hashes of the principals, ascending. Two principals that have one hash share a book: each rule is asked whom it is
    /// about.
    keys: Box<[u64]>,
    /// Of each of these.
    books: Box<[Book]>,
}

/// The rules about one principal.
#[derive(Debug)]
struct Book {
    from: u32,
    to: u32,
    /// How to find some of many.
    folders: Option<Box<Folders>>,
}

/// The rules of a book, and how to find some of many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    rules: &'a [CompiledRule],
    folders: Option<&'a Folders>,
}

/// So few rules are asked one by one.
const FEW: usize = 8;

// === impl Shard ===

impl Shard {
    /// Of rules, each with the hash of the principal it is about.
    pub(crate) fn of(
        mut rules: Vec<(u64, CompiledRule)>,
        case: CasePolicy,
        hash: &KeyedHash,
    ) -> Self {
        rules.sort_unstable_by_key(|(hash, rule)| (*hash, rule.rank()));
        share(&mut rules);
        let (mut keys, mut books) = (Vec::new(), Vec::new());
        let mut at = 0_u32;
        for book in rules.chunk_by(|(one, _), (other, _)| one == other) {
            keys.extend(book.first().map(|(hash, _)| *hash));
            let to = u32::try_from(book.len()).map_or(u32::MAX, |count| at.saturating_add(count));
            books.push(Book { from: at, to, folders: None });
            at = to;
        }
        let rules = rules.into_iter().map(|(_, rule)| rule).collect();
        let mut shard = Self { rules, keys: keys.into(), books: Box::default() };
        for book in &mut books {
            let rules = shard.rules_of(book);
            if rules.len() > FEW {
                book.folders = Some(Box::new(Folders::of(rules, case, hash)));
            }
        }
        shard.books = books.into();
        shard
    }

    /// All rules.
    pub(crate) fn rules(&self) -> &[CompiledRule] {
        &self.rules
    }

    /// The rules about the principal with this hash.
    pub(crate) fn find(&self, hash: u64) -> Option<Entry<'_>> {
        let book = self.books.get(self.position(hash)?)?;
        Some(Entry { rules: self.rules_of(book), folders: book.folders.as_deref() })
    }

    /// Where a hash is: near to where it would be if all were equally far from each other.
    fn position(&self, hash: u64) -> Option<usize> {
        let count = u64::try_from(self.keys.len()).ok()?;
        let guess = usize::try_from((hash >> 32).checked_mul(count)? >> 32).ok()?;
        let (before, behind) = self.keys.split_at_checked(guess)?;
        if behind.first().is_some_and(|key| *key <= hash) {
            let at = behind.iter().take_while(|key| **key <= hash).position(|key| *key == hash)?;
            return guess.checked_add(at);
        }
        let back = before.iter().rev().take_while(|key| **key >= hash);
        guess.checked_sub(back.map(|key| *key == hash).position(|is_it| is_it)?.checked_add(1)?)
    }

    fn rules_of(&self, book: &Book) -> &[CompiledRule] {
        let range = usize::try_from(book.from).ok().zip(usize::try_from(book.to).ok());
        range.and_then(|(from, to)| self.rules.get(from..to)).unwrap_or_default()
    }
}

/// Lets neighbours share the names of their principals.
fn share(rules: &mut [(u64, CompiledRule)]) {
    let mut last: Option<Principal> = None;
    for (_, compiled) in rules {
        if let Some(last) = &last {
            compiled.rule.share_principal(last);
        }
        last = Some(compiled.rule.principal().clone());
    }
}

// === impl Entry ===

impl<'a> Entry<'a> {
    /// All of them, in the order in which they win.
    pub(crate) fn rules(self) -> &'a [CompiledRule] {
        self.rules
    }

    /// The first that applies and wins over `best`; `best` if there is none.
    pub(crate) fn better(
        self,
        best: Option<&'a CompiledRule>,
        question: &Question<'_>,
        hash: &KeyedHash,
    ) -> Option<&'a CompiledRule> {
        let Some(folders) = self.folders else {
            return first(self.rules.iter(), best, question);
        };
        question.inside.each().flat_map(|path| folders.along(path, hash)).fold(
            best,
            |best, numbers| {
                let rule = |number: &u32| self.rules.get(usize::try_from(*number).ok()?);
                first(numbers.iter().filter_map(rule), best, question)
            },
        )
    }
}

fn first<'a>(
    mut rules: impl Iterator<Item = &'a CompiledRule>,
    best: Option<&'a CompiledRule>,
    question: &Question<'_>,
) -> Option<&'a CompiledRule> {
    let is_better = |rule: &&CompiledRule| best.is_none_or(|best| rule.rank() < best.rank());
    let found = rules.by_ref().take_while(is_better).find(|rule| rule.applies(question));
    found.or(best)
}
