//! What an axum handler can ask for: the context and its facts; and refusals as answers.

use axum_core::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use crate::{ClientIp, Code, Identity, Rejection, RejectionKind, SecurityContext};

/// No gate of ours stands in front of the handler.
const NO_CONTEXT: Code = Code::new("internal-error", "The service is not set up correctly");
/// The handler wants an identity and the request has none.
const CREDENTIALS_REQUIRED: Code = Code::new("credentials-required", "A credential is required");
const NO_CLIENT_ADDRESS: Code =
    Code::new("client-address-unknown", "The address of the client is not known");

impl<S: Send + Sync> FromRequestParts<S> for SecurityContext {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let missing = || {
            Rejection::new(RejectionKind::Internal, NO_CONTEXT)
                .reason("no gate in front of the handler")
        };
        head.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let context = SecurityContext::from_request_parts(head, state).await?;
        let missing = || {
            Rejection::new(RejectionKind::Internal, NO_CLIENT_ADDRESS)
                .reason("no client-ip layer outside")
        };
        context.client_ip().copied().ok_or_else(missing)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let context = SecurityContext::from_request_parts(head, state).await?;
        let missing = || Rejection::new(RejectionKind::Unauthenticated, CREDENTIALS_REQUIRED);
        context.identity().cloned().ok_or_else(missing)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(
        head: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, Self::Rejection> {
        let context =
            <SecurityContext as FromRequestParts<S>>::from_request_parts(head, state).await?;
        Ok(context.identity().cloned())
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.into_answer::<Body>()
    }
}
