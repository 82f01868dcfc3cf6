//! A compiled pattern: all its alternatives as one run of bytes, and the matcher.

use crate::class;

/// A compiled pattern. A letter stands for itself, in UTF-8; what has a meaning is one of the bytes that UTF-8 never has. In
/// front of each alternative is its length, in two bytes.
#[derive(Clone, Debug)]
pub(crate) struct Glob(Box<[u8]>);

/// How much a matcher may still do: a step is a letter, a wildcard, or a byte of literal text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Steps(pub(crate) u64);

/// `?`
pub(crate) const ONE: u8 = 0xF8;
/// `*`
pub(crate) const MANY: u8 = 0xF9;
/// `**`, a whole segment.
pub(crate) const DEEP: u8 = 0xFA;
/// `[…]`; the class follows.
pub(crate) const CLASS: u8 = 0xFB;

/// Where a matcher is: what is to be matched by what, and where to go on if it does not.
///
/// Of several `*` in a segment only the last is ever tried again, and of several `**` only the last: what an earlier one
/// took can stay taken, because the later one can take whatever is left. So the work is bounded by the product of the
/// lengths.
struct Run<'a> {
    code: &'a [u8],
    text: &'a str,
    /// Behind the last `*` of this segment, and what it has not taken.
    many: Option<(&'a [u8], &'a str)>,
    /// Behind the last `**`, and what it has not taken.
    deep: Option<(&'a [u8], &'a str)>,
}

enum Step {
    On,
    Matched,
    Failed,
}

// === impl Glob ===

impl Glob {
    /// Of alternatives that are compiled.
    pub(crate) fn new(alternatives: &[Vec<u8>]) -> Result<Self, String> {
        let mut code = Vec::new();
        for alternative in alternatives {
            let length = u16::try_from(alternative.len()).map_err(|_| "fewer classes")?;
            code.extend(length.to_le_bytes());
            code.extend(alternative);
        }
        Ok(Self(code.into()))
    }

    /// Whether the whole of `path` matches. An empty path is the mount itself.
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.matches_within(path, &mut Steps(u64::MAX)).unwrap_or(false)
    }

    /// The same with a bound: nothing, if it takes more steps than are left.
    pub(crate) fn matches_within(&self, path: &str, left: &mut Steps) -> Option<bool> {
        for code in self.alternatives() {
            if matches(code, path, left)? {
                return Some(true);
            }
        }
        Some(false)
    }

    fn alternatives(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let (length, behind) = rest.split_first_chunk::<2>()?;
            let (code, behind) =
                behind.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
            rest = behind;
            Some(code)
        })
    }
}

fn matches(code: &[u8], text: &str, left: &mut Steps) -> Option<bool> {
    if text.is_empty() {
        return Some(code == [DEEP]);
    }
    let mut run = Run { code, text, many: None, deep: None };
    loop {
        match run.step(left)? {
            Step::On => {}
            Step::Matched => return Some(true),
            Step::Failed if run.retry() => {}
            Step::Failed => return Some(false),
        }
    }
}

// === impl Steps ===

impl Steps {
    /// Takes `steps`, if so many are left.
    pub(crate) fn take(&mut self, steps: usize) -> Option<()> {
        self.0 = self.0.checked_sub(u64::try_from(steps).ok()?)?;
        Some(())
    }
}

// === impl Run ===

impl<'a> Run<'a> {
    /// Goes on by one; nothing, if no step is left.
    fn step(&mut self, left: &mut Steps) -> Option<Step> {
        left.take(1)?;
        let Some((first, behind)) = self.code.split_first() else {
            return Some(if self.text.is_empty() { Step::Matched } else { Step::Failed });
        };
        Some(match *first {
            DEEP => self.deep(behind),
            MANY => {
                self.many = Some((behind, self.text));
                self.code = behind;
                Step::On
            }
            ONE => self.letter(|_| Some((true, behind))),
            CLASS => self.letter(|letter| class::matches(behind, letter)),
            _ => return self.literal(left),
        })
    }

    fn deep(&mut self, behind: &'a [u8]) -> Step {
        // Behind it is a separator, or nothing: then it takes all that is left, and something must be.
        let Some((_, behind)) = behind.split_first() else {
            return if self.text.is_empty() { Step::Failed } else { Step::Matched };
        };
        (self.many, self.deep) = (None, Some((behind, self.text)));
        self.code = behind;
        Step::On
    }

    /// Takes one letter, if `is_it`; nothing takes a separator.
    fn letter(&mut self, is_it: impl FnOnce(char) -> Option<(bool, &'a [u8])>) -> Step {
        let mut letters = self.text.chars();
        let letter = letters.next().filter(|letter| *letter != '/');
        match letter.and_then(is_it) {
            Some((true, behind)) => {
                (self.code, self.text) = (behind, letters.as_str());
                Step::On
            }
            _ => Step::Failed,
        }
    }

    /// Takes as much as is the same. No byte of a text is one that means something.
    fn literal(&mut self, left: &mut Steps) -> Option<Step> {
        let same = self.code.iter().zip(self.text.as_bytes());
        let same = same.take_while(|(code, text)| code == text).count();
        left.take(same)?;
        let (Some((taken, text)), Some(code)) =
            (self.text.split_at_checked(same), self.code.get(same..))
        else {
            return Some(Step::Failed);
        };
        if taken.is_empty() {
            return Some(Step::Failed);
        }
        if taken.contains('/') {
            self.many = None;
        }
        (self.code, self.text) = (code, text);
        Some(Step::On)
    }

    /// Lets the last `*` take one letter more, or the last `**` one name more.
    fn retry(&mut self) -> bool {
        if let Some((behind, text)) = self.many {
            let mut letters = text.chars();
            if letters.next().is_some_and(|letter| letter != '/') {
                self.many = Some((behind, letters.as_str()));
                (self.code, self.text) = (behind, letters.as_str());
                return true;
            }
        }
        let Some((behind, text)) = self.deep else { return false };
        let Some((_, text)) = text.split_once('/') else { return false };
        (self.many, self.deep) = (None, Some((behind, text)));
        (self.code, self.text) = (behind, text);
        true
    }
}
