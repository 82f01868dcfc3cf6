//! Whether two spellings of a name are one name.

use std::borrow::Cow;

/// Whether the store behind a mount tells upper case from lower case.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a store does or does not")]
pub enum CasePolicy {
    /// It does: names are compared byte for byte.
    #[default]
    Sensitive,
    /// It does not: names are compared in lower case, so that a rule about `secret` is also one about `SECRET`.
    Folded,
}

// === impl CasePolicy ===

impl CasePolicy {
    /// `text` as it is compared.
    pub(crate) fn fold(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Sensitive => Cow::Borrowed(text),
            Self::Folded
                if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) =>
            {
                Cow::Borrowed(text)
            }
            Self::Folded => Cow::Owned(text.chars().flat_map(folded).collect()),
        }
    }
}

/// `letter` as it is compared where case does not count. By way of upper case, because some letters (the Kelvin sign, the
/// final sigma, the long s) share one with another letter.
pub(crate) fn folded(letter: char) -> impl Iterator<Item = char> {
    letter.to_uppercase().flat_map(char::to_lowercase)
}
