//! The book of bans that instances share, as Redis keeps it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use palisade_autoban::{BanChange, BanTarget};
use palisade_ratelimit::Outage;
use redis::{Value, from_redis_value};

use crate::{
    Redis,
    failure::NONSENSE,
    names::Names,
    script::{Script, digest_of},
};

const STORE_SOURCE: &str = include_str!("store.lua");
static STORE: Script = Script::new(STORE_SOURCE, || digest_of(STORE_SOURCE));
const NEWS_SOURCE: &str = include_str!("news.lua");
static NEWS: Script = Script::new(NEWS_SOURCE, || digest_of(NEWS_SOURCE));

/// How long a lift is kept: an instance that was apart for less hears of it.
const LIFT_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Who bans for too many violations. Every other ban is a person's.
const NOBODY: &str = "auto-ban";

/// How many entries one call reads or writes: so many that it takes well under a deadline.
pub(super) const PAGE: usize = 100;

/// Bans and lifts by the digests of those they are for, each with the version at which it came in.
#[derive(Debug)]
pub(super) struct Book {
    redis: Redis,
    pub(super) names: Names,
    pub(super) channel: String,
    keys: [String; 4],
    /// The most bans and lifts that are kept.
    most: usize,
}

/// A page of what changed.
#[derive(Debug)]
pub(super) struct News {
    /// Another one than before: Redis lost the book, and this is a new one.
    pub(super) epoch: String,
    pub(super) entries: Vec<Entry>,
}

/// A change; what cannot be read of it is none.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) version: Option<u64>,
    pub(super) change: Option<BanChange>,
}

// === impl Book ===

impl Book {
    pub(super) fn new(redis: &Redis, most: usize) -> Self {
        let namespace = &redis.options().namespace;
        let key = |name| format!("{namespace}:{{bans}}:{name}");
        Self {
            redis: redis.clone(),
            names: Names::new(redis.options()),
            channel: format!("{namespace}:bans"),
            keys: [key("version"), key("book"), key("log"), key("ends")],
            most,
        }
    }

    /// Writes changes, those that are news, and tells of them. Returns how many found no room.
    pub(super) async fn store(&self, changes: &[BanChange]) -> Result<usize, Outage> {
        let mut arguments = vec![epoch(), self.channel.clone(), self.most.to_string()];
        for change in changes {
            // What has no JSON, which is nothing, is left out.
            let Ok(text) = serde_json::to_string(change) else { continue };
            let ban = change.ban.as_ref();
            let kind = match ban {
                None => "lift",
                Some(ban) if ban.by == NOBODY => "ban",
                Some(_) => "order",
            };
            let ends = ban.map_or(change.at.checked_add(LIFT_KEPT), |ban| ban.until);
            let ends = ends.map_or(0, |ends| millis(ends).max(1));
            let at = millis(change.at).to_string();
            let field = self.names.target(&change.target);
            arguments.extend([field, kind.to_owned(), at, ends.to_string(), text]);
        }
        let answer = self.redis.run(&STORE, self.keys.to_vec(), arguments).await?;
        from_redis_value(answer).map_err(|_| NONSENSE)
    }

    /// What changed since a version.
    pub(super) async fn news(&self, since: u64) -> Result<News, Outage> {
        let keys = self.keys.iter().take(3).cloned().collect();
        let arguments = vec![epoch(), since.to_string(), PAGE.to_string()];
        read(self.redis.run(&NEWS, keys, arguments).await?)
    }

    /// Forgets the violations of one who was let off.
    pub(super) async fn forget(&self, target: &BanTarget) -> Result<(), Outage> {
        let key = self.names.violations(target);
        self.redis.send(redis::cmd("DEL").arg(key).to_owned()).await.map(drop)
    }
}

fn read(answer: Value) -> Result<News, Outage> {
    // Bytes: of a text that is none only its entry must be lost.
    let texts: Vec<Vec<u8>> = from_redis_value(answer).map_err(|_| NONSENSE)?;
    let (epoch, rest) = texts.split_first().ok_or(NONSENSE)?;
    let entry = |[version, text]: &[Vec<u8>; 2]| Entry {
        version: std::str::from_utf8(version).ok().and_then(|version| version.parse().ok()),
        change: serde_json::from_slice(text).ok(),
    };
    let epoch = String::from_utf8_lossy(epoch).into_owned();
    Ok(News { epoch, entries: rest.as_chunks().0.iter().map(entry).collect() })
}

/// A name for a book that may have to be begun.
fn epoch() -> String {
    format!("{:016x}", rand::random::<u64>())
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
