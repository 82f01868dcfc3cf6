//! The file's format: JSON, read strictly, with the place of the first mistake.

use std::{fmt, str};

use jiff::Timestamp;
use palisade_core::ConfigError;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::{
    BlocklistBuilder, BlocklistError, builder::Subject, entry::Line, includes::Includes,
    near::nearest,
};

const LISTS: [(&str, Subject); 5] = [
    ("blockedIPs", Subject::Address),
    ("blockedUserIds", Subject::User),
    ("blockedTokens", Subject::Token),
    ("blockedCountries", Subject::Country),
    ("safeIPs", Subject::SafeAddress),
];

/// The plain lists beside the file.
const INCLUDES: &str = "includes";

/// What an entry that is an object may say, of each kind.
const FIELDS: &[&str] = &["value", "reason", "expires"];
const FIELDS_OF_NETWORKS: &[&str] = &["value", "reason", "expires", "wide"];
const FIELDS_OF_USERS: &[&str] = &["value", "reason", "expires", "issuer"];

/// The whole file. The includes are named if whoever asks can read them.
struct File<'a>(&'a mut BlocklistBuilder, Option<&'a mut Includes>);

/// One of its lists.
struct List<'a>(&'a mut BlocklistBuilder, Subject);

/// One entry of a list.
struct Item<'a>(&'a mut BlocklistBuilder, Subject);

/// An entry that is an object, as far as it was read.
#[derive(Default)]
struct Members {
    value: Option<String>,
    reason: Option<String>,
    issuer: Option<String>,
    expires: Option<std::time::SystemTime>,
    wide: bool,
}

/// Adds what the file says to `builder`, and the names of plain lists to `includes`.
pub(crate) fn read(
    json: &[u8],
    source: &str,
    builder: &mut BlocklistBuilder,
    includes: Option<&mut Includes>,
) -> Result<(), BlocklistError> {
    // Editors on Windows write a byte order mark; RFC 8259 section 8.1 lets a reader ignore it.
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let file = File(builder, includes);
    let read = if let Ok(json) = str::from_utf8(json) {
        // Looked at once as a whole, instead of once for each string.
        let mut reader = serde_json::Deserializer::from_str(json);
        file.deserialize(&mut reader).and_then(|()| reader.end())
    } else {
        // Ends with the place of what is no UTF-8, or of a mistake before it.
        let mut reader = serde_json::Deserializer::from_slice(json);
        file.deserialize(&mut reader).and_then(|()| reader.end())
    };
    read.map_err(|error| BlocklistError::json(source, &error))
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
        let Self(builder, mut includes) = self;
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == INCLUDES {
                once(&mut seen, INCLUDES)?;
                let includes = includes.as_deref_mut().ok_or_else(|| {
                    A::Error::custom("`includes` names lists beside a file, and this is no file")
                })?;
                map.next_value_seed(includes)?;
                continue;
            }
            let Some((name, subject)) = LISTS.iter().find(|(name, _)| *name == key) else {
                return Err(A::Error::custom(unknown_key(&key, &keys())));
            };
            once(&mut seen, name)?;
            map.next_value_seed(List(builder, *subject))?;
        }
        Ok(())
    }
}

fn keys() -> Vec<&'static str> {
    LISTS.iter().map(|(name, _)| *name).chain([INCLUDES]).collect()
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
        self.0.add(self.1, Line { value, ..Line::default() }).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let known = self.fields();
        let (mut members, mut seen) = (Members::default(), Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            let Some(name) = known.iter().find(|name| **name == key) else {
                return Err(A::Error::custom(self.unknown_field(&key)));
            };
            once(&mut seen, name)?;
            match *name {
                "value" => members.value = Some(map.next_value()?),
                "reason" => members.reason = Some(map.next_value()?),
                "expires" => members.expires = Some(timestamp(&map.next_value::<String>()?)?),
                "issuer" => members.issuer = Some(map.next_value()?),
                _ => members.wide = map.next_value()?,
            }
        }
        let Some(value) = &members.value else {
            return Err(A::Error::custom("the entry has no `value`"));
        };
        let line = Line {
            value,
            reason: members.reason.as_deref(),
            issuer: members.issuer.as_deref(),
            expires: members.expires,
            wide: members.wide,
        };
        self.0.add(self.1, line).map_err(A::Error::custom)
    }
}

impl Item<'_> {
    fn fields(&self) -> &'static [&'static str] {
        match self.1 {
            Subject::Address | Subject::SafeAddress => FIELDS_OF_NETWORKS,
            Subject::User => FIELDS_OF_USERS,
            Subject::Token | Subject::Country => FIELDS,
        }
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
