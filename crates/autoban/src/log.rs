//! What the security log says of bans: one event each, with target, outcome and who did it.

use std::time::SystemTime;

use palisade_core::SECURITY_TARGET;

use crate::{ban::Record, target::Target};

/// What is told of a new ban.
pub(crate) struct Change {
    kind: &'static str,
    target: String,
    pub(crate) by: Box<str>,
    reason: Option<Box<str>>,
    until: Option<SystemTime>,
    violations: Option<u32>,
}

// === impl Change ===

impl Change {
    pub(crate) fn of(target: &Target, record: &Record) -> Self {
        Self {
            kind: target.kind(),
            target: target.to_string(),
            by: record.by.clone(),
            reason: record.reason.clone(),
            until: record.until,
            violations: record.evidence.as_ref().map(|evidence| evidence.violations.total()),
        }
    }
}

/// Somebody is banned. Texts are formatted with `?`, which escapes control characters: one event stays one line.
pub(crate) fn added(change: &Change) {
    let until = change.until.and_then(|until| jiff::Timestamp::try_from(until).ok());
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "ban.added",
        outcome = "banned",
        kind = change.kind,
        target = ?change.target,
        by = ?change.by,
        reason = change.reason.as_ref().map(tracing::field::debug),
        until = until.map(tracing::field::display),
        violations = change.violations,
        "banned"
    );
}

/// Somebody would be banned, and is not: an alert, because either the set-up is wrong or someone tries to have it banned.
pub(crate) fn refused(target: &Target, outcome: &'static str, by: &str) {
    tracing::error!(
        target: SECURITY_TARGET,
        event = "ban.refused",
        outcome,
        kind = target.kind(),
        target = ?target.to_string(),
        by = ?by,
        "not banned"
    );
}

/// Somebody asked to lift a ban.
pub(crate) fn lifted(target: &Target, outcome: &'static str, by: &str) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "ban.lifted",
        outcome,
        kind = target.kind(),
        target = ?target.to_string(),
        by = ?by,
        "ban lifted"
    );
}
