//! What instances tell each other, as JSON: strict and bounded when it is read.

use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{Ban, BanChange, BanTarget};

/// The most characters kept of a reason, and of the name of who banned.
const LONGEST_TEXT: usize = 200;

/// The most bytes of a value that may be a token in clear: as many as a request's head may have.
const LONGEST_VALUE: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    kind: Kind,
    value: String,
    #[serde(default)]
    issuer: Option<String>,
}

#[derive(Serialize)]
struct NamedRef<'a> {
    kind: &'static str,
    value: std::fmt::Arguments<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Ip,
    User,
    Token,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    target: BanTarget,
    #[serde(default)]
    ban: Option<Ban>,
    #[serde(with = "palisade_core::rfc3339")]
    at: SystemTime,
    #[serde(default)]
    by: Option<String>,
}

#[derive(Serialize)]
struct ChangedRef<'a> {
    target: &'a BanTarget,
    #[serde(skip_serializing_if = "Option::is_none")]
    ban: Option<&'a Ban>,
    #[serde(with = "palisade_core::rfc3339")]
    at: SystemTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
}

// === impl BanTarget ===

impl Serialize for BanTarget {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let issuer = self.issuer();
        NamedRef { kind: self.kind(), value: format_args!("{self}"), issuer }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for BanTarget {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Named { kind, value, issuer } = Named::deserialize(from)?;
        let issuer = issuer.as_deref();
        // The text is not repeated: it may be a token that somebody put in the wrong place.
        let (target, wrong) = match kind {
            Kind::User => (Self::named(issuer, &value).ok(), "no id of a user, or of an issuer"),
            Kind::Ip | Kind::Token if issuer.is_some() => (None, "only users have an issuer"),
            Kind::Ip => (Self::ip(&value).ok(), "neither an address nor an IPv6 network"),
            // In clear it would have travelled where no token may.
            Kind::Token => (
                Self::token(&value).ok().filter(|_| value.starts_with("sha256:")),
                "a token is named by `sha256:` and its digest",
            ),
        };
        target.ok_or_else(|| D::Error::custom(wrong))
    }
}

// === impl BanChange ===

impl Serialize for BanChange {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { target, ban, at, by } = self;
        ChangedRef { target, ban: ban.as_ref(), at: *at, by: by.as_deref() }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for BanChange {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Changed { target, ban, at, by } = Changed::deserialize(from)?;
        if ban.as_ref().is_some_and(|ban| !ban.names(&target)) {
            return Err(D::Error::custom("the ban names somebody else than the target"));
        }
        Ok(Self { target, ban, at, by: by.map(|by| cut(&by)) })
    }
}

/// Cuts a text to what is kept of it.
pub(crate) fn cut(text: &str) -> Box<str> {
    text.chars().take(LONGEST_TEXT).collect::<String>().into()
}

/// Reads a text and cuts it.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    String::deserialize(from).map(|text| cut(&text).into())
}

/// Reads a text that may be missing, and cuts it.
pub(crate) fn some_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    text(from).map(Some)
}

/// Reads whom a ban is for. The text is not repeated in the error: it may be a token.
pub(crate) fn value<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let value = String::deserialize(from)?;
    if value.len() > LONGEST_VALUE {
        return Err(D::Error::custom(format_args!("a value of more than {LONGEST_VALUE} bytes")));
    }
    Ok(value)
}

/// Reads such a value that may be missing.
pub(crate) fn some_value<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    value(from).map(Some)
}
