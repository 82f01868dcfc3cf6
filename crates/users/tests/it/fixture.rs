//! Users, tokens and a stack of all policies. Time stands still until it is told otherwise.

use std::time::{Duration, SystemTime};

use http::{Response, request};
use palisade_core::{
    Access, Identity, IdentityKind, ManualClock, Policies, Policy, Rejection, Route, RouteTag,
    SecurityContext, Verdict,
};
use palisade_test_support::{Ask, Body};
use palisade_users::{
    KnownUsersPolicy, Revocations, RevocationsBuilder, RevokedTokensPolicy, StreamTickets,
    TicketPolicy, User, UserId, Users,
};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// So much clocks may differ.
pub(crate) const LEEWAY: Duration = Duration::from_secs(300);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) struct Bench {
    pub(crate) clock: ManualClock,
    pub(crate) revocations: Revocations,
    pub(crate) users: Users,
    pub(crate) tickets: StreamTickets,
}

/// Stands for authentication: whoever presents a credential is this one.
struct Proves(Identity);

// === impl Bench ===

impl Bench {
    /// With alice, an admin, and bob.
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(bounds: impl FnOnce(RevocationsBuilder) -> RevocationsBuilder) -> Self {
        let clock = ManualClock::new();
        let builder = Revocations::builder().clock(clock.clock()).longest_life(HOUR);
        let revocations = bounds(builder).build().unwrap();
        let users = Users::new(revocations.clone());
        users.put(&id("alice"), User::new().role("admin").organisation("acme")).unwrap();
        users.put(&id("bob"), User::new()).unwrap();
        Self { clock, revocations, users, tickets: StreamTickets::new() }
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now().wall()
    }

    /// Who has a token that was issued now, and is good for an hour. It names the role `admin`.
    pub(crate) fn token_of(&self, subject: &str) -> Identity {
        Identity::new(subject, IdentityKind::Jwt)
            .issued_by(ISSUER)
            .role("admin")
            .issued_at(self.now())
            .expires(self.now() + HOUR)
    }

    /// Sends a request for a stream. What is known of it, and the code of its refusal; empty if it passed.
    pub(crate) fn send(&self, ask: Ask, who: &Identity) -> (SecurityContext, &'static str) {
        let context = SecurityContext::new(self.clock.now());
        context.learn_route(Route::new("/events", Access::Public).with_tags([RouteTag::STREAM]));
        let stack = TicketPolicy::new(self.tickets.clone())
            .then(Proves(who.clone()))
            .then(RevokedTokensPolicy::new(self.revocations.clone()))
            .then(KnownUsersPolicy::new(self.users.clone()));
        let code = code(&ask.context(&context).policies(stack));
        (context, code)
    }

    /// Asks with a token of `who`.
    pub(crate) fn asks(&self, who: &Identity) -> &'static str {
        self.send(Ask::get("/events").bearer("a.b.c"), who).1
    }

    /// What is known of a request with this token, which passes.
    pub(crate) fn context(&self, who: &Identity, token: &str) -> SecurityContext {
        let (context, code) = self.send(Ask::get("/events").bearer(token), who);
        assert_eq!(code, "");
        context
    }
}

/// The user of our issuer with this subject.
pub(crate) fn id(subject: &str) -> UserId {
    UserId::new(subject).issued_by(ISSUER)
}

pub(crate) fn code(answer: &Response<Body>) -> &'static str {
    answer.extensions().get::<Rejection>().map_or("", |rejection| rejection.code().as_str())
}

// === impl Proves ===

impl Policy for Proves {
    fn name(&self) -> &'static str {
        "proves"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if context.credential(head).one().is_some() {
            context.learn_identity(self.0.clone());
        }
        Verdict::Pass
    }
}
