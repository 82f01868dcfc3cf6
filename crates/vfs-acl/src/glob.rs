//! One alternative of a pattern, compiled: segments, each of them literal or with wildcards.

use crate::{CasePolicy, case::folded};

/// One alternative of a pattern.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    segments: Vec<SegmentGlob>,
}

/// One segment of a pattern.
#[derive(Clone, Debug)]
pub(crate) enum SegmentGlob {
    /// `**`: any number of segments.
    Deep,
    /// A name, as it is compared.
    Literal(Box<str>),
    /// A name with wildcards.
    Wild(Vec<Unit>),
}

/// One unit of a segment with wildcards.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    Letter(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `[…]`
    Class(Class),
}

/// The letters between `[` and `]`.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    ranges: Vec<(char, char)>,
    sense: Sense,
    case: CasePolicy,
}

/// Whether a class names the letters that match, or those that do not.
#[derive(Clone, Copy, Debug)]
enum Sense {
    In,
    NotIn,
}

// === impl Glob ===

impl Glob {
    pub(crate) fn new(segments: Vec<SegmentGlob>) -> Self {
        Self { segments }
    }

    /// The literal segments the pattern begins with: all it matches is there or below.
    pub(crate) fn head(&self) -> String {
        let literal = self.segments.iter().map_while(|segment| match segment {
            SegmentGlob::Literal(name) => Some(&**name),
            _ => None,
        });
        literal.collect::<Vec<_>>().join("/")
    }

    /// Whether the whole of `path` matches. An empty path is the mount itself.
    ///
    /// Only the last `**` is ever tried again: what an earlier one took can stay taken, because the later one can take
    /// whatever is left. So the work is bounded by the product of the lengths.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut names = path.split('/');
        if path.is_empty() {
            names.next();
        }
        let mut globs = self.segments.iter();
        // Where to go on if the rest does not match: behind the last `**`, one name later.
        let mut retry = None;
        loop {
            let mut ahead = globs.clone();
            let fits = match ahead.next() {
                Some(SegmentGlob::Deep) => {
                    if ahead.as_slice().is_empty() {
                        // At the end, at least one more name; alone, none is needed.
                        return self.segments.len() == 1 || names.next().is_some();
                    }
                    globs = ahead.clone();
                    retry = Some((ahead, names.clone()));
                    continue;
                }
                Some(glob) => names.next().is_some_and(|name| glob.matches(name)),
                None if names.clone().next().is_none() => return true,
                None => false,
            };
            if fits {
                globs = ahead;
                continue;
            }
            let Some((behind, from)) = &mut retry else { return false };
            if from.next().is_none() {
                return false;
            }
            globs = behind.clone();
            names = from.clone();
        }
    }
}

// === impl SegmentGlob ===

impl SegmentGlob {
    /// Compiles the text between two separators.
    pub(crate) fn compile(text: &str, case: CasePolicy) -> Result<Self, String> {
        if text == "**" {
            return Ok(Self::Deep);
        }
        if text.contains("**") {
            return Err("`**` as a whole segment".to_owned());
        }
        if !text.contains(['*', '?', '[', ']']) {
            return Ok(Self::Literal(case.fold(text).into()));
        }
        let mut units = Vec::new();
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '*' => units.push(Unit::Many),
                '?' => units.push(Unit::One),
                '[' => {
                    let (inside, behind) =
                        letters.as_str().split_once(']').ok_or("each `[` to be closed")?;
                    units.push(Unit::Class(Class::compile(inside, case)?));
                    letters = behind.chars();
                }
                ']' => return Err("each `]` to close a `[`".to_owned()),
                letter if case == CasePolicy::Folded => {
                    units.extend(folded(letter).map(Unit::Letter));
                }
                letter => units.push(Unit::Letter(letter)),
            }
        }
        Ok(Self::Wild(units))
    }

    /// Whether the whole of `name` matches, `**` aside. Again only the last `*` is tried again.
    fn matches(&self, name: &str) -> bool {
        let units = match self {
            Self::Deep => return true,
            Self::Literal(literal) => return **literal == *name,
            Self::Wild(units) => units,
        };
        let (mut units, mut letters) = (units.iter(), name.chars());
        let mut retry = None;
        loop {
            let mut ahead = units.clone();
            let fits = match ahead.next() {
                Some(Unit::Many) => {
                    units = ahead.clone();
                    retry = Some((ahead, letters.clone()));
                    continue;
                }
                Some(unit) => letters.next().is_some_and(|letter| unit.matches(letter)),
                None if letters.as_str().is_empty() => return true,
                None => false,
            };
            if fits {
                units = ahead;
                continue;
            }
            let Some((behind, from)) = &mut retry else { return false };
            if from.next().is_none() {
                return false;
            }
            units = behind.clone();
            letters = from.clone();
        }
    }
}

// === impl Unit ===

impl Unit {
    fn matches(&self, letter: char) -> bool {
        match self {
            Self::Letter(own) => *own == letter,
            Self::One | Self::Many => true,
            Self::Class(class) => class.matches(letter),
        }
    }
}

// === impl Class ===

impl Class {
    /// Compiles what stands between the brackets.
    fn compile(text: &str, case: CasePolicy) -> Result<Self, String> {
        let (sense, text) = match text.strip_prefix(['!', '^']) {
            Some(rest) => (Sense::NotIn, rest),
            None => (Sense::In, text),
        };
        if text.is_empty() {
            return Err("a class with letters in it".to_owned());
        }
        let mut ranges = Vec::new();
        let mut letters = text.chars().peekable();
        while let Some(from) = letters.next() {
            // A `-` at either end is a letter.
            let mut ahead = letters.clone();
            let to = match (ahead.next(), ahead.next()) {
                (Some('-'), Some(to)) => {
                    letters = ahead;
                    to
                }
                _ => from,
            };
            if from > to {
                return Err(format!("no range from `{from}` back to `{to}`"));
            }
            ranges.push((from, to));
        }
        Ok(Self { ranges, sense, case })
    }

    fn matches(&self, letter: char) -> bool {
        let named = |letter| self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter));
        let found = named(letter)
            || (self.case == CasePolicy::Folded
                && letter.to_uppercase().chain(letter.to_lowercase()).any(named));
        matches!((found, self.sense), (true, Sense::In) | (false, Sense::NotIn))
    }
}
