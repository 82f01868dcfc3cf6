//! A pattern as it was written, its braces written out: checked, and compiled into bytes.

use palisade_core::ConfigError;

use crate::{
    case::Reading,
    class,
    glob::{CLASS, DEEP, Glob, MANY, ONE},
    path::{check_characters, check_segment},
    place::{Place, folder_of},
};

/// The alternatives of a pattern: one, if it has no braces.
#[derive(Debug)]
pub(crate) struct Alternatives<'t> {
    written: &'t str,
    texts: Vec<String>,
}

const LONGEST: usize = 256;
const MOST: usize = 64;
const LONGEST_EXPANDED: usize = 1024;

// === impl Alternatives ===

impl<'t> Alternatives<'t> {
    /// Writes out what stands in braces.
    pub(crate) fn of(written: &'t str) -> Result<Self, ConfigError> {
        if written.len() > LONGEST {
            return Err(wrong(written, "at most 256 bytes"));
        }
        check_characters(written).map_err(|error| error.in_config("path pattern", written))?;
        let texts = expand(written).map_err(|expected| wrong(written, expected))?;
        Ok(Self { written, texts })
    }

    /// Compiles them.
    pub(crate) fn compile(&self, reading: Reading) -> Result<Glob, ConfigError> {
        let compiled = self.texts.iter().map(|text| alternative(text, reading));
        let compiled = compiled.collect::<Result<Vec<_>, _>>();
        let glob = compiled.and_then(|compiled| Glob::new(&compiled));
        glob.map_err(|expected| wrong(self.written, &expected))
    }

    /// The folder that all they match lies in.
    pub(crate) fn folder(&self) -> &str {
        let folders = self.texts.iter().map(|text| folder_of(text));
        folders.reduce(|one, other| common(one, other)).unwrap_or_default()
    }

    /// Where what they match lies, of each.
    pub(crate) fn places(&self, reading: Reading) -> impl Iterator<Item = Place> {
        self.texts.iter().map(move |text| Place::of_alternative(&reading.fold(text)))
    }
}

fn wrong(written: &str, expected: &str) -> ConfigError {
    ConfigError::new("path pattern", written).expected(expected)
}

/// Compiles one alternative.
fn alternative(text: &str, reading: Reading) -> Result<Vec<u8>, String> {
    let mut code = Vec::with_capacity(text.len());
    let mut last = None;
    for name in text.split('/') {
        if last.is_some() {
            code.push(b'/');
        }
        if last == Some("**") && name == "**" {
            return Err("`**` once, not twice in a row".to_owned());
        }
        segment(name, reading, &mut code)?;
        last = Some(name);
    }
    Ok(code)
}

/// Compiles the text between two separators.
fn segment(text: &str, reading: Reading, code: &mut Vec<u8>) -> Result<(), String> {
    if text == "**" {
        code.push(DEEP);
        return Ok(());
    }
    if text.contains("**") {
        return Err("`**` as a whole segment".to_owned());
    }
    if !text.contains(['*', '?', '[', ']']) {
        check_segment(text).map_err(|error| error.to_string())?;
    }
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?', '[', ']']) {
        let (literal, wild) = rest.split_at(at);
        code.extend(reading.fold(literal).bytes());
        let mut letters = wild.chars();
        match letters.next() {
            Some('*') => code.push(MANY),
            Some('?') => code.push(ONE),
            Some('[') => {
                let class = letters.as_str();
                let (inside, behind) = class.split_once(']').ok_or("each `[` to be closed")?;
                code.push(CLASS);
                class::compile(inside, reading, code)?;
                letters = behind.chars();
            }
            _ => return Err("each `]` to close a `[`".to_owned()),
        }
        rest = letters.as_str();
    }
    code.extend(reading.fold(rest).bytes());
    Ok(())
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
        if done.len().saturating_mul(choices.len()) > MOST {
            return Err("at most 64 alternatives");
        }
        done = done
            .iter()
            .flat_map(|start| choices.iter().map(move |choice| format!("{start}{before}{choice}")))
            .collect();
        rest = behind;
        check_length(&done)?;
    }
    for alternative in &mut done {
        alternative.push_str(rest);
    }
    check_length(&done)?;
    Ok(done)
}

fn check_length(expanded: &[String]) -> Result<(), &'static str> {
    if expanded.iter().map(String::len).sum::<usize>() > LONGEST_EXPANDED {
        return Err("at most 1024 bytes over all alternatives");
    }
    Ok(())
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

/// The folder that two folders have in common.
fn common<'t>(one: &'t str, other: &str) -> &'t str {
    let same = one.split('/').zip(other.split('/')).take_while(|(one, other)| one == other);
    let length = same.map(|(name, _)| name.len().saturating_add(1)).sum::<usize>();
    one.get(..length.saturating_sub(1)).unwrap_or_default()
}
