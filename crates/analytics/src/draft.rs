//! A record in the making: from the way in to the thread in the background.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{HeaderValue, Method, StatusCode, header, request, uri::PathAndQuery};
use palisade_core::{
    AtEnd, ClientIp, Code, Country, End, Ended, Identity, Location, RequestId, Route,
    SecurityContext, header::find,
};

use crate::{Record, RecordedAddress, SessionId, cookie::SessionCookie, recorder::Recorder, text};

/// A record in the making: one allocation goes with the request. Its texts are still in one piece; the thread in the background
/// makes the three of the record.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Where it goes at the end; none once it went.
    recorder: Option<Arc<Recorder>>,
    pub(crate) time: SystemTime,
    pub(crate) request_id: RequestId,
    pub(crate) method: Method,
    pub(crate) session: Option<SessionId>,
    /// Set where the request is a navigation of a browser.
    pub(crate) cookie: Option<SessionCookie>,
    pub(crate) texts: Texts,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<Code>,
    pub(crate) route: Option<Route>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) country: Option<Country>,
    pub(crate) response_time: Duration,
    pub(crate) end: End,
}

/// What strangers sent.
#[derive(Debug)]
pub(crate) enum Texts {
    /// As the head holds it, which stays in memory as long: nothing is copied of a request that is under way.
    Shared { path: Option<PathAndQuery>, agent: Option<HeaderValue> },
    /// Copied, and cut to what is kept: an answer may take hours.
    Copied(Copied),
}

/// Three texts in one piece.
#[derive(Debug)]
pub(crate) struct Copied {
    text: Box<str>,
    /// Where the path, the user agent and the user end; none is there for a text that is not.
    path: usize,
    agent: Option<usize>,
    user: Option<usize>,
}

// === impl Draft ===

impl Draft {
    /// What the way in can tell.
    pub(crate) fn begin(
        recorder: Arc<Recorder>,
        head: &request::Parts,
        context: &SecurityContext,
    ) -> Box<Self> {
        let agent = find(&head.headers, &header::USER_AGENT).cloned();
        Box::new(Self {
            recorder: Some(recorder),
            time: context.arrived().wall(),
            request_id: context.request_id(),
            method: text::method(&head.method),
            session: None,
            cookie: None,
            texts: Texts::Shared { path: head.uri.path_and_query().cloned(), agent },
            status: None,
            code: None,
            route: None,
            address: None,
            country: None,
            response_time: Duration::ZERO,
            end: End::new(Ended::Unanswered, 0),
        })
    }

    /// What all can tell who saw the request.
    fn finish(&mut self, recorder: &Recorder, context: &SecurityContext, end: End) {
        self.texts.copy(context.identity().map(Identity::subject));
        self.route = context.route().cloned();
        self.address = context.client_ip().map(ClientIp::addr);
        self.country = context.country();
        self.response_time = recorder.clock.since(context.arrived());
        // What a layer further out made of the answer counts, also where it answered itself.
        let answered = end.ended != Ended::Unanswered;
        self.status = end.status.or(self.status).filter(|_| answered);
        self.end = end;
    }

    /// Makes the record, with what is kept of the address.
    pub(crate) fn into_record(
        self,
        address: Option<RecordedAddress>,
        location: Option<Arc<Location>>,
    ) -> Record {
        Record {
            time: self.time,
            request_id: self.request_id,
            path: self.texts.path().into(),
            user_agent: self.texts.agent().map(Box::from),
            user: self.texts.user().map(Box::from),
            method: self.method,
            route: self.route,
            address,
            location,
            session: self.session,
            status: self.status,
            code: self.code,
            response_time: self.response_time,
            bytes: self.end.bytes,
            ended: self.end.ended,
        }
    }
}

impl AtEnd for Draft {
    fn ended(mut self: Box<Self>, context: &SecurityContext, end: End) {
        let Some(recorder) = self.recorder.take() else { return };
        // Without an answer nobody asked yet.
        if !recorder.exclusions.cover_route(context.route()) && recorder.analytics.has_room() {
            self.finish(&recorder, context, end);
            recorder.analytics.push(self);
        }
    }
}

// === impl Texts ===

impl Texts {
    /// Copies as much as is kept, with the `user`, whom nobody knew before.
    pub(crate) fn copy(&mut self, user: Option<&str>) {
        if let Self::Shared { path, agent } = self {
            // The query stays behind: tokens travel there.
            let path = path.as_ref().map_or("", PathAndQuery::path);
            let agent = agent.as_ref().map(HeaderValue::as_bytes);
            *self = Self::Copied(Copied::new(path, agent, user));
        }
    }

    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Shared { .. } => "",
            Self::Copied(texts) => texts.part(0, texts.path),
        }
    }

    pub(crate) fn agent(&self) -> Option<&str> {
        let Self::Copied(texts) = self else { return None };
        texts.agent.map(|end| text::cut(texts.part(texts.path, end), text::AGENT))
    }

    pub(crate) fn user(&self) -> Option<&str> {
        let Self::Copied(texts) = self else { return None };
        texts.user.map(|end| texts.part(texts.agent.unwrap_or(texts.path), end))
    }
}

// === impl Copied ===

impl Copied {
    fn new(path: &str, agent: Option<&[u8]>, user: Option<&str>) -> Self {
        let path = text::cut(path, text::PATH);
        let agent = agent.map(|agent| text::cut_bytes(agent, text::AGENT));
        let user = user.map(|user| text::cut(user, text::USER));
        let lengths = [path.len(), agent.map_or(0, <[u8]>::len), user.map_or(0, str::len)];
        let mut text = String::with_capacity(lengths.into_iter().fold(0, usize::saturating_add));
        text.push_str(path);
        let path = text.len();
        let agent = agent.map(|agent| {
            text::push_lossy(&mut text, agent);
            text.len()
        });
        let user = user.map(|user| {
            text.push_str(user);
            text.len()
        });
        Self { text: text.into(), path, agent, user }
    }

    fn part(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}
