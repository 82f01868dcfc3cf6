//! The text of an event, as browsers read it (WHATWG HTML section 9.2).

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;

/// One message of a stream of server-sent events.
///
/// Nothing in it can begin a field, or a message, that is not meant: every line of the data is a field of its own, whatever ends
/// it, and of a name and an id what ends lines is left out, as is NUL, for which a browser would ignore the whole id. Data is
/// read back as it is given, but that CR and CR LF become LF.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use = "a message is sent by whoever encodes it"]
pub struct Message {
    name: Cow<'static, str>,
    id: Option<Box<str>>,
    retry: Option<Duration>,
    data: Option<Cow<'static, str>>,
    comment: Option<Cow<'static, str>>,
}

// === impl Message ===

impl Message {
    /// Starts empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts with this data. A message without data is not shown to the page, but its id and retry count.
    pub fn data(data: impl Into<Cow<'static, str>>) -> Self {
        Self { data: Some(data.into()), ..Self::default() }
    }

    /// A comment, which readers ignore: sent now and then, it tells proxies that the stream lives (section 9.2.7).
    pub fn comment(text: impl Into<Cow<'static, str>>) -> Self {
        Self { comment: Some(text.into()), ..Self::default() }
    }

    /// The kind of the event, for which a page listens. Without one it is `message`.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// What a client that comes back says in `Last-Event-ID`.
    pub fn id(mut self, id: impl Into<Box<str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// How long a client waits before it comes back, in whole milliseconds.
    pub fn retry(mut self, time: Duration) -> Self {
        self.retry = Some(time);
        self
    }

    /// The bytes to send: whole lines, with an empty one at the end.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let long = self.data.as_ref().map_or(0, |data| data.len());
        let mut text = String::with_capacity(long.saturating_add(96));
        if let Some(comment) = &self.comment {
            lines(comment).for_each(|line| field(&mut text, "", line));
        }
        if let Some(time) = self.retry {
            let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            field(&mut text, "retry", itoa::Buffer::new().format(milliseconds));
        }
        if let Some(id) = &self.id {
            field(&mut text, "id", &on_one_line(id));
        }
        let name = on_one_line(&self.name);
        if !name.is_empty() {
            field(&mut text, "event", &name);
        }
        if let Some(data) = &self.data {
            lines(data).for_each(|line| field(&mut text, "data", line));
        }
        text.push('\n');
        text.into()
    }
}

/// The space is what a reader takes off: one that belongs to the value stays.
fn field(text: &mut String, name: &str, value: &str) {
    for part in [name, ": ", value, "\n"] {
        text.push_str(part);
    }
}

fn on_one_line(text: &str) -> Cow<'_, str> {
    let is_left_out = |char| matches!(char, '\r' | '\n' | '\0');
    if text.contains(is_left_out) { text.replace(is_left_out, "").into() } else { text.into() }
}

/// The lines of a text by each of the three ends that a reader knows; one more than there are ends.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (line, behind) = match text.split_once(['\r', '\n']) {
            None => (text, None),
            Some((line, behind)) => {
                let is_cr = text.as_bytes().get(line.len()) == Some(&b'\r');
                let behind =
                    if is_cr { behind.strip_prefix('\n').unwrap_or(behind) } else { behind };
                (line, Some(behind))
            }
        };
        rest = behind;
        Some(line)
    })
}
