//! Licence expressions (SPDX specification 2.3, annex D): names, `WITH`, `AND`, `OR`, parentheses.

use std::iter::Peekable;

/// Whether `expression` holds where `is_allowed` names the licences that do.
///
/// `WITH` binds tighter than `AND`, `AND` tighter than `OR`. A licence with an exception is a licence of its own: it must
/// be allowed by its whole name. The slash of old manifests (`MIT/Apache-2.0`) reads as `OR`, as cargo documents it.
pub(super) fn evaluate(
    expression: &str,
    is_allowed: &dyn Fn(&str) -> bool,
) -> Result<bool, String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut parser = Parser { words: spaced.split_whitespace().peekable(), is_allowed };
    let value = parser.any()?;
    match parser.words.next() {
        None => Ok(value),
        Some(word) => Err(format!("`{word}` is not expected here")),
    }
}

struct Parser<'a, W: Iterator<Item = &'a str>> {
    words: Peekable<W>,
    is_allowed: &'a dyn Fn(&str) -> bool,
}

impl<'a, W: Iterator<Item = &'a str>> Parser<'a, W> {
    /// One or more sides of `OR`.
    fn any(&mut self) -> Result<bool, String> {
        let mut value = self.all()?;
        while self.words.next_if_eq(&"OR").is_some() {
            // Not `||`: the right side must be read in any case.
            value |= self.all()?;
        }
        Ok(value)
    }

    /// One or more sides of `AND`.
    fn all(&mut self) -> Result<bool, String> {
        let mut value = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            value &= self.one()?;
        }
        Ok(value)
    }

    /// A name, with or without an exception, or an expression in parentheses.
    fn one(&mut self) -> Result<bool, String> {
        match self.words.next() {
            Some("(") => {
                let value = self.any()?;
                match self.words.next() {
                    Some(")") => Ok(value),
                    _ => Err("a parenthesis is not closed".to_owned()),
                }
            }
            Some(name) if is_name(name) => {
                if self.words.next_if_eq(&"WITH").is_none() {
                    return Ok((self.is_allowed)(name));
                }
                match self.words.next() {
                    Some(exception) if is_name(exception) => {
                        Ok((self.is_allowed)(&format!("{name} WITH {exception}")))
                    }
                    _ => Err("`WITH` names no exception".to_owned()),
                }
            }
            Some(word) => Err(format!("`{word}` is not expected here")),
            None => Err("ends too early".to_owned()),
        }
    }
}

/// Letters, digits, `-`, `.`, a colon of a document reference, and `+` for "or later"; no operator.
fn is_name(word: &str) -> bool {
    !["AND", "OR", "WITH"].contains(&word)
        && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.:+".contains(letter))
}
