//! A class of letters, `[a-z]`, as bytes of a compiled pattern.

use crate::case::{Reading, simple};

/// The class names the letters that do not match.
const NOT: u8 = 1;
/// Case does not count.
const FOLDED: u8 = 1 << 1;
/// Bytes of a range: its first letter and its last, three bytes each.
const RANGE: usize = 6;

/// Letters that are neither upper nor lower case of the letter they fold to, which is behind them.
const ODD: [(char, char); 61] = [
    ('\u{B5}', '\u{3BC}'),
    ('\u{17F}', '\u{73}'),
    ('\u{1C5}', '\u{1C6}'),
    ('\u{1C8}', '\u{1C9}'),
    ('\u{1CB}', '\u{1CC}'),
    ('\u{1F2}', '\u{1F3}'),
    ('\u{345}', '\u{3B9}'),
    ('\u{3C2}', '\u{3C3}'),
    ('\u{3D0}', '\u{3B2}'),
    ('\u{3D1}', '\u{3B8}'),
    ('\u{3D5}', '\u{3C6}'),
    ('\u{3D6}', '\u{3C0}'),
    ('\u{3F0}', '\u{3BA}'),
    ('\u{3F1}', '\u{3C1}'),
    ('\u{3F4}', '\u{3B8}'),
    ('\u{3F5}', '\u{3B5}'),
    ('\u{1C80}', '\u{432}'),
    ('\u{1C81}', '\u{434}'),
    ('\u{1C82}', '\u{43E}'),
    ('\u{1C83}', '\u{441}'),
    ('\u{1C84}', '\u{442}'),
    ('\u{1C85}', '\u{442}'),
    ('\u{1C86}', '\u{44A}'),
    ('\u{1C87}', '\u{463}'),
    ('\u{1C88}', '\u{A64B}'),
    ('\u{1E9B}', '\u{1E61}'),
    ('\u{1E9E}', '\u{DF}'),
    ('\u{1F88}', '\u{1F80}'),
    ('\u{1F89}', '\u{1F81}'),
    ('\u{1F8A}', '\u{1F82}'),
    ('\u{1F8B}', '\u{1F83}'),
    ('\u{1F8C}', '\u{1F84}'),
    ('\u{1F8D}', '\u{1F85}'),
    ('\u{1F8E}', '\u{1F86}'),
    ('\u{1F8F}', '\u{1F87}'),
    ('\u{1F98}', '\u{1F90}'),
    ('\u{1F99}', '\u{1F91}'),
    ('\u{1F9A}', '\u{1F92}'),
    ('\u{1F9B}', '\u{1F93}'),
    ('\u{1F9C}', '\u{1F94}'),
    ('\u{1F9D}', '\u{1F95}'),
    ('\u{1F9E}', '\u{1F96}'),
    ('\u{1F9F}', '\u{1F97}'),
    ('\u{1FA8}', '\u{1FA0}'),
    ('\u{1FA9}', '\u{1FA1}'),
    ('\u{1FAA}', '\u{1FA2}'),
    ('\u{1FAB}', '\u{1FA3}'),
    ('\u{1FAC}', '\u{1FA4}'),
    ('\u{1FAD}', '\u{1FA5}'),
    ('\u{1FAE}', '\u{1FA6}'),
    ('\u{1FAF}', '\u{1FA7}'),
    ('\u{1FBC}', '\u{1FB3}'),
    ('\u{1FBE}', '\u{3B9}'),
    ('\u{1FCC}', '\u{1FC3}'),
    ('\u{1FD3}', '\u{390}'),
    ('\u{1FE3}', '\u{3B0}'),
    ('\u{1FFC}', '\u{1FF3}'),
    ('\u{2126}', '\u{3C9}'),
    ('\u{212A}', '\u{6B}'),
    ('\u{212B}', '\u{E5}'),
    ('\u{FB05}', '\u{FB06}'),
];

/// Compiles what stands between the brackets, and adds it to `code`.
pub(crate) fn compile(text: &str, reading: Reading, code: &mut Vec<u8>) -> Result<(), String> {
    let (sense, text) = match text.strip_prefix(['!', '^']) {
        Some(rest) => (NOT, rest),
        None => (0, text),
    };
    if text.is_empty() {
        return Err("a class with letters in it".to_owned());
    }
    let ranges = ranges(text)?;
    let count = u8::try_from(ranges.len()).map_err(|_| "at most 255 ranges in a class")?;
    let case = if reading == Reading::Exact { 0 } else { FOLDED };
    code.extend([sense | case, count]);
    for letter in ranges.into_iter().flat_map(<[char; 2]>::from) {
        let [first, second, third, _] = u32::from(letter).to_le_bytes();
        code.extend([first, second, third]);
    }
    Ok(())
}

fn ranges(text: &str) -> Result<Vec<(char, char)>, String> {
    let mut ranges = Vec::new();
    let mut letters = text.chars();
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
    Ok(ranges)
}

/// Whether the class at the start of `code` matches `letter`, and what is behind the class.
pub(crate) fn matches(code: &[u8], letter: char) -> Option<(bool, &[u8])> {
    let (flags, rest) = code.split_first()?;
    let (count, rest) = rest.split_first()?;
    let (ranges, behind) = rest.split_at_checked(usize::from(*count).checked_mul(RANGE)?)?;
    let is_named = |letter: char| {
        let letter = u32::from(letter);
        ranges.as_chunks::<RANGE>().0.iter().any(|[a, b, c, x, y, z]| {
            (u32::from_le_bytes([*a, *b, *c, 0])..=u32::from_le_bytes([*x, *y, *z, 0]))
                .contains(&letter)
        })
    };
    let found = is_named(letter) || (flags & FOLDED != 0 && spellings(letter).any(is_named));
    Some((found == (flags & NOT == 0), behind))
}

/// The letters that fold to the same one.
fn spellings(folded: char) -> impl Iterator<Item = char> {
    let odd = ODD.iter().filter(move |(_, to)| *to == folded).map(|(odd, _)| *odd);
    let other = folded.to_uppercase().chain(folded.to_lowercase()).chain(odd);
    other.filter(move |letter| simple(*letter) == folded)
}
