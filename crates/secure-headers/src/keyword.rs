//! Words of a fixed list: finding one, and guessing which one was meant.

use palisade_core::ConfigError;

/// Nobody types a keyword longer than this; guessing costs the square of the length.
const LONGEST: usize = 64;

/// Finds `text` in `table`, in any letter case, or says which word of it was probably meant.
pub(crate) fn find<T: Copy>(
    what: &'static str,
    text: &str,
    table: &[(&'static str, T)],
) -> Result<T, ConfigError> {
    if let Some((_, value)) = table.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        return Ok(*value);
    }
    let error = ConfigError::new(what, text).expected(one_of(table.iter().map(|(word, _)| *word)));
    Err(match nearest(text, table.iter().map(|(word, _)| *word)) {
        Some(word) => error.meant(word),
        None => error,
    })
}

/// The word of `words` that `text` is a slip of: at most two letters off, and never more than a third of the word.
pub(crate) fn nearest(
    text: &str,
    words: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    if text.len() > LONGEST {
        return None;
    }
    words
        .map(|word| (distance(&text.to_ascii_lowercase(), word), word))
        .filter(|(distance, word)| *distance <= 2.min(word.len() / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Lists words for a message.
pub(crate) fn one_of(words: impl Iterator<Item = &'static str>) -> String {
    let quoted: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    format!("one of {}", quoted.join(", "))
}

/// How many letters must be added, dropped or changed to make `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, x) in a.bytes().enumerate() {
        let (mut diagonal, mut left) = (line, line.saturating_add(1));
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, y) in cells.zip(b.bytes()) {
            let above = *cell;
            let change = diagonal.saturating_add(usize::from(x != y));
            left = change.min(above.min(left).saturating_add(1));
            diagonal = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}
