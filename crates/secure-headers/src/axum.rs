//! The nonce as an argument of an axum handler.

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use palisade_core::{Code, Rejection, RejectionKind, SecurityContext};

use crate::CspNonce;

/// No layer of ours stands in front of the handler, or none that draws a nonce.
const NO_NONCE: Code = Code::new("internal-error", "The service is not set up correctly");

impl<S: Send + Sync> FromRequestParts<S> for CspNonce {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let context = head.extensions.get::<SecurityContext>();
        let missing = || {
            Rejection::new(RejectionKind::Internal, NO_NONCE)
                .reason("no secure-headers layer with a nonce in front of the handler")
        };
        context.and_then(SecurityContext::attached).ok_or_else(missing)
    }
}
