//! The file's format: one JSON document, one ban a line.

use std::{fmt, io, io::Write as _, time::SystemTime};

use palisade_core::ConfigError;
use serde::{
    Deserialize, Serialize,
    de::{
        DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
        value::MapAccessDeserializer,
    },
};

use crate::{
    Ban,
    ban::Record,
    bans::Bans,
    target::{Target, is_user_id, token_digest},
};

/// The most bytes a file may have, read or written.
pub(crate) const LIMIT: u64 = 64 * 1024 * 1024;

/// The bytes a file without bans has, rounded up.
pub(crate) const FRAME: usize = 128;

const VERSION: u32 = 1;
const KEYS: [&str; 4] = ["version", "bannedIPs", "bannedUserIds", "bannedTokens"];

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) bans: Vec<(Target, Record)>,
    /// Whether it holds entries that are only a text. Such a text may be a token in clear, which must not stay there.
    pub(crate) has_plain: bool,
}

/// The whole file.
struct File<'a>(&'a mut Loaded, Rules);

/// One of its lists.
struct List<'a>(&'a mut Loaded, Rules, &'static str);

/// One entry of a list.
struct Item<'a>(&'a mut Loaded, Rules, &'static str);

#[derive(Clone, Copy)]
struct Rules {
    most_bans: usize,
    now: SystemTime,
}

/// One line of the file, without taking it out of the store.
#[derive(Serialize)]
struct Line<'a> {
    value: fmt::Arguments<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(with = "palisade_core::rfc3339")]
    since: SystemTime,
    #[serde(with = "palisade_core::rfc3339::option", skip_serializing_if = "Option::is_none")]
    until: Option<SystemTime>,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a crate::Evidence>,
}

/// The bans in force at `at`, as the file has them.
pub(crate) fn write(bans: &Bans, at: SystemTime) -> io::Result<Vec<u8>> {
    let (mut ips, mut users, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
    let mut result = Ok(());
    bans.each(at, |target, record| {
        let list = match target {
            Target::Ip(_) => &mut ips,
            Target::User(_) => &mut users,
            Target::Token(_) => &mut tokens,
        };
        if !list.is_empty() {
            list.push(b',');
        }
        list.push(b'\n');
        if let Err(error) = line(target, record, list) {
            result = Err(error);
        }
    });
    result?;
    let mut file = Vec::new();
    write!(file, "{{\"version\":{VERSION},\n\"bannedIPs\":[")?;
    file.append(&mut ips);
    file.extend_from_slice(b"],\n\"bannedUserIds\":[");
    file.append(&mut users);
    file.extend_from_slice(b"],\n\"bannedTokens\":[");
    file.append(&mut tokens);
    file.extend_from_slice(b"]}\n");
    Ok(file)
}

/// The bytes a ban takes in the file.
pub(crate) fn len_of(target: &Target, record: &Record) -> usize {
    let mut bytes = Vec::new();
    // What cannot be written takes no room: `write` reports it.
    drop(line(target, record, &mut bytes));
    bytes.len().saturating_add(2)
}

/// Reads a file. The error says what is wrong and where, and holds no value of the file: it may be a token.
pub(crate) fn read(json: &[u8], most_bans: usize, now: SystemTime) -> Result<Loaded, String> {
    let mut loaded = Loaded::default();
    let mut reader = serde_json::Deserializer::from_slice(json);
    File(&mut loaded, Rules { most_bans, now })
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| without_values(&error))?;
    Ok(loaded)
}

fn line(target: &Target, record: &Record, to: &mut Vec<u8>) -> io::Result<()> {
    let line = Line {
        value: format_args!("{target}"),
        reason: record.reason.as_deref(),
        since: record.since,
        until: record.until,
        by: &record.by,
        evidence: record.evidence.as_deref(),
    };
    serde_json::to_writer(to, &line).map_err(Into::into)
}

fn without_values(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    let message =
        message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
    // `invalid type: string "…", expected a list`, ``unknown field `…`, expected …``.
    let message = match message.rsplit_once(", expected ") {
        Some((before, expected)) if before.starts_with(['i', 'u']) => {
            format!("expected {expected}")
        }
        _ => message.to_owned(),
    };
    format!("line {line} column {column}: {message}")
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
        f.write_str("an object with the lists of bans")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let known = KEYS.into_iter().find(|known| *known == key && !seen.contains(known));
            let Some(known) = known else {
                return Err(A::Error::custom("a key is unknown or stands there twice"));
            };
            seen.push(known);
            if known != "version" {
                map.next_value_seed(List(self.0, self.1, known))?;
            } else if map.next_value::<u32>()? != VERSION {
                return Err(A::Error::custom("written by another version of auto-ban"));
            }
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
        f.write_str("a list of bans")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(()) = list.next_element_seed(Item(self.0, self.1, self.2))? {
            if self.0.bans.len() > self.1.most_bans {
                let most = self.1.most_bans;
                return Err(A::Error::custom(format_args!("more than {most} bans")));
            }
        }
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
        let target = self.target(value).map_err(E::custom)?;
        self.0.bans.push((target, Record::by_file(self.1.now)));
        self.0.has_plain = true;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let ban = Ban::deserialize(MapAccessDeserializer::new(map))?;
        let target = self.target(&ban.value).map_err(A::Error::custom)?;
        // A value in clear in an object is as bad as one alone.
        self.0.has_plain |= matches!(target, Target::Token(_)) && !ban.value.starts_with("sha256:");
        self.0.bans.push((target, ban.into()));
        Ok(())
    }
}

impl Item<'_> {
    fn target(&self, value: &str) -> Result<Target, ConfigError> {
        match self.2 {
            "bannedIPs" => {
                let wrong =
                    |_| ConfigError::new("address", "…").expected("an address or an IPv6 network");
                value.parse().map(Target::Ip).map_err(wrong)
            }
            "bannedUserIds" if is_user_id(value) => Ok(Target::User(value.into())),
            "bannedUserIds" => Err(ConfigError::new("user id", "…").expected("1 to 256 bytes")),
            _ => token_digest(value).map(Target::Token),
        }
    }
}
