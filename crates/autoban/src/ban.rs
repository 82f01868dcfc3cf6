//! One ban, as the file and the admin API tell it.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::{
    BanTarget, Evidence, time,
    wire::{self, cut},
};

/// One ban: who, why, since when, until when, by whom.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Ban {
    /// Whom it is for: an address or network, the id of a user, or `sha256:` and the digest of a token.
    #[serde(deserialize_with = "wire::value")]
    pub value: String,
    /// Who vouches for the user; every issuer if there is none, and the empty text for identities without one.
    #[serde(
        default,
        deserialize_with = "wire::some_value",
        skip_serializing_if = "Option::is_none"
    )]
    pub issuer: Option<String>,
    /// Why. 200 characters are kept.
    #[serde(
        default,
        deserialize_with = "wire::some_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub reason: Option<String>,
    /// Since when.
    #[serde(with = "palisade_core::rfc3339")]
    pub since: SystemTime,
    /// Until when; for ever if there is none.
    #[serde(
        default,
        with = "palisade_core::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<SystemTime>,
    /// Who banned: `auto-ban`, the name of an admin, or `file` for a hand-written entry.
    #[serde(deserialize_with = "wire::text")]
    pub by: String,
    /// How often auto-ban banned the same one within the memory of the escalation, this time included; zero if a person did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offences: u32,
    /// The violations it is based on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// All bans that count, in the shape of the file. In no particular order.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BanList {
    /// Banned addresses and networks.
    #[serde(rename = "bannedIPs")]
    pub ips: Vec<Ban>,
    /// Banned users.
    #[serde(rename = "bannedUserIds")]
    pub users: Vec<Ban>,
    /// Banned tokens, by their digests.
    #[serde(rename = "bannedTokens")]
    pub tokens: Vec<Ban>,
}

/// A ban by a person: by whom, why, how long.
///
/// ```
/// # use std::time::Duration;
/// use palisade_autoban::BanOrder;
/// let order = BanOrder::by("alice").reason("ticket 4711").lasting(Duration::from_secs(3600));
/// ```
#[derive(Clone, Debug)]
pub struct BanOrder {
    pub(crate) by: Box<str>,
    pub(crate) reason: Option<Box<str>>,
    pub(crate) lasting: Option<Duration>,
}

/// A ban without whom it is for: what the store keeps under that key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    pub(crate) reason: Option<Box<str>>,
    pub(crate) since: SystemTime,
    pub(crate) until: Option<SystemTime>,
    pub(crate) by: Box<str>,
    pub(crate) offences: u32,
    pub(crate) evidence: Option<Box<Evidence>>,
}

// === impl BanOrder ===

impl BanOrder {
    /// A ban for ever by `admin`, whose name goes into the file and the security log.
    #[must_use]
    pub fn by(admin: impl Into<Box<str>>) -> Self {
        Self { by: admin.into(), reason: None, lasting: None }
    }

    /// Says why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<Box<str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Says how long.
    #[must_use]
    pub fn lasting(mut self, time: Duration) -> Self {
        self.lasting = Some(time);
        self
    }

    pub(crate) fn record(self, now: SystemTime) -> Record {
        Record {
            reason: self.reason.map(|reason| cut(&reason)),
            since: time::to_millis(now).unwrap_or(SystemTime::UNIX_EPOCH),
            // Past the end of the calendar is for ever.
            until: self.lasting.and_then(|time| time::to_millis(now.checked_add(time)?)),
            by: cut(&self.by),
            offences: 0,
            evidence: None,
        }
    }
}

// === impl Record ===

impl Record {
    pub(crate) const BY_AUTO_BAN: &'static str = "auto-ban";
    pub(crate) const BY_FILE: &'static str = "file";

    /// The `offences`-th ban of somebody by counting.
    pub(crate) fn automatic(
        now: SystemTime,
        lasting: Option<Duration>,
        offences: u32,
        evidence: Evidence,
    ) -> Self {
        let mut record =
            BanOrder { by: Self::BY_AUTO_BAN.into(), reason: None, lasting }.record(now);
        record.reason = Some("too many violations".into());
        record.offences = offences;
        record.evidence = Some(Box::new(evidence));
        record
    }

    pub(crate) fn by_file(now: SystemTime) -> Self {
        BanOrder::by(Self::BY_FILE).record(now)
    }

    /// Whether it counts at `at`. One that ends counts until then, not then.
    pub(crate) fn counts(&self, at: SystemTime) -> bool {
        self.until.is_none_or(|until| at < until)
    }

    /// Whether a person made it, whose last word counts.
    pub(crate) fn is_order(&self) -> bool {
        *self.by != *Self::BY_AUTO_BAN
    }

    /// Whether it lasts at least as long as `other`.
    pub(crate) fn outlasts(&self, other: &Self) -> bool {
        match (self.until, other.until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => own >= other,
        }
    }

    /// The time left at `at`, if it has an end.
    pub(crate) fn left(&self, at: SystemTime) -> Option<Duration> {
        self.until.map(|until| until.duration_since(at).unwrap_or_default())
    }

    pub(crate) fn ban_of(&self, target: &BanTarget) -> Ban {
        let Self { reason, since, until, by, offences, evidence } = self.clone();
        Ban {
            value: target.to_string(),
            issuer: target.issuer().map(Into::into),
            reason: reason.map(Into::into),
            since,
            until,
            by: by.into(),
            offences,
            evidence: evidence.map(|evidence| *evidence),
        }
    }
}

impl From<Ban> for Record {
    fn from(ban: Ban) -> Self {
        Self {
            reason: ban.reason.map(|reason| cut(&reason)),
            since: ban.since,
            until: ban.until,
            by: cut(&ban.by),
            offences: ban.offences,
            evidence: ban.evidence.map(Box::new),
        }
    }
}

// === impl Ban ===

impl Ban {
    /// Whether it is for `target` and nobody else.
    pub(crate) fn names(&self, target: &BanTarget) -> bool {
        self.value == target.to_string() && self.issuer.as_deref() == target.issuer()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
