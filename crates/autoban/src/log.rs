//! What the security log says of bans: one event each, with target, outcome and who did it.

use std::time::SystemTime;

use palisade_core::SECURITY_TARGET;

use crate::{BanTarget, ban::Record};

/// What is told of a new ban.
pub(crate) struct Change {
    kind: &'static str,
    target: String,
    issuer: Option<Box<str>>,
    pub(crate) by: Box<str>,
    reason: Option<Box<str>>,
    until: Option<SystemTime>,
    violations: Option<u32>,
    weight: Option<u32>,
    routes: Option<String>,
    offences: Option<u32>,
}

// === impl Change ===

impl Change {
    pub(crate) fn of(target: &BanTarget, record: &Record) -> Self {
        let evidence = record.evidence.as_deref();
        Self {
            kind: target.kind(),
            target: target.to_string(),
            issuer: target.issuer().map(Into::into),
            by: record.by.clone(),
            reason: record.reason.clone(),
            until: record.until,
            violations: evidence.map(|evidence| evidence.violations.total()),
            weight: evidence.map(|evidence| evidence.weight),
            routes: evidence
                .filter(|evidence| !evidence.routes.is_empty())
                .map(|evidence| evidence.routes.join(" ")),
            offences: Some(record.offences).filter(|offences| *offences > 0),
        }
    }
}

/// Somebody is banned. Texts are plain `str`s, which every format escapes: one event stays one line. `source` is
/// `here`, or `elsewhere` for what another instance did.
pub(crate) fn added(change: &Change, source: &'static str) {
    let until = change.until.and_then(|until| jiff::Timestamp::try_from(until).ok());
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "ban.added",
        outcome = "banned",
        source,
        kind = change.kind,
        banned = change.target.as_str(),
        issuer = change.issuer.as_deref(),
        by = &*change.by,
        reason = change.reason.as_deref(),
        until = until.map(tracing::field::display),
        violations = change.violations,
        weight = change.weight,
        routes = change.routes.as_deref(),
        offences = change.offences,
        "banned"
    );
}

/// Somebody would be banned, and is not: an alert, because either the set-up is wrong or someone tries to have it banned.
/// It stands for `folded` others that were not logged.
pub(crate) fn refused(target: Option<&BanTarget>, outcome: &'static str, by: &str, folded: u64) {
    tracing::error!(
        target: SECURITY_TARGET,
        event = "ban.refused",
        outcome,
        kind = target.map(BanTarget::kind),
        banned = target.map(ToString::to_string).as_deref(),
        by,
        folded,
        "not banned"
    );
}

/// Somebody asked to lift a ban.
pub(crate) fn lifted(target: &BanTarget, outcome: &'static str, by: &str, source: &'static str) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "ban.lifted",
        outcome,
        source,
        kind = target.kind(),
        banned = &*target.to_string(),
        issuer = target.issuer(),
        by,
        "ban lifted"
    );
}

/// A person's change that was in force was taken back, because it could not be recorded.
pub(crate) fn undone(target: &BanTarget) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "ban.undone",
        outcome = "undone",
        kind = target.kind(),
        banned = &*target.to_string(),
        issuer = target.issuer(),
        "a change of the bans was taken back"
    );
}
