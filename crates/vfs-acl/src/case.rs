//! Whether two spellings of a name are one name.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// Whether the store behind a mount tells upper case from lower case.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a store does or does not")]
pub enum CasePolicy {
    /// It does: names are compared byte for byte.
    #[default]
    Sensitive,
    /// It does not. Stores differ in what they take for one name (`ß` and `ss`, `K` and the Kelvin sign, `İ`), so names
    /// are compared in two ways, each on the safe side.
    ///
    /// What gives (a grant) compares character by character, by Unicode's simple case folding: a grant on `strasse` is
    /// none on `straße`. What takes (a denial, a revocation, a mount inside) also compares as widely as any store does: full
    /// folding in any normalisation, the dotless `ı` as `i`, without variation selectors: a denial of `strasse` is one of
    /// `STRASSE`, `straße` and `STRAẞE`. In a pattern a wildcard stands for one character of a name as it is written.
    Folded,
}

/// A path as it is compared.
#[derive(Debug)]
pub(crate) struct Spelling<'p> {
    /// By what gives.
    pub(crate) own: Cow<'p, str>,
    /// By what takes, where that is another text.
    wide: Option<String>,
}

/// How letters are compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    /// Byte for byte.
    Exact,
    /// By simple case folding.
    Simple,
    /// As widely as any store does.
    Wide,
}

/// Letters that fold otherwise than by their upper case's lower case.
const ALONE: [(char, char); 4] = [
    ('\u{131}', '\u{131}'),
    ('\u{1FD3}', '\u{390}'),
    ('\u{1FE3}', '\u{3B0}'),
    ('\u{FB05}', '\u{FB06}'),
];

// === impl CasePolicy ===

impl CasePolicy {
    /// What all spellings of one name have in common: what a store keeps its files by.
    ///
    /// ```
    /// # use palisade_vfs_acl::CasePolicy;
    /// assert_eq!(CasePolicy::Folded.key("Plans/MAY.md"), "plans/may.md");
    /// assert_eq!(CasePolicy::Sensitive.key("Plans/MAY.md"), "Plans/MAY.md");
    /// ```
    pub fn key(self, path: &str) -> Cow<'_, str> {
        self.fold(path)
    }

    /// How what gives is compared.
    pub(crate) fn reading(self) -> Reading {
        match self {
            Self::Sensitive => Reading::Exact,
            Self::Folded => Reading::Simple,
        }
    }

    /// `text` as what gives compares it.
    pub(crate) fn fold(self, text: &str) -> Cow<'_, str> {
        self.reading().fold(text)
    }

    /// `text` as what takes compares it.
    pub(crate) fn fold_widely(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Sensitive => Cow::Borrowed(text),
            Self::Folded => Reading::Wide.fold(text),
        }
    }

    /// `path` in every way in which it is compared.
    pub(crate) fn spell(self, path: &str) -> Spelling<'_> {
        let own = self.fold(path);
        let wide = (!path.is_ascii()).then(|| self.fold_widely(path).into_owned());
        let wide = wide.filter(|wide| **wide != *own);
        Spelling { own, wide }
    }
}

// === impl Spelling ===

impl Spelling<'_> {
    /// By what takes.
    pub(crate) fn wide(&self) -> &str {
        self.wide.as_deref().unwrap_or(&self.own)
    }

    /// Every text it is: one, mostly.
    pub(crate) fn each(&self) -> impl Iterator<Item = &str> {
        [&*self.own].into_iter().chain(self.wide.as_deref())
    }
}

// === impl Reading ===

impl Reading {
    pub(crate) fn fold(self, text: &str) -> Cow<'_, str> {
        let is_folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
        if self == Self::Exact || text.bytes().all(is_folded) {
            return Cow::Borrowed(text);
        }
        if text.is_ascii() {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        Cow::Owned(match self {
            Self::Exact | Self::Simple => text.chars().map(simple).collect(),
            Self::Wide => text.nfd().flat_map(wide).nfd().collect(),
        })
    }
}

/// `letter` under Unicode's simple case folding, or another letter that stands for the same ones.
pub(crate) fn simple(letter: char) -> char {
    if let Some((_, folded)) = ALONE.iter().find(|(own, _)| *own == letter) {
        return *folded;
    }
    let upper = single(letter.to_uppercase()).unwrap_or(letter);
    single(upper.to_lowercase()).unwrap_or(upper)
}

fn single(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

/// All that any folding makes of `letter`. By way of lower case, for the capital `ẞ`; variation selectors go.
fn wide(letter: char) -> impl Iterator<Item = char> {
    let shows = !matches!(letter, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    let lower = shows.then_some(letter).into_iter().flat_map(char::to_lowercase);
    lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}
