//! How a refusal becomes an answer.

use bytes::Bytes;
use http::{Response, StatusCode};
use palisade_core::{Code, Rejection, RejectionKind, SecurityContext};

/// Makes the answer of a refusal. [`ProblemJson`](crate::ProblemJson) is the usual one; every closure
/// `Fn(&Rejection, &SecurityContext) -> Response<Bytes>` is one too.
///
/// Status, headers and body of what it makes replace those of the refusal; headers it does not name stay as they are.
/// `Content-Length`, `X-Request-Id` and the missing body of HEAD are not its business. What a client must not see is
/// [`Rejection::private_reason`].
pub trait Render {
    /// Renders a refusal.
    fn render(&self, rejection: &Rejection, context: &SecurityContext) -> Response<Bytes>;

    /// Renders an error that a helper made, of which nothing is known but its status.
    ///
    /// Unless it is overridden it renders a rejection of the nearest kind; the status of the answer is kept.
    fn render_bare(
        &self,
        status: StatusCode,
        code: Code,
        context: &SecurityContext,
    ) -> Response<Bytes> {
        let mut answer = self.render(&Rejection::new(nearest_kind(status), code), context);
        *answer.status_mut() = status;
        answer
    }
}

impl<F> Render for F
where
    F: Fn(&Rejection, &SecurityContext) -> Response<Bytes>,
{
    fn render(&self, rejection: &Rejection, context: &SecurityContext) -> Response<Bytes> {
        self(rejection, context)
    }
}

/// The kind that a status comes nearest to.
pub(crate) fn nearest_kind(status: StatusCode) -> RejectionKind {
    match status {
        StatusCode::UNAUTHORIZED => RejectionKind::Unauthenticated,
        StatusCode::FORBIDDEN => RejectionKind::Forbidden,
        StatusCode::NOT_FOUND | StatusCode::GONE => RejectionKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => RejectionKind::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => RejectionKind::Timeout,
        StatusCode::CONFLICT => RejectionKind::Conflict,
        StatusCode::PRECONDITION_FAILED => RejectionKind::PreconditionFailed,
        StatusCode::RANGE_NOT_SATISFIABLE => RejectionKind::RangeNotSatisfiable,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => RejectionKind::UnsupportedMediaType,
        StatusCode::PAYLOAD_TOO_LARGE => RejectionKind::ContentTooLarge,
        StatusCode::UNPROCESSABLE_ENTITY => RejectionKind::Invalid,
        StatusCode::TOO_MANY_REQUESTS => RejectionKind::LimitExceeded,
        StatusCode::SERVICE_UNAVAILABLE => RejectionKind::Unavailable,
        status if status.is_server_error() => RejectionKind::Internal,
        _ => RejectionKind::Malformed,
    }
}
