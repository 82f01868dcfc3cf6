//! The parameters of the path, as an argument of a handler.

use ::axum::extract::FromRequestParts;
use http::request::Parts;
use palisade_core::{Rejection, SecurityContext};

use crate::PathParams;

/// None, where the route has no parameters. 500 `internal-error`, where no gate stands in front of the handler.
impl<S: Send + Sync> FromRequestParts<S> for PathParams {
    type Rejection = Rejection;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, Rejection> {
        let context = SecurityContext::from_request_parts(head, state).await?;
        Ok(context.attached().unwrap_or_default())
    }
}
