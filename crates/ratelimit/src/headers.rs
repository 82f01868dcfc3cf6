//! The header fields that tell a client how it stands, in the drafts that clients know.

use std::str::FromStr;

use http::{HeaderName, HeaderValue};
use palisade_core::{ConfigError, header::joined};

use crate::readings::Readings;

mod draft10;
mod draft6;
mod draft7;

/// `RateLimit`, of drafts 7 and 10.
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// `RateLimit-Policy`, of all drafts.
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is written after `expected` of a wrong setting.
const EXPECTED: &str = "`off` alone, or a list of `draft-6`, `draft-7`, `draft-10`";

/// A draft of `draft-ietf-httpapi-ratelimit-headers`. They differ on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum HeaderDraft {
    /// Three fields: `RateLimit-Limit: 100`, `RateLimit-Remaining: 50`, `RateLimit-Reset: 5`. What most clients know.
    Draft6,
    /// One dictionary: `RateLimit: limit=100, remaining=50, reset=5`.
    Draft7,
    /// Named quotas: `RateLimit: "search";r=50;t=5`. Also what drafts 8 and 9 say.
    Draft10,
}

/// Which drafts are spoken: one, two that get along, or none. Default: draft-6, as documented.
///
/// ```
/// use palisade_ratelimit::{HeaderDraft, RateLimitHeaders};
///
/// let both: RateLimitHeaders = "draft-6,draft-10".parse()?;
/// assert_eq!(both, RateLimitHeaders::only(HeaderDraft::Draft6).and(HeaderDraft::Draft10)?);
/// let typo = "draft6".parse::<RateLimitHeaders>().unwrap_err();
/// assert!(typo.to_string().ends_with("did you mean `draft-6`?"));
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RateLimitHeaders {
    separate: Option<Separate>,
    joint: Option<Joint>,
}

/// `RateLimit-Limit`, `-Remaining`, `-Reset`: one draft has them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Separate;

/// `RateLimit`: two drafts have it, each in a syntax of its own, so it can only be one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Joint {
    Draft7,
    Draft10,
}

// === impl HeaderDraft ===

impl HeaderDraft {
    /// The name in a configuration: `draft-6`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft6 => "draft-6",
            Self::Draft7 => "draft-7",
            Self::Draft10 => "draft-10",
        }
    }
}

impl FromStr for HeaderDraft {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let all = [Self::Draft6, Self::Draft7, Self::Draft10];
        all.into_iter().find(|draft| draft.as_str() == text).ok_or_else(|| wrong(text))
    }
}

/// Says what was probably meant by the number in the text, or by a word for nothing.
fn wrong(text: &str) -> ConfigError {
    let error = ConfigError::new("rate limit header draft", text).expected(EXPECTED);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.trim_start_matches('0') {
        "6" => error.meant("draft-6"),
        "7" => error.meant("draft-7"),
        "8" | "9" | "10" => error.meant("draft-10"),
        "" if !text.contains("draft") && text != "off" => error.meant("off"),
        _ => error,
    }
}

// === impl RateLimitHeaders ===

impl RateLimitHeaders {
    /// No headers; a refusal still says `Retry-After`.
    pub const OFF: Self = Self { separate: None, joint: None };

    /// One draft.
    #[must_use]
    pub const fn only(draft: HeaderDraft) -> Self {
        match draft {
            HeaderDraft::Draft6 => Self { separate: Some(Separate), joint: None },
            HeaderDraft::Draft7 => Self { separate: None, joint: Some(Joint::Draft7) },
            HeaderDraft::Draft10 => Self { separate: None, joint: Some(Joint::Draft10) },
        }
    }

    /// One more draft. `RateLimit-Policy` is one field with two syntaxes; it follows the newest draft.
    ///
    /// # Errors
    ///
    /// Drafts 7 and 10 together: both write the field `RateLimit`.
    pub fn and(self, draft: HeaderDraft) -> Result<Self, ConfigError> {
        let Self { separate, joint } = Self::only(draft);
        match (self.joint, joint) {
            (Some(one), Some(other)) if one != other => {
                Err(ConfigError::new("set of rate limit header drafts", "draft-7,draft-10")
                    .expected("one of the two, because both write the field `RateLimit`")
                    .meant("draft-6,draft-10"))
            }
            _ => Ok(Self { separate: self.separate.or(separate), joint: self.joint.or(joint) }),
        }
    }

    /// Writes the fields that tell of `readings`; none if no limiter was asked.
    pub(crate) fn write(self, readings: &Readings, mut field: impl FnMut(HeaderName, HeaderValue)) {
        let Some(tightest) = readings.tightest() else { return };
        if self.separate.is_some() {
            draft6::fields(tightest, &mut field);
        }
        match self.joint {
            Some(Joint::Draft7) => draft7::field(tightest, &mut field),
            Some(Joint::Draft10) => draft10::field(tightest, &mut field),
            None => {}
        }
        match (self.separate, self.joint) {
            (None, None) => {}
            (_, Some(Joint::Draft10)) => draft10::policy(readings, &mut field),
            _ => draft6::policy(readings, &mut field),
        }
    }
}

impl Default for RateLimitHeaders {
    fn default() -> Self {
        Self::only(HeaderDraft::Draft6)
    }
}

impl From<HeaderDraft> for RateLimitHeaders {
    fn from(draft: HeaderDraft) -> Self {
        Self::only(draft)
    }
}

impl FromStr for RateLimitHeaders {
    type Err = ConfigError;

    /// Reads `off`, or drafts separated by commas.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        if text.trim() == "off" {
            return Ok(Self::OFF);
        }
        text.split(',').try_fold(Self::OFF, |headers, draft| headers.and(draft.trim().parse()?))
    }
}

/// Writes `RateLimit-Policy`, a list. Usually it has one member, and that was spelt beforehand.
fn policy<'a>(
    members: impl Iterator<Item = &'a HeaderValue>,
    field: &mut impl FnMut(HeaderName, HeaderValue),
) {
    if let Some(list) = joined(members) {
        field(RATELIMIT_POLICY, list);
    }
}
