//! A record on its way to the background.

use crate::{Record, text};

/// A record whose texts are still in one piece: a request makes one copy of what it knows in one allocation, and the thread
/// in the background makes the three of the record.
#[derive(Debug)]
pub(crate) struct Draft {
    record: Record,
    texts: String,
    /// Where the path, the user agent and the user end; none is there for a text that is not.
    path: usize,
    agent: Option<usize>,
    user: Option<usize>,
}

impl Draft {
    /// Takes a record without its texts.
    pub(crate) fn new(
        record: Record,
        path: &str,
        agent: Option<&[u8]>,
        user: Option<&str>,
    ) -> Self {
        let path = text::cut(path, text::PATH);
        let agent = agent.map(|agent| text::cut_bytes(agent, text::AGENT));
        let user = user.map(|user| text::cut(user, text::USER));
        let lengths = [path.len(), agent.map_or(0, <[u8]>::len), user.map_or(0, str::len)];
        let mut texts = String::with_capacity(lengths.into_iter().fold(0, usize::saturating_add));
        texts.push_str(path);
        let path = texts.len();
        let agent = agent.map(|agent| {
            text::push_lossy(&mut texts, agent);
            texts.len()
        });
        let user = user.map(|user| {
            texts.push_str(user);
            texts.len()
        });
        Self { record, texts, path, agent, user }
    }

    /// Makes the record.
    pub(crate) fn finish(self) -> Record {
        let Self { mut record, texts, path, agent, user } = self;
        let part = |start, end| Box::from(texts.get(start..end).unwrap_or_default());
        record.path = part(0, path);
        record.user_agent = agent.map(|end| text::cut(&part(path, end), text::AGENT).into());
        record.user = user.map(|end| part(agent.unwrap_or(path), end));
        record
    }
}
