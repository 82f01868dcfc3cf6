//! The file's format: JSON, read strictly, with the place of the first mistake.

use std::fmt;

use jiff::Timestamp;
use palisade_core::ConfigError;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::{Blocklist, BlocklistBuilder, BlocklistError, Entry, builder::Subject, near::nearest};

const LISTS: [(&str, Subject); 5] = [
    ("blockedIPs", Subject::Address),
    ("blockedUserIds", Subject::User),
    ("blockedTokens", Subject::Token),
    ("blockedCountries", Subject::Country),
    ("safeIPs", Subject::SafeAddress),
];

/// What an entry that is an object may say; the last one of networks alone.
const FIELDS: [&str; 4] = ["value", "reason", "expires", "wide"];

/// The whole file.
struct File<'a>(&'a mut BlocklistBuilder);

/// One of its lists.
struct List<'a>(&'a mut BlocklistBuilder, Subject);

/// One entry of a list.
struct Item<'a>(&'a mut BlocklistBuilder, Subject);

pub(crate) fn parse(json: &[u8], source: &str) -> Result<Blocklist, BlocklistError> {
    // Editors on Windows write a byte order mark; RFC 8259 section 8.1 lets a reader ignore it.
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let mut builder = Blocklist::builder();
    let mut reader = serde_json::Deserializer::from_slice(json);
    File(&mut builder)
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| BlocklistError::json(source, &error))?;
    builder.build().map_err(|error| BlocklistError::new(source, error.to_string()))
}

// === impl File ===

impl<'de> DeserializeSeed<'de> for File<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for File<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the lists")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some((name, subject)) = LISTS.iter().find(|(name, _)| *name == key) else {
                return Err(A::Error::custom(unknown_key(&key, &LISTS.map(|(name, _)| name))));
            };
            once(&mut seen, name)?;
            map.next_value_seed(List(self.0, *subject))?;
        }
        Ok(())
    }
}

// === impl List ===

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(()) = list.next_element_seed(Item(self.0, self.1))? {}
        Ok(())
    }
}

// === impl Item ===

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or an object with `value`")
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.0.add(self.1, Entry::new(value)).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let known = self.fields();
        let (mut entry, mut seen) = (Entry::new(""), Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            let Some(name) = known.iter().find(|name| **name == key) else {
                return Err(A::Error::custom(self.unknown_field(&key)));
            };
            once(&mut seen, name)?;
            match *name {
                "value" => entry.value = map.next_value::<String>()?.into(),
                "reason" => entry.reason = Some(map.next_value::<String>()?.into()),
                "expires" => entry = entry.expires(timestamp(&map.next_value::<String>()?)?),
                _ => entry.wide = map.next_value()?,
            }
        }
        if !seen.contains(&"value") {
            return Err(A::Error::custom("the entry has no `value`"));
        }
        self.0.add(self.1, entry).map_err(A::Error::custom)
    }
}

impl Item<'_> {
    fn fields(&self) -> &'static [&'static str] {
        let of_networks = matches!(self.1, Subject::Address | Subject::SafeAddress);
        if of_networks { &FIELDS } else { FIELDS.split_last().map_or(&[], |(_, rest)| rest) }
    }

    /// In the list of tokens a key may be a token that lost its brackets: it is named only if it resembles a known key.
    fn unknown_field(&self, key: &str) -> String {
        if self.1 == Subject::Token && nearest(key, self.fields()).is_none() {
            return "an entry has an unknown key: expected `value`, `reason`, `expires`".to_owned();
        }
        unknown_key(key, self.fields())
    }
}

fn unknown_key(key: &str, known: &[&str]) -> String {
    // Long enough for any key that is a typo, too short for a token.
    const SHOWN: usize = 40;
    let mut shown: String = key.chars().take(SHOWN).collect();
    if shown.len() < key.len() {
        shown.push('…');
    }
    let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let error = ConfigError::new("key", shown).expected(format!("one of {list}"));
    match nearest(key, known) {
        Some(near) => error.meant(near).to_string(),
        None => error.to_string(),
    }
}

/// JSON leaves open which of two equal keys counts (RFC 8259 section 4): half of a list would be lost in silence.
fn once<E: serde::de::Error>(seen: &mut Vec<&'static str>, name: &'static str) -> Result<(), E> {
    if seen.contains(&name) {
        return Err(E::custom(format_args!("the key `{name}` stands there twice")));
    }
    seen.push(name);
    Ok(())
}

fn timestamp<E: serde::de::Error>(text: &str) -> Result<std::time::SystemTime, E> {
    // Whoever misplaces a token may misplace it here: the text is not repeated.
    text.parse::<Timestamp>().map(Into::into).map_err(|_| {
        E::custom("`expires` is not a time: expected RFC 3339, such as `2027-01-31T00:00:00Z`")
    })
}
