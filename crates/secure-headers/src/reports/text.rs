//! Texts that strangers sent, made harmless to write down.

use super::Reports;
use crate::deceit::deceives;

/// A text as it was sent, cut to the bound.
pub(super) fn plain(text: &str) -> Box<str> {
    let mut kept = String::new();
    for char in text.chars() {
        let char = if deceives(char) { char::REPLACEMENT_CHARACTER } else { char };
        if kept.len().saturating_add(char.len_utf8()) > Reports::MOST_TEXT {
            break;
        }
        kept.push(char);
    }
    kept.into()
}

/// An address, or a word in the place of one such as `inline`: without what may be a secret in it.
pub(super) fn address(text: &str) -> Box<str> {
    let text = text.trim();
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let scheme = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme));
    match scheme {
        // `data:` is the content itself, `blob:` a handle of somebody's.
        Some((scheme, rest)) if !rest.starts_with("//") => plain(scheme),
        _ => match text.split_once("//") {
            Some((scheme, rest)) => plain(&format!("{scheme}//{}", without_user(rest))),
            None => plain(text),
        },
    }
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// What stands behind the last `@` of the authority.
fn without_user(rest: &str) -> &str {
    let authority = rest.split(['/', '\\']).next().unwrap_or_default();
    let user = authority.rfind('@').map_or(0, |place| place.saturating_add(1));
    rest.get(user..).unwrap_or_default()
}
