//! What the security log is told about what was not opened.

use palisade_core::SECURITY_TARGET;

use crate::{Context, KeyVersion, OpenError, RewrapError};

/// Tells of a value, or of the header of a stream, that was not opened.
pub(crate) fn told<T>(
    context: &Context<'_>,
    version: Option<KeyVersion>,
    opened: Result<T, OpenError>,
) -> Result<T, OpenError> {
    opened.inspect_err(|error| of(error, context, version, None))
}

/// Tells of one that was not wrapped again because it was not opened.
pub(crate) fn told_rewrap<T>(
    context: &Context<'_>,
    version: Option<KeyVersion>,
    rewrapped: Result<T, RewrapError>,
) -> Result<T, RewrapError> {
    rewrapped.inspect_err(|error| match error {
        RewrapError::Open(error) => of(error, context, version, None),
        RewrapError::Seal(_) => {}
    })
}

/// Tells of `error`, unless it says nothing about the value. What is told is the place, and which chunk of a stream, never a
/// byte of the value.
pub(crate) fn of(
    error: &OpenError,
    context: &Context<'_>,
    version: Option<KeyVersion>,
    chunk: Option<u64>,
) {
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
        chunk,
        "a sealed value was not opened"
    );
}
