//! The refusals, which tell a client as little as they can.

use http::{HeaderValue, header};
use palisade_core::{Code, Rejection, RejectionKind, ViolationKind};

use crate::KeyFault;

const INVALID: Code = Code::new("invalid-api-key", "The API key is not valid");
const REQUIRED: Code = Code::new("credentials-required", "A credential is required");
const AMBIGUOUS: Code =
    Code::new("ambiguous-credentials", "More than one credential was presented");

/// 401: a key that is not valid. Why it is not stays in the log.
pub(crate) fn invalid(fault: KeyFault) -> Rejection {
    refuse(RejectionKind::Unauthenticated, INVALID)
        .violation(ViolationKind::AuthFailure)
        .reason_with(move || fault.to_string())
}

/// 401: no key, and one is needed.
pub(crate) fn required() -> Rejection {
    refuse(RejectionKind::Unauthenticated, REQUIRED)
}

/// 400: more than one credential.
pub(crate) fn ambiguous() -> Rejection {
    refuse(RejectionKind::Malformed, AMBIGUOUS)
}

/// A 401 must bring a challenge (RFC 9110 section 15.5.2). No scheme is registered for keys; this one is what the field uses.
fn refuse(kind: RejectionKind, code: Code) -> Rejection {
    let challenge = HeaderValue::from_static("ApiKey realm=\"api\"");
    Rejection::new(kind, code).header(header::WWW_AUTHENTICATE, challenge)
}
