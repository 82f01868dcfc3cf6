//! What several instances share.

use std::time::Duration;

use palisade_redis::{Leases, RedisUrl};

use super::{reader::Reader, secret::Secret};

/// Where instances share limits, violations and bans.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// Where it is. A password may be in it.
    pub url: Secret,
    /// A secret that is mixed into the names of keys.
    pub salt: Option<Secret>,
    /// How long a request waits for it.
    pub timeout: Duration,
    /// What the names of all keys begin with.
    pub prefix: String,
    /// What limits do while it does not answer.
    pub without: WithoutRedis,
    /// Requests that an instance takes from a quota in advance; none: it asks about each.
    pub leases: Option<Leases>,
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

/// What a client did not use by then without asking again is given back.
const LEASE_TIME: Duration = Duration::from_secs(2);

/// The smallest quota of which a quarter is worth a lease.
const LEASED: u64 = 16;

/// What means nothing without Redis.
const NEED_REDIS: [&str; 6] = [
    "REDIS_TIMEOUT_MS",
    "REDIS_PREFIX",
    "REDIS_SALT",
    "RATE_LIMIT_WITHOUT_REDIS",
    "RATE_LIMIT_INSTANCES",
    "RATE_LIMIT_LEASE",
];

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
    let leases = leases(reader);
    let salt = reader.text("REDIS_SALT").map(Secret::new);
    let Some(url) = reader.text("REDIS_URL") else {
        // Somebody believes that instances share something, and they do not.
        for name in
            NEED_REDIS.into_iter().filter(|name| reader.is_changed(name)).collect::<Vec<_>>()
        {
            reader.wrong(name, "needs REDIS_URL, which is not set");
        }
        return None;
    };
    if leases.is_some()
        && reader.text("RATE_LIMIT_MAX").and_then(|most| most.parse().ok()) < Some(LEASED)
    {
        let fix = "RATE_LIMIT_MAX of at least 16: less is not taken in advance, but asked for each";
        reader.wrong("RATE_LIMIT_LEASE", fix);
    }
    reader.built("REDIS_URL", url.parse::<RedisUrl>())?;
    Some(RedisSettings { url: Secret::new(url), salt, timeout, prefix, without, leases })
}

fn leases(reader: &mut Reader<'_>) -> Option<Leases> {
    let size = u32::try_from(reader.number("RATE_LIMIT_LEASE", 0..=1_000_000)).ok()?;
    if size == 0 {
        return None;
    }
    reader.built("RATE_LIMIT_LEASE", Leases::new(size, LEASE_TIME))
}

fn prefix(text: &str) -> Option<String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(known);
    fits.then(|| text.to_owned())
}
