//! The scheme the client used, as a trusted proxy tells it.

use http::{HeaderMap, HeaderValue};
use palisade_core::Transport;

/// The scheme the client used, as a trusted proxy tells it. Attached to the
/// [`SecurityContext`](palisade_core::SecurityContext) where one does.
///
/// With [`Forwarded`](crate::ClientIpHeader::Forwarded) it is the `proto` of the element that names the client; else it
/// is `X-Forwarded-Proto`, where a list counts only if all of it says the same.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ForwardedProto {
    /// Encrypted between the client and the outermost proxy.
    Https,
    /// In clear.
    Http,
}

// === impl ForwardedProto ===

impl ForwardedProto {
    /// The scheme's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    /// What it says about the connection.
    #[must_use]
    pub const fn transport(self) -> Transport {
        match self {
            Self::Https => Transport::Secure,
            Self::Http => Transport::Plain,
        }
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        [Self::Https, Self::Http]
            .into_iter()
            .find(|proto| text.eq_ignore_ascii_case(proto.as_str().as_bytes()))
    }

    /// Reads `X-Forwarded-Proto`. Some proxies append and some replace, so of a list nobody knows which entry is about
    /// the client; where all agree it does not matter.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all("x-forwarded-proto").iter().map(HeaderValue::as_bytes);
        let mut entries = lines
            .flat_map(|line| line.split(|byte| *byte == b','))
            .map(|entry| Self::parse(entry.trim_ascii()));
        let first = entries.next()??;
        entries.all(|other| other == Some(first)).then_some(first)
    }
}
