//! What the security log is told about a value that was not opened.

use palisade_core::SECURITY_TARGET;

use crate::{Context, KeyVersion, OpenError};

/// Tells of `error`, unless it says nothing about the value. What is told is the place, never a byte of the value.
pub(crate) fn of(error: &OpenError, context: &Context<'_>, version: Option<KeyVersion>) {
    let outcome = match error {
        OpenError::Malformed => "malformed",
        OpenError::Tampered => "tampered",
        OpenError::UnknownKey { .. } => "unknown-key",
        OpenError::BelowMinimum { .. } => "below-minimum",
        OpenError::Unavailable(_) => return,
    };
    tracing::error!(
        target: SECURITY_TARGET,
        event = "vault.refused",
        outcome,
        tenant = context.tenant,
        table = context.table,
        column = context.column,
        row = context.row,
        purpose = context.purpose,
        revision = context.revision,
        key_version = version.map(KeyVersion::number),
        "a sealed value was not opened"
    );
}
