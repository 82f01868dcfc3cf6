//! The end of a secret, by which its owner knows it again.

use std::fmt;

/// How many characters are shown.
const SHOWN: usize = 4;

/// How many characters a secret has at least for some of them to be shown: then it is a fifth of them at most.
const LONG_ENOUGH: usize = 20;

/// A secret as it may be shown: its last four characters, or none. `{}` writes it; it does not tell how long the secret is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Masked {
    end: Option<[char; SHOWN]>,
}

/// Masks a secret for lists and forms.
///
/// The last four characters are shown where there are 20 at least, so that who reads them knows a fifth at most; and where
/// they are letters or digits of ASCII, so that none of them turns text around. Of a shorter secret nothing is shown: of a PIN
/// of six digits the last four are all but a hundred guesses.
///
/// ```
/// # use palisade_vault::mask;
/// assert_eq!(mask("sk_live_4kq0v7m2x9rt8w3h").to_string(), "••••8w3h");
/// assert_eq!(mask("hunter2").to_string(), "••••");
/// ```
#[must_use]
pub fn mask(secret: &str) -> Masked {
    let is_long = secret.chars().count() >= LONG_ENOUGH;
    let mut end = [' '; SHOWN];
    for (place, char) in end.iter_mut().rev().zip(secret.chars().rev()) {
        *place = char;
    }
    let is_plain = end.iter().all(char::is_ascii_alphanumeric);
    Masked { end: (is_long && is_plain).then_some(end) }
}

impl Masked {
    /// What is shown of the secret, if anything is.
    #[must_use]
    pub fn end(&self) -> Option<String> {
        self.end.map(|end| end.iter().collect())
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "••••{}", self.end().unwrap_or_default())
    }
}
