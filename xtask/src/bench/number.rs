//! How numbers are written: grouped by thin spaces, and with no more digits than they are worth.

/// Between groups of three digits.
const THIN_SPACE: &str = "\u{2009}";
const MINUS: &str = "\u{2212}";

/// `value` with this many decimals.
pub(crate) fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let digits: Vec<char> = whole.chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    let sign = if value < 0.0 && text.contains(|digit: char| ('1'..='9').contains(&digit)) {
        MINUS
    } else {
        ""
    };
    let whole = groups.join(THIN_SPACE);
    match fraction {
        Some(fraction) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{whole}"),
    }
}

/// `value` with about three digits that count, and no zeros behind them.
pub(crate) fn short(value: f64) -> String {
    let decimals = match value.abs() {
        size if size < 10.0 => 2,
        size if size < 100.0 => 1,
        _ => 0,
    };
    let text = grouped(value, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `value` rounded to this many steps of one: `rounded(1.234, 100.0)` is 1.23. Kept figures then make short diffs.
pub(crate) fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}
