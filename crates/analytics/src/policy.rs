//! The decision: never a refusal. Takes notes on the way in and on the way out; at the end of the request they are recorded.

use std::sync::Arc;

use http::{header, request, response};
use palisade_core::{
    AtEnd, Clock, End, Ended, Identity, Policy, Rejection, SecurityContext, Striped, Verdict,
};

use crate::{
    Analytics, CookieSecurity, Exclusions, SessionId,
    cookie::{self, SessionCookie},
    draft::Draft,
    recorder::Recorder,
};

/// Records the requests that pass it. See the [crate docs](crate).
///
/// It never refuses, and a request never waits for it. In a gate of one's own, put a
/// [`FollowLayer`](palisade_core::FollowLayer) or the problem layer outside of it, as [`AnalyticsLayer`](crate::AnalyticsLayer)
/// does: where nobody follows answers to their end, a request is recorded when the head of its answer is there, as whole and
/// with 0 bytes, and one without an answer is not.
#[derive(Clone, Debug)]
pub struct AnalyticsPolicy {
    /// One for each thread, because every request counts its references.
    recorders: Arc<Striped<Arc<Recorder>>>,
    cookie: Option<CookieSecurity>,
}

// === impl AnalyticsPolicy ===

impl AnalyticsPolicy {
    /// Records into `analytics`, with the default [`Exclusions`], the session cookie by the client's transport, and the
    /// system's clock.
    #[must_use]
    pub fn new(analytics: &Analytics) -> Self {
        let (analytics, clock) = (analytics.clone(), Clock::system());
        let recorder = Recorder { analytics, clock, exclusions: Exclusions::default() };
        Self::with(&recorder, Some(CookieSecurity::default()))
    }

    /// Reads the end of a request from `clock`. Give it the clock that the outermost gate reads the arrival from.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self::with(&Recorder { clock, ..self.recorder() }, self.cookie)
    }

    /// Replaces the rules about what is not recorded.
    #[must_use]
    pub fn exclusions(self, exclusions: Exclusions) -> Self {
        Self::with(&Recorder { exclusions, ..self.recorder() }, self.cookie)
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

    fn with(recorder: &Recorder, cookie: Option<CookieSecurity>) -> Self {
        let recorders = Striped::new(|| Arc::new(recorder.clone()));
        Self { recorders: Arc::new(recorders), cookie }
    }

    fn recorder(&self) -> Recorder {
        Recorder::clone(self.recorders.mine())
    }

    pub(crate) fn its_clock(&self) -> Clock {
        self.recorders.mine().clock.clone()
    }

    fn draft(
        &self,
        recorder: &Arc<Recorder>,
        head: &request::Parts,
        context: &SecurityContext,
    ) -> Box<Draft> {
        let mut draft = Draft::begin(Arc::clone(recorder), head, context);
        if let Some(security) = self.cookie {
            let cookie = SessionCookie::of(security, context.transport());
            draft.session = cookie.read(&head.headers);
            draft.cookie = cookie::navigates(&head.headers).then_some(cookie);
        }
        draft
    }
}

impl Policy for AnalyticsPolicy {
    fn name(&self) -> &'static str {
        "analytics"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let recorder = self.recorders.mine();
        if !recorder.exclusions.cover(&head.method, head.uri.path(), context.route()) {
            context.at_end_boxed(self.draft(recorder, head, context));
        }
        Verdict::Pass
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let recorder = self.recorders.mine();
        // The route may have been learnt further in.
        if recorder.exclusions.cover_route(context.route()) {
            return drop(context.detach::<Draft>());
        }
        let user = context.identity().map(Identity::subject);
        if !context.is_followed() {
            let Some(mut draft) = context.detach::<Draft>() else { return };
            note(&mut draft, recorder, user, answer);
            return draft.ended(context, End::new(Ended::Whole, 0));
        }
        // Where it is: to take it away and to put it back takes two more looks.
        context.change_attached(|draft: &mut Draft| note(draft, recorder, user, answer));
    }
}

/// What the way out can tell.
fn note(draft: &mut Draft, recorder: &Recorder, user: Option<&str>, answer: &mut response::Parts) {
    renew_session(draft, answer);
    draft.status = Some(answer.status);
    draft.code = answer.extensions.get::<Rejection>().map(Rejection::code);
    // What is shared with the head would keep all of its buffer, and a stream may last for hours. Of what will be dropped,
    // nothing is copied.
    if !recorder.analytics.is_full() {
        draft.texts.copy(user);
    }
}

/// Starts the session's 30 minutes anew, or a session.
fn renew_session(draft: &mut Draft, answer: &mut response::Parts) {
    let Some(cookie) = draft.cookie else { return };
    // A shared cache would hand one visitor's session to all (RFC 9111 section 7.3).
    if !cookie::keep_from_others(&mut answer.headers) {
        return;
    }
    let session = *draft.session.get_or_insert_with(SessionId::random);
    if let Some(value) = cookie.set(session) {
        answer.headers.append(header::SET_COOKIE, value);
    }
}
