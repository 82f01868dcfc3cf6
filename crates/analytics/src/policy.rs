//! The decision: never a refusal. Takes notes on the way in, and hands a record over on the way out.

use std::sync::Arc;

use http::{HeaderValue, Method, header, request, response, uri::PathAndQuery};
use palisade_core::{
    Clock, End, Ended, Identity, Location, Policy, Rejection, SecurityContext, Verdict,
    header::find,
};

use crate::{
    Analytics, CookieSecurity, Exclusions, SessionId,
    cookie::{self, SessionCookie},
    draft::{Draft, Facts, Texts},
    text,
};

/// Records the requests that pass it. See the [crate docs](crate).
///
/// It never refuses, and a request never waits for it.
#[derive(Clone, Debug)]
pub struct AnalyticsPolicy {
    analytics: Analytics,
    clock: Clock,
    exclusions: Exclusions,
    cookie: Option<CookieSecurity>,
}

/// What only the way in can tell. Shallow clones of what the head holds: nothing is copied before the answer is there.
struct Notes {
    method: Method,
    path: Option<PathAndQuery>,
    user_agent: Option<HeaderValue>,
    session: Option<SessionId>,
    /// Set where the request is a navigation of a browser.
    cookie: Option<SessionCookie>,
}

// === impl AnalyticsPolicy ===

impl AnalyticsPolicy {
    /// Records into `analytics`, with the default [`Exclusions`], the session cookie by the client's transport, and the
    /// system's clock.
    #[must_use]
    pub fn new(analytics: &Analytics) -> Self {
        Self {
            analytics: analytics.clone(),
            clock: Clock::system(),
            exclusions: Exclusions::default(),
            cookie: Some(CookieSecurity::default()),
        }
    }

    /// Reads the end of a request from `clock`. Give it the clock that the outermost gate reads the arrival from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Replaces the rules about what is not recorded.
    #[must_use]
    pub fn exclusions(mut self, exclusions: Exclusions) -> Self {
        self.exclusions = exclusions;
        self
    }

    /// Says which of the two session cookies to read and set.
    #[must_use]
    pub fn cookie_security(mut self, security: CookieSecurity) -> Self {
        self.cookie = Some(security);
        self
    }

    /// Neither reads nor sets a session cookie.
    #[must_use]
    pub fn without_sessions(mut self) -> Self {
        self.cookie = None;
        self
    }

    fn notes(&self, head: &request::Parts, context: &SecurityContext) -> Notes {
        let transport = context.transport();
        let cookie = self.cookie.map(|security| SessionCookie::of(security, transport));
        Notes {
            method: head.method.clone(),
            path: head.uri.path_and_query().cloned(),
            user_agent: find(&head.headers, &header::USER_AGENT).cloned(),
            session: cookie.and_then(|cookie| cookie.read(&head.headers)),
            cookie: cookie.filter(|_| cookie::navigates(&head.headers)),
        }
    }
}

impl Policy for AnalyticsPolicy {
    fn name(&self) -> &'static str {
        "analytics"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if !self.exclusions.cover(&head.method, head.uri.path(), context.route()) {
            context.attach(self.notes(head, context));
        }
        Verdict::Pass
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let Some(mut notes) = context.detach::<Notes>() else { return };
        // The route may have been learnt further in.
        if self.exclusions.cover_route(context.route()) {
            return;
        }
        notes.renew_session(answer);
        if self.analytics.has_room() {
            self.analytics.push(notes.draft(context, self, answer));
        }
    }
}

// === impl Notes ===

impl Notes {
    /// Starts the session's 30 minutes anew, or a session.
    fn renew_session(&mut self, answer: &mut response::Parts) {
        let Some(cookie) = self.cookie else { return };
        // A shared cache would hand one visitor's session to all (RFC 9111 section 7.3).
        if cookie::may_be_shared(&answer.headers) {
            return;
        }
        let session = *self.session.get_or_insert_with(SessionId::random);
        if let Some(value) = cookie.set(session) {
            answer.headers.append(header::SET_COOKIE, value);
        }
    }

    fn draft(
        self,
        context: &SecurityContext,
        policy: &AnalyticsPolicy,
        answer: &response::Parts,
    ) -> Draft {
        let arrived = context.arrived();
        // The query stays behind: tokens travel there.
        let path = self.path.as_ref().map_or("", PathAndQuery::path);
        let agent = self.user_agent.as_ref().map(HeaderValue::as_bytes);
        let texts = Texts::new(path, agent, context.identity().map(Identity::subject));
        let facts = Facts {
            time: arrived.wall(),
            request_id: context.request_id(),
            method: text::method(self.method),
            route: context.route().cloned(),
            address: context.client_ip().map(|client| policy.analytics.keep(client.addr())),
            location: context.country().map(|country| Arc::new(Location::new().country(country))),
            session: self.session,
            status: Some(answer.status),
            code: answer.extensions.get::<Rejection>().map(Rejection::code),
            response_time: policy.clock.since(arrived),
            end: End::new(Ended::Whole, 0),
        };
        Draft { facts, texts }
    }
}
