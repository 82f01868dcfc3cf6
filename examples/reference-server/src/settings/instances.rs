//! What several instances share.

use std::{num::NonZeroU32, time::Duration};

use super::reader::Reader;

/// Where instances share limits, violations and bans.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// Where it is.
    pub url: String,
    /// How long a request waits for it.
    pub timeout: Duration,
    /// What the names of all keys begin with.
    pub prefix: String,
    /// What limits do while it does not answer.
    pub without: WithoutRedis,
    /// Requests that an instance takes from a quota in advance; none: it asks about each.
    pub lease: Option<NonZeroU32>,
}

/// What limits do while Redis does not answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum WithoutRedis {
    /// Each of so many instances counts its share.
    Local(u32),
    /// Nobody is limited.
    Open,
    /// Everybody is refused.
    Closed,
}

pub(super) fn redis(reader: &mut Reader<'_>) -> Option<RedisSettings> {
    let timeout = reader.milliseconds("REDIS_TIMEOUT_MS", 1..=10_000);
    let prefix = reader.parse("REDIS_PREFIX", String::new(), prefix);
    let instances = u32::try_from(reader.number("RATE_LIMIT_INSTANCES", 1..=10_000)).unwrap_or(1);
    let without =
        reader.parse("RATE_LIMIT_WITHOUT_REDIS", WithoutRedis::Closed, |text| match text {
            "local" => Some(WithoutRedis::Local(instances)),
            "open" => Some(WithoutRedis::Open),
            "closed" => Some(WithoutRedis::Closed),
            _ => None,
        });
    let lease = reader.number("RATE_LIMIT_LEASE", 0..=1_000_000);
    let lease = u32::try_from(lease).ok().and_then(NonZeroU32::new);
    let url = reader.text("REDIS_URL")?.to_owned();
    Some(RedisSettings { url, timeout, prefix, without, lease })
}

fn prefix(text: &str) -> Option<String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(known);
    fits.then(|| text.to_owned())
}
