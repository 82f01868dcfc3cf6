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
    Ban, BanTarget,
    ban::Record,
    bans::Bans,
    past_bans::{Past, PastBans},
};

/// The most bytes that bans may take in the file, and those that what is remembered of earlier ones may take.
pub(crate) const MOST_BYTES_OF_BANS: u64 = 64 * MIB;
pub(crate) const MOST_BYTES_OF_PAST: u64 = 15 * MIB;

/// The most bytes a file may have that is read: more than is ever written.
pub(crate) const LIMIT: u64 = 80 * MIB;

const MIB: u64 = 1024 * 1024;

/// The bytes a file without bans has, rounded up.
pub(crate) const FRAME: usize = 128;

const VERSION: u32 = 1;
const KEYS: [&str; 5] = ["version", "bannedIPs", "bannedUserIds", "bannedTokens", PAST];
const PAST: &str = "pastBans";

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) bans: Vec<(BanTarget, Record)>,
    pub(crate) past: Vec<(BanTarget, Past)>,
    /// Whether it holds entries that are only a text. Such a text may be a token in clear, which must not stay there.
    pub(crate) has_plain: bool,
}

/// The whole file.
struct File<'a>(&'a mut Loaded, Rules);

/// One of its lists.
struct List<'a>(&'a mut Loaded, Rules, &'static str);

/// The list of what is remembered of bans that ended.
struct PastList<'a>(&'a mut Loaded, Rules);

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
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(with = "palisade_core::rfc3339")]
    since: SystemTime,
    #[serde(with = "palisade_core::rfc3339::option", skip_serializing_if = "Option::is_none")]
    until: Option<SystemTime>,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    offences: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a crate::Evidence>,
}

/// What is remembered of a ban that ended.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PastLine {
    target: BanTarget,
    offences: u32,
    #[serde(with = "palisade_core::rfc3339")]
    ended: SystemTime,
}

/// The bans in force at `at`, as far as they are settled, and what is remembered of earlier ones, as the file has them.
pub(crate) fn write(bans: &Bans, past: &PastBans, at: SystemTime) -> io::Result<Vec<u8>> {
    let (mut ips, mut users, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
    let mut ended = past.list(at);
    let mut result = Ok(());
    bans.each_settled(|target, record| {
        let list = match target {
            BanTarget::Ip(_) => &mut ips,
            BanTarget::User(_) => &mut users,
            BanTarget::Token(_) => &mut tokens,
        };
        if !record.counts(at) {
            ended.extend(past.of_ended(record, at).map(|past| (target.clone(), past)));
        } else if let Err(error) = next(list, |to| line(target, record, to)) {
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
    file.push(b']');
    write_past(ended, &mut file)?;
    file.extend_from_slice(b"}\n");
    Ok(file)
}

/// What would not fit is not remembered: that shortens a later ban, and none in force.
fn write_past(past: Vec<(BanTarget, Past)>, file: &mut Vec<u8>) -> io::Result<()> {
    let mut list = Vec::new();
    for (target, Past { offences, ended }) in past {
        if u64::try_from(list.len()).is_ok_and(|len| len < MOST_BYTES_OF_PAST) {
            let line = PastLine { target, offences, ended };
            next(&mut list, |to| serde_json::to_writer(to, &line).map_err(Into::into))?;
        }
    }
    if !list.is_empty() {
        write!(file, ",\n\"{PAST}\":[")?;
        file.append(&mut list);
        file.push(b']');
    }
    Ok(())
}

fn next(list: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
    if !list.is_empty() {
        list.push(b',');
    }
    list.push(b'\n');
    write(list)
}

/// The bytes a ban takes in the file.
pub(crate) fn len_of(target: &BanTarget, record: &Record) -> usize {
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

fn line(target: &BanTarget, record: &Record, to: &mut Vec<u8>) -> io::Result<()> {
    let line = Line {
        value: format_args!("{target}"),
        issuer: target.issuer(),
        reason: record.reason.as_deref(),
        since: record.since,
        until: record.until,
        by: &record.by,
        offences: Some(record.offences).filter(|offences| *offences > 0),
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
            if known == PAST {
                map.next_value_seed(PastList(self.0, self.1))?;
            } else if known != "version" {
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
        let target = self.target(value, None).map_err(E::custom)?;
        self.0.bans.push((target, Record::by_file(self.1.now)));
        self.0.has_plain = true;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let ban = Ban::deserialize(MapAccessDeserializer::new(map))?;
        let target = self.target(&ban.value, ban.issuer.as_deref()).map_err(A::Error::custom)?;
        // A value in clear in an object is as bad as one alone.
        self.0.has_plain |=
            matches!(target, BanTarget::Token(_)) && !ban.value.starts_with("sha256:");
        self.0.bans.push((target, ban.into()));
        Ok(())
    }
}

impl Item<'_> {
    fn target(&self, value: &str, issuer: Option<&str>) -> Result<BanTarget, ConfigError> {
        let expected = |what: &str, expected| Err(ConfigError::new(what, "…").expected(expected));
        match self.2 {
            "bannedUserIds" => BanTarget::named(issuer, value)
                .or_else(|_| expected("user id", "1 to 256 bytes, and no longer issuer")),
            _ if issuer.is_some() => expected("issuer", "none: only users have one"),
            "bannedIPs" => BanTarget::ip(value)
                .or_else(|_| expected("address", "an address or an IPv6 network")),
            _ => BanTarget::token(value),
        }
    }
}

// === impl PastList ===

impl<'de> DeserializeSeed<'de> for PastList<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PastList<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of what is remembered of earlier bans")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(PastLine { target, offences, ended }) = list.next_element()? {
            // There may be room for fewer than when it was written; the start takes what fits.
            if self.0.past.len() < self.1.most_bans {
                self.0.past.push((target, Past { offences, ended }));
            }
        }
        Ok(())
    }
}
