//! Text that strangers sent, made fit to be kept: on one line, and bounded.

use palisade_core::OneLine;

use crate::canonical::Canonical;

/// The most bytes of a name: of a person, an issuer, a target, a program.
pub(crate) const NAME: usize = 512;
/// The most bytes of a word that programs choose: an action, a kind, a code.
pub(crate) const WORD: usize = 96;
/// The most bytes of what a person says in his own words.
pub(crate) const SPEECH: usize = 2048;

/// What stands in the place of the end of a text that is too long: a mark, and 64 digits.
const ENDING: usize = "… sha256:".len().saturating_add(64);

/// The text with what could end the line, hide or turn what stands beside it written as `\u{…}`. What is longer than `limit` bytes ends
/// with a digest of all of it instead, so that two long texts stay two.
pub(crate) fn plain(text: &str, limit: usize) -> String {
    let shown = OneLine(text).to_string();
    if shown.len() <= limit {
        return shown;
    }
    let digest = Canonical::new("text").text(Some(text)).finish();
    let room = end_of_character(&shown, limit.saturating_sub(ENDING));
    let start = shown.get(..room).unwrap_or_default();
    format!("{start}… sha256:{digest}")
}

/// The last end of a character of `text` that is not behind `place`.
fn end_of_character(text: &str, place: usize) -> usize {
    (0..=place).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0)
}
