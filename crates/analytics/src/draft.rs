//! A record on its way to the background.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{Method, StatusCode};
use palisade_core::{Code, End, Location, RequestId, Route};

use crate::{Record, RecordedAddress, SessionId, text};

/// A record whose texts are still in one piece: a request makes one copy of what it knows in one allocation, and the thread
/// in the background makes the three of the record.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) facts: Facts,
    pub(crate) texts: Texts,
}

/// What a request moves into its record.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) time: SystemTime,
    pub(crate) request_id: RequestId,
    pub(crate) method: Method,
    pub(crate) route: Option<Route>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) location: Option<Arc<Location>>,
    pub(crate) session: Option<SessionId>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) code: Option<Code>,
    pub(crate) response_time: Duration,
    pub(crate) end: End,
}

/// What strangers sent, copied: what is shared with the head would keep the whole of its buffer.
#[derive(Debug)]
pub(crate) struct Texts {
    text: String,
    /// Where the path, the user agent and the user end; none is there for a text that is not.
    path: usize,
    agent: Option<usize>,
    user: Option<usize>,
}

// === impl Draft ===

impl Draft {
    /// Makes the record.
    pub(crate) fn finish(self) -> Record {
        let Self { facts, texts } = self;
        Record {
            time: facts.time,
            request_id: facts.request_id,
            method: facts.method,
            path: texts.path().into(),
            route: facts.route,
            address: facts.address.map(RecordedAddress::Ip),
            location: facts.location,
            user_agent: texts.agent().map(Box::from),
            session: facts.session,
            user: texts.user().map(Box::from),
            status: facts.status,
            code: facts.code,
            response_time: facts.response_time,
            bytes: facts.end.bytes,
            ended: facts.end.ended,
        }
    }
}

// === impl Texts ===

impl Texts {
    /// Copies as much as is kept.
    pub(crate) fn new(path: &str, agent: Option<&[u8]>, user: Option<&str>) -> Self {
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
        Self { text, path, agent, user }
    }

    fn path(&self) -> &str {
        self.part(0, self.path)
    }

    fn agent(&self) -> Option<&str> {
        self.agent.map(|end| text::cut(self.part(self.path, end), text::AGENT))
    }

    fn user(&self) -> Option<&str> {
        self.user.map(|end| self.part(self.agent.unwrap_or(self.path), end))
    }

    fn part(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}
