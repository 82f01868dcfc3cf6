//! Refuses a body that says it is too large, or coded as nobody reads it, before a byte of it is read.

use std::sync::Arc;

use http::{header, request};
use palisade_core::{
    Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict, header::find,
};

use super::{BodyError, BodyRules, error::closing, rules::Coding};

const MALFORMED_LENGTH: Code =
    Code::new("malformed-header.content-length", "A header is not well formed");
const UNSUPPORTED_CODING: Code =
    Code::new("unsupported-content-coding", "The content is coded in a way that is not taken");

/// Refuses a request whose `Content-Length` is over the limit of its route, and one whose `Content-Encoding` is not taken.
/// A client that waits for `100 Continue` then sends nothing. What streams past the limit without saying so is stopped by
/// [`BodyLayer`](super::BodyLayer), by the same rules.
#[derive(Clone, Debug)]
pub struct BodyLimitPolicy {
    rules: Arc<BodyRules>,
}

impl BodyLimitPolicy {
    pub(crate) fn new(rules: Arc<BodyRules>) -> Self {
        Self { rules }
    }
}

impl Policy for BodyLimitPolicy {
    fn name(&self) -> &'static str {
        "body-limit"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if self.rules.codings.of(&head.headers) == Coding::Unknown {
            let rejection = Rejection::new(RejectionKind::UnsupportedMediaType, UNSUPPORTED_CODING)
                .header(header::ACCEPT_ENCODING, self.rules.codings.accepted());
            return closing(head.version, rejection).into();
        }
        let Some(length) = find(&head.headers, &header::CONTENT_LENGTH) else {
            return Verdict::Pass;
        };
        let limit = self.rules.limits.of(context.route());
        match length.to_str().ok().and_then(|length| length.parse::<u64>().ok()) {
            Some(length) if length <= limit => Verdict::Pass,
            Some(_) => BodyError::TooLarge { limit }.rejection(head.version).into(),
            None => Rejection::new(RejectionKind::Malformed, MALFORMED_LENGTH).into(),
        }
    }
}
