//! What users of auto-ban can rely on.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::disallowed_methods,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::fn_params_excessive_bools,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

mod addresses;
mod admin;
mod audit;
mod bounds;
mod counting;
mod escalation;
mod file;
mod flood;
mod hostile_file;
mod killed;
mod log;
mod offenders;
mod properties;
mod refusing;
mod sharing;
mod signatures;
mod suspicious;
mod unsettled;

use std::time::Duration;

use http::{Response, request};
use palisade_autoban::{AutoBan, AutoBanBuilder, AutoBanPolicy, BannedUsersPolicy, Jitter};
use palisade_core::{
    ClientIp, ClientIpSource, Code, Identity, IdentityKind, Ipv6Prefix, ManualClock, Policies,
    Policy, Rejection, RejectionKind, SecurityContext, Verdict, ViolationKind,
};
use palisade_test_support::{Ask, Body};

/// A stack of auto-ban with a policy inside that refuses everything, if told to. Time stands still.
struct Bench {
    auto_ban: AutoBan,
    clock: ManualClock,
}

/// Refuses everything as a violation of this kind; passes everything if there is none.
#[derive(Clone, Copy)]
struct Inside(Option<ViolationKind>);

/// Who asks: an address, and maybe a user.
#[derive(Clone, Copy)]
struct Who<'a>(&'a str, Option<&'a str>);

const HOUR: Duration = Duration::from_secs(3600);

// === impl Bench ===

impl Bench {
    fn new(settings: impl FnOnce(AutoBanBuilder) -> AutoBanBuilder) -> Self {
        let clock = ManualClock::new();
        let auto_ban = settings(AutoBan::builder().clock(clock.clock()).jitter(Jitter::none()))
            .build()
            .unwrap();
        Self { auto_ban, clock }
    }

    fn context(&self, who: Who<'_>) -> SecurityContext {
        let context = SecurityContext::new(self.clock.now());
        let addr = who.0.parse().unwrap();
        context.learn_client_ip(ClientIp::new(addr, ClientIpSource::Peer, Ipv6Prefix::default()));
        if let Some(subject) = who.1 {
            context.learn_identity(Identity::new(subject, IdentityKind::Jwt));
        }
        context
    }

    /// Sends a request through the whole stack.
    fn send(
        &self,
        ask: Ask,
        context: &SecurityContext,
        inside: Option<ViolationKind>,
    ) -> Response<Body> {
        let stack = AutoBanPolicy::new(self.auto_ban.clone())
            .then(BannedUsersPolicy::new(self.auto_ban.clone()))
            .then(Inside(inside));
        ask.context(context).policies(stack)
    }

    /// The code of the answer to a request that violates nothing; empty if it passed.
    fn asks(&self, who: Who<'_>) -> &'static str {
        code(&self.send(Ask::get("/"), &self.context(who), None))
    }

    /// Violates `times` times and returns the code of the last answer.
    fn violates(&self, who: Who<'_>, kind: ViolationKind, times: usize) -> &'static str {
        let send = |_| code(&self.send(Ask::get("/"), &self.context(who), Some(kind)));
        (0..times).map(send).fold("", |_, code| code)
    }
}

fn code(answer: &Response<Body>) -> &'static str {
    answer.extensions().get::<Rejection>().map_or("", |rejection| rejection.code().as_str())
}

fn is_send_sync_clone<T: Send + Sync + Clone + 'static>() {}

#[test]
fn handles_and_policies_are_shared_between_threads() {
    is_send_sync_clone::<AutoBan>();
    is_send_sync_clone::<AutoBanPolicy>();
    is_send_sync_clone::<BannedUsersPolicy>();
}

// === impl Inside ===

impl Policy for Inside {
    fn name(&self) -> &'static str {
        "inside"
    }

    fn check(&self, _: &mut request::Parts, _: &SecurityContext) -> Verdict {
        match self.0 {
            Some(kind) => {
                let code = Code::new("inside", "Refused inside");
                Rejection::new(RejectionKind::LimitExceeded, code).violation(kind).into()
            }
            None => Verdict::Pass,
        }
    }
}
