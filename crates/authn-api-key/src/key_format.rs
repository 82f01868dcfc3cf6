//! How a key is written: `<prefix>_<environment>_<id>_<secret><checksum>`.

use palisade_core::ConfigError;

use crate::{KeyFault, KeyId, KeyText, digits, key_id};

const SECRET: usize = 32;
const CHECKSUM: usize = 7;
/// Secret and checksum.
const TAIL: usize = SECRET + CHECKSUM;
const LONGEST_NAME: usize = 16;
/// Two names, three underscores.
const LONGEST: usize = 2 * LONGEST_NAME + 3 + key_id::LEN + TAIL;

/// What the keys of a service begin with: a prefix that names the service, and an environment, so that a key of the test
/// system is refused by the live one. See the [crate docs](crate) for the whole format.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyFormat {
    /// `<prefix>_<environment>_`.
    start: Box<str>,
}

// === impl KeyFormat ===

impl KeyFormat {
    /// Begins keys with `prefix` and `environment`, such as `acme` and `live`.
    ///
    /// # Errors
    ///
    /// If one of them is not 1 to 16 lower case letters and digits, a letter first.
    pub fn new(prefix: &str, environment: &str) -> Result<Self, ConfigError> {
        for (what, name) in [("prefix of keys", prefix), ("environment of keys", environment)] {
            if !is_name(name) {
                let expected = "1 to 16 of `a` to `z` and `0` to `9`, a letter first";
                return Err(ConfigError::new(what, name).expected(expected));
            }
        }
        Ok(Self { start: format!("{prefix}_{environment}_").into() })
    }

    /// Reads the id of a key of this format. Looks at the text alone: there may be no such key.
    ///
    /// # Errors
    ///
    /// [`KeyFault::Malformed`], [`KeyFault::Checksum`], and [`KeyFault::Foreign`] for a key of another format.
    pub fn read(&self, text: &str) -> Result<KeyId, KeyFault> {
        let id = read(text)?;
        if self.is_of(text) { Ok(id) } else { Err(KeyFault::Foreign(id)) }
    }

    /// The regular expression that secret scanners find keys of this format by.
    #[must_use]
    pub fn pattern(&self) -> String {
        format!("{}[0-9a-hjkmnp-tv-z]{{12}}_[0-9a-hjkmnp-tv-z]{{39}}", self.start)
    }

    /// Whether a text that is written like a key is of this format.
    pub(crate) fn is_of(&self, text: &str) -> bool {
        text.starts_with(&*self.start)
    }

    /// Draws a secret for the key `id`.
    pub(crate) fn draw(&self, id: KeyId) -> KeyText {
        let mut text = format!("{}{id}_", self.start);
        text.extend(digits::random::<SECRET>().map(char::from));
        let checksum = checksum(&text);
        text.extend(checksum.map(char::from));
        KeyText::new(text)
    }
}

/// Reads the id of a key of any format, once its checksum is right.
pub(crate) fn read(text: &str) -> Result<KeyId, KeyFault> {
    let id = id_of(text).ok_or(KeyFault::Malformed)?;
    let end = text.len().saturating_sub(CHECKSUM);
    match text.split_at_checked(end) {
        Some((body, sum)) if checksum(body).as_slice() == sum.as_bytes() => Ok(id),
        _ => Err(KeyFault::Checksum),
    }
}

fn id_of(text: &str) -> Option<KeyId> {
    if text.len() > LONGEST {
        return None;
    }
    let (text, tail) = text.rsplit_once('_')?;
    let (names, id) = text.rsplit_once('_')?;
    let (prefix, environment) = names.split_once('_')?;
    let is_key = is_name(prefix)
        && is_name(environment)
        && tail.len() == TAIL
        && digits::are_all(tail.as_bytes());
    if is_key { KeyId::read(id) } else { None }
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// CRC-32 in digits, the highest bits first.
fn checksum(text: &str) -> [u8; CHECKSUM] {
    let crc = crc32fast::hash(text.as_bytes());
    let bits = |shift: u32| u8::try_from((crc >> shift) & 31).unwrap_or_default();
    [30, 25, 20, 15, 10, 5, 0].map(|shift| digits::digit(bits(shift)))
}
