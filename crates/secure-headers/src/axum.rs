//! The nonce as an argument of an axum handler, and what a browser forgets as part of its answer.

use std::convert::Infallible;

use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, IntoResponseParts, Response, ResponseParts},
};
use http::request::Parts;
use palisade_core::{Code, Rejection, RejectionKind, SecurityContext};

use crate::{ClearSiteData, CspNonce};

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

impl IntoResponseParts for ClearSiteData {
    type Error = Infallible;

    fn into_response_parts(self, mut answer: ResponseParts) -> Result<ResponseParts, Infallible> {
        let (name, value) = self.header();
        answer.headers_mut().insert(name, value);
        Ok(answer)
    }
}

/// An empty answer.
impl IntoResponse for ClearSiteData {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}
