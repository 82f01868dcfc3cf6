//! Names of regions and cities, as far as they are kept.

use palisade_core::OneLine;

/// The longest name that is kept, in bytes.
const LONGEST: usize = 100;

/// A name as it is kept: what others write ends up in logs and on pages, and takes memory, so it is bounded and has no control
/// characters nor what turns the direction of text around. `None` where nothing is left.
pub(crate) fn place_name(text: &str) -> Option<Box<str>> {
    let is_plain = |char: &char| !OneLine::deceives(*char);
    let mut name = String::new();
    for char in text.trim().chars().filter(is_plain) {
        if name.len().saturating_add(char.len_utf8()) > LONGEST {
            break;
        }
        name.push(char);
    }
    let name = name.trim();
    (!name.is_empty()).then(|| name.into())
}
