//! Glob patterns for paths: compiled once, capped, and matched without backtracking over alternatives.

use std::fmt;

use palisade_core::ConfigError;

use crate::{
    CasePolicy,
    glob::{Glob, SegmentGlob},
    path::{check_characters, check_segment},
};

/// A glob pattern for paths below a mount, in the syntax of gitignore and `globset`, without its traps.
///
/// | written | matches |
/// |---|---|
/// | `*` | any number of characters within a segment |
/// | `?` | one character within a segment, also if it takes several bytes |
/// | `**` | as a whole segment: any number of segments; at the end, at least one |
/// | `[a-z]`, `[!a-z]` | one character that is, or is not, in the class; never `/` |
/// | `{a,b}` | either; not nested |
///
/// A pattern always matches the whole path. There is no escape character: `[*]` is a star.
///
/// # Caps
///
/// 256 bytes as written, 64 alternatives, 1024 bytes over all alternatives. Matching costs at most the product of the
/// lengths of pattern and path, whatever either holds.
#[derive(Clone)]
pub struct Pattern {
    text: Box<str>,
    alternatives: Vec<Glob>,
    case: CasePolicy,
}

const LONGEST: usize = 256;
const MOST_ALTERNATIVES: usize = 64;
const LONGEST_EXPANDED: usize = 1024;

// === impl Pattern ===

impl Pattern {
    /// Compiles a pattern that tells upper case from lower case.
    ///
    /// # Errors
    ///
    /// If it is malformed or over a cap.
    pub fn new(text: &str) -> Result<Self, ConfigError> {
        Self::with_case(text, CasePolicy::Sensitive)
    }

    /// Compiles a pattern for a store with this case policy.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_case(text: &str, case: CasePolicy) -> Result<Self, ConfigError> {
        let wrong = |expected: &str| ConfigError::new("path pattern", text).expected(expected);
        if text.len() > LONGEST {
            return Err(wrong("at most 256 bytes"));
        }
        check_characters(text).map_err(|error| error.in_config("path pattern", text))?;
        let expanded = expand(text).map_err(wrong)?;
        let alternatives = expanded
            .iter()
            .map(|alternative| compile(alternative, case).map_err(|expected| wrong(&expected)))
            .collect::<Result<_, _>>()?;
        Ok(Self { text: text.into(), alternatives, case })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches `path`, given from the mount on.
    pub fn matches(&self, path: &str) -> bool {
        self.matches_folded(&self.case.fold(path))
    }

    /// The same for a path that is folded already.
    pub(crate) fn matches_folded(&self, path: &str) -> bool {
        self.alternatives.iter().any(|glob| glob.matches(path))
    }

    /// Where everything the pattern matches is, or below, as it is compared; empty if that is the whole mount.
    pub(crate) fn head(&self) -> String {
        // With alternatives the folders differ: the whole mount is right for all.
        match self.alternatives.as_slice() {
            [glob] => glob.head(),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

/// Compiles one alternative.
fn compile(text: &str, case: CasePolicy) -> Result<Glob, String> {
    let mut segments = Vec::new();
    for segment in text.split('/') {
        let compiled = SegmentGlob::compile(segment, case)?;
        let follows_deep = matches!(segments.last(), Some(SegmentGlob::Deep));
        if follows_deep && matches!(compiled, SegmentGlob::Deep) {
            return Err("`**` once, not twice in a row".to_owned());
        }
        if matches!(compiled, SegmentGlob::Literal(_)) || segment.is_empty() {
            check_segment(segment).map_err(|error| error.to_string())?;
        }
        segments.push(compiled);
    }
    Ok(Glob::new(segments))
}

/// Writes out the alternatives of braces. What stands in a class is no brace.
fn expand(text: &str) -> Result<Vec<String>, &'static str> {
    let mut done = vec![String::new()];
    let mut rest = text;
    while let Some(at) = next_brace(rest) {
        let (before, from) = rest.split_at(at);
        let Some(inside) = from.strip_prefix('{') else { return Err("each `}` to close a `{`") };
        let (inside, behind) = inside.split_once('}').ok_or("each `{` to be closed")?;
        if inside.contains(['{', '[', ']']) {
            return Err("no braces and no classes within braces");
        }
        if inside.contains("..") {
            return Err("no ranges within braces");
        }
        let choices: Vec<&str> = inside.split(',').collect();
        if done.len().saturating_mul(choices.len()) > MOST_ALTERNATIVES {
            return Err("at most 64 alternatives");
        }
        done = done
            .iter()
            .flat_map(|start| choices.iter().map(move |choice| format!("{start}{before}{choice}")))
            .collect();
        rest = behind;
        if done.iter().map(String::len).sum::<usize>() > LONGEST_EXPANDED {
            return Err("at most 1024 bytes over all alternatives");
        }
    }
    for alternative in &mut done {
        alternative.push_str(rest);
    }
    if done.iter().map(String::len).sum::<usize>() > LONGEST_EXPANDED {
        return Err("at most 1024 bytes over all alternatives");
    }
    Ok(done)
}

/// Where the next brace outside a class is.
fn next_brace(text: &str) -> Option<usize> {
    let mut in_class = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '[' => in_class = true,
            ']' => in_class = false,
            '{' | '}' if !in_class => return Some(at),
            _ => {}
        }
    }
    None
}
