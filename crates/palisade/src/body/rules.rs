//! What holds for the bodies of all requests.

use http::{HeaderMap, HeaderValue, header};
use palisade_core::{Clock, header::lines};

use super::{BodyLimits, BodyPatiences};

/// What policy and layer decide by.
#[derive(Debug)]
pub(crate) struct BodyRules {
    pub(crate) limits: BodyLimits,
    pub(crate) codings: RequestCodings,
    pub(crate) patience: BodyPatiences,
    pub(crate) clock: Clock,
}

/// What becomes of bodies that clients coded (`Content-Encoding`, RFC 9110 section 8.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RequestCodings {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Refused,
    Gzip { ratio: u32 },
    PassedOn,
}

/// What to do with one body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Coding {
    /// It is what it is.
    None,
    /// It is to be unpacked; one byte may become so many.
    Gzip { ratio: u32 },
    /// It is coded in a way that is not taken.
    Unknown,
}

// === impl RequestCodings ===

impl RequestCodings {
    /// Refuses them, 415: who reads a body then knows that its size is the one that was limited.
    #[must_use]
    pub fn refused() -> Self {
        Self { kind: Kind::Refused }
    }

    /// Unpacks gzip, once, and refuses all else. The limit counts what comes in, and what comes out; what grows by more than
    /// `ratio`, beyond the first 64 KiB, is refused before. gzip cannot pack 1 030 bytes into one, and text that is no bomb hardly 100.
    #[must_use]
    pub fn gzip(ratio: u32) -> Self {
        Self { kind: Kind::Gzip { ratio } }
    }

    /// Hands them on as they came. The limit then counts what came, and whoever unpacks it must have a limit of his own.
    #[must_use]
    pub fn dangerous_passed_on() -> Self {
        Self { kind: Kind::PassedOn }
    }

    /// What to do with a body that has these headers. More than one coding is never taken: a bomb in a bomb.
    pub(crate) fn of(self, headers: &HeaderMap) -> Coding {
        if self.kind == Kind::PassedOn {
            return Coding::None;
        }
        let mut lines = lines(headers, &header::CONTENT_ENCODING);
        let Some(line) = lines.next() else { return Coding::None };
        let is = |name: &str| line.as_bytes().trim_ascii().eq_ignore_ascii_case(name.as_bytes());
        match self.kind {
            _ if lines.next().is_some() => Coding::Unknown,
            _ if is("identity") => Coding::None,
            // RFC 9110 section 8.4.1.3: the older name is the same.
            Kind::Gzip { ratio } if is("gzip") || is("x-gzip") => Coding::Gzip { ratio },
            _ => Coding::Unknown,
        }
    }

    /// The codings that are taken, as a refusal names them (RFC 9110 section 12.5.3).
    pub(crate) fn accepted(self) -> HeaderValue {
        HeaderValue::from_static(match self.kind {
            Kind::Gzip { .. } => "gzip",
            Kind::Refused | Kind::PassedOn => "identity",
        })
    }
}

impl Default for RequestCodings {
    fn default() -> Self {
        Self::refused()
    }
}
