//! The known name that was probably meant.

/// The name in `known` nearest to `name`: equal but for letter case, or few edits away.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Nobody's typo is that long, and the work below is quadratic.
    if name.len() > 64 {
        return None;
    }
    let name = name.to_lowercase();
    let near = known.iter().map(|known| (edits(&name, &known.to_lowercase()), *known));
    let (edits, nearest) = near.min_by_key(|(edits, _)| *edits)?;
    (edits <= nearest.len() / 3).then_some(nearest)
}

/// The Levenshtein distance: insertions, deletions and replacements from `a` to `b`.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (line, from) in a.chars().enumerate() {
        let mut left = line.saturating_add(1);
        let mut diagonal = line;
        for (cell, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let replaced = diagonal.saturating_add(usize::from(from != to));
            diagonal = *cell;
            left = replaced.min(diagonal.saturating_add(1)).min(left.saturating_add(1));
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or_default()
}
