//! A record as admins read it: without what only a verifier needs.

use jiff::Timestamp;
use palisade_audit::Record;
use serde_json::{Value, json};

pub(super) fn view(record: &Record) -> Value {
    let details = record.details.as_deref();
    let details = details.and_then(|text| serde_json::from_str::<Value>(text).ok());
    json!({
        "sequence": record.sequence,
        "time": time(record.time),
        "action": record.action,
        "outcome": record.outcome,
        "code": record.code,
        "requestId": record.request_id,
        "actor": {
            "kind": record.actor_kind,
            "issuer": record.actor_issuer,
            "subject": record.actor_subject,
            "address": record.actor_address,
            "userAgent": record.actor_user_agent,
        },
        "onBehalfOf": record.behalf_seal.map(|_| json!({
            "issuer": record.behalf_issuer,
            "subject": record.behalf_subject,
        })),
        "target": record.target_kind.as_ref().map(|kind| json!({
            "kind": kind,
            "issuer": record.target_issuer,
            "id": record.target_id,
        })),
        "reason": record.reason,
        "details": details,
    })
}

/// By RFC 3339; a number that is no time of a calendar stays one.
fn time(milliseconds: i64) -> Value {
    Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| milliseconds.into(), |time| time.to_string().into())
}
