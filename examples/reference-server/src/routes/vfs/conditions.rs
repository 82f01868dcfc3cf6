//! What a request makes its condition (RFC 9110 section 13).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::fmt::rfc2822::DateTimeParser;
use palisade_database::VfsExpected;

use super::file::File;

/// What a request makes its condition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions<'a> {
    headers: &'a HeaderMap,
}

/// What comes of it for who reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reading {
    /// He reads it.
    Read,
    /// He has it.
    NotModified,
    /// It is another.
    Failed,
}

/// How tags are compared: by the bytes that they stand for, or by what they mean.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Compared {
    Strongly,
    Weakly,
}

// === impl Conditions ===

impl<'a> Conditions<'a> {
    pub(super) const fn of(headers: &'a HeaderMap) -> Self {
        Self { headers }
    }

    /// For who reads `file`. In the order of RFC 9110 section 13.2.2.
    pub(super) fn on_reading(self, file: &File) -> Reading {
        if !self.is_as_wanted(Some(file)) {
            return Reading::Failed;
        }
        let has_it = match self.names(&header::IF_NONE_MATCH, Some(file), Compared::Weakly) {
            Some(is_named) => is_named,
            None => self
                .time(&header::IF_MODIFIED_SINCE)
                .is_some_and(|time| seconds(file.modified) <= time),
        };
        if has_it { Reading::NotModified } else { Reading::Read }
    }

    /// Whether who writes may, over what is there.
    pub(super) fn on_writing(self, file: Option<&File>) -> bool {
        let is_unwanted = self.names(&header::IF_NONE_MATCH, file, Compared::Weakly);
        self.is_as_wanted(file) && is_unwanted != Some(true)
    }

    /// What must be there when it is written: what was there when it was asked, if anything was said at all.
    pub(super) fn expected(self, file: Option<&File>) -> VfsExpected<'_> {
        let names = [header::IF_MATCH, header::IF_NONE_MATCH, header::IF_UNMODIFIED_SINCE];
        match file {
            _ if !names.iter().any(|name| self.headers.contains_key(name)) => VfsExpected::Any,
            Some(file) => VfsExpected::Object(file.object()),
            None => VfsExpected::Absent,
        }
    }

    /// Whether a range is to be sent, and not the whole (section 13.1.5). A time is of no use: a file may be written twice within a second,
    /// and who has the beginning of one would be sent the end of the other.
    pub(super) fn wants_range_of(self, file: &File) -> bool {
        let Some(wanted) = self.headers.get(header::IF_RANGE) else { return true };
        file.validators().get(header::ETAG) == Some(wanted)
    }

    fn is_as_wanted(self, file: Option<&File>) -> bool {
        if let Some(is_named) = self.names(&header::IF_MATCH, file, Compared::Strongly) {
            return is_named;
        }
        let until = self.time(&header::IF_UNMODIFIED_SINCE);
        until.is_none_or(|time| file.is_none_or(|file| seconds(file.modified) <= time))
    }

    /// Whether the header names the file; nothing, if it is not there.
    fn names(self, name: &HeaderName, file: Option<&File>, compared: Compared) -> Option<bool> {
        let mut lines = self.headers.get_all(name).iter().peekable();
        lines.peek()?;
        let Some(file) = file else { return Some(false) };
        let own = format!("\"{}\"", file.object());
        let is_it = |tag: &[u8]| match tag.strip_prefix(b"W/") {
            Some(weak) => compared == Compared::Weakly && weak == own.as_bytes(),
            None => tag == b"*" || tag == own.as_bytes(),
        };
        let tags = |line: &HeaderValue| {
            line.as_bytes().split(|byte| *byte == b',').any(|tag| is_it(tag.trim_ascii()))
        };
        Some(lines.any(tags))
    }

    /// A time, if it is one; else the header does not count.
    fn time(self, name: &HeaderName) -> Option<Duration> {
        let text = self.headers.get(name)?.to_str().ok()?;
        let time = DateTimeParser::new().parse_timestamp(text).ok()?;
        u64::try_from(time.as_second()).ok().map(Duration::from_secs)
    }
}

/// In whole seconds, as headers say times.
fn seconds(time: SystemTime) -> Duration {
    Duration::from_secs(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}
