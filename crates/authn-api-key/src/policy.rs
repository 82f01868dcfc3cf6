//! The decision about one request. A newcomer starts here.

use http::{HeaderMap, HeaderName, request};
use palisade_core::{CredentialKind, Policy, Presented, SecurityContext, Token, Verdict};

use crate::{ApiKeys, KeyFault, refusal};

const HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// Learns who is asking from the key in `X-API-Key`, and refuses keys that are not valid. See the [crate docs](crate) for
/// its rules.
#[derive(Clone, Debug)]
pub struct ApiKeyAuth {
    keys: ApiKeys,
    without: Without,
}

/// What becomes of a request without a key.
#[derive(Clone, Copy, Debug)]
enum Without {
    Passes,
    IsRefused,
}

// === impl ApiKeyAuth ===

impl ApiKeyAuth {
    /// Judges by `keys`, and lets requests without a key pass.
    #[must_use]
    pub fn new(keys: ApiKeys) -> Self {
        Self { keys, without: Without::Passes }
    }

    /// Lets nobody in without an identity: a key, or what a layer further out learnt.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.without = Without::IsRefused;
        self
    }

    fn judge(&self, token: &Token, context: &SecurityContext) -> Verdict {
        match self.keys.verify_with(token.expose(), || *token.digest(), context.arrived()) {
            Ok(verified) => {
                context.attach(verified.id);
                context.learn_identity(verified.identity);
                Verdict::Pass
            }
            Err(fault) => refusal::invalid(fault).into(),
        }
    }
}

impl Policy for ApiKeyAuth {
    fn name(&self) -> &'static str {
        "api-key"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if context.identity().is_some() {
            hide_keys(&mut head.headers);
            return Verdict::Pass;
        }
        match context.credential(head) {
            Presented::One(credential) if credential.kind() == CredentialKind::ApiKey => {
                hide_keys(&mut head.headers);
                self.judge(credential.token(), context)
            }
            // Two tokens are left to whoever judges tokens, and has the challenge for it.
            Presented::Several if hide_keys(&mut head.headers) => refusal::ambiguous().into(),
            Presented::Unusable if hide_keys(&mut head.headers) => {
                refusal::invalid(KeyFault::Malformed).into()
            }
            // Nothing, or what others judge.
            _ => match self.without {
                Without::Passes => Verdict::Pass,
                Without::IsRefused => refusal::required().into(),
            },
        }
    }
}

/// Whoever prints the headers further in prints no key: also of a request that is refused and goes on, because refusals are
/// only reported. Returns whether there is one.
fn hide_keys(headers: &mut HeaderMap) -> bool {
    let mut is_there = false;
    for (name, value) in headers {
        if *name == HEADER {
            value.set_sensitive(true);
            is_there = true;
        }
    }
    is_there
}
