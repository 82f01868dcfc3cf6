//! What this server shares with other instances of it: limits, violations and bans, in Redis.

use std::{sync::Arc, time::Duration};

use palisade::{
    autoban::{AutoBan, BanExchange},
    core::{Clock, ConfigError},
    ratelimit::{Fallback, SharedStore},
};
use palisade_redis::{Following, Redis, RedisBans, RedisLimiter, RedisOptions, RedisState};

use crate::settings::{RedisSettings, Secret, WithoutRedis};

/// How long the end of the server waits for Redis.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection to Redis, and what goes over it.
#[derive(Debug)]
pub(crate) struct Instances {
    redis: Redis,
    limiter: Arc<dyn SharedStore>,
    bans: RedisBans,
    without: WithoutRedis,
}

// === impl Instances ===

impl Instances {
    /// Begins to connect, on the runtime this is called in. A Redis that is not there does not stop the start.
    pub(crate) fn connect(settings: &RedisSettings, clock: &Clock) -> Result<Self, ConfigError> {
        let options = RedisOptions::default()
            .deadline(settings.timeout)
            .namespace(settings.prefix.as_str())
            .salt(settings.salt.as_ref().map(Secret::exposed).unwrap_or_default())
            .clock(clock.clone());
        let redis = Redis::connect(settings.url.exposed(), options)?;
        let limiter = match settings.leases {
            Some(leases) => RedisLimiter::with_leases(&redis, leases),
            None => RedisLimiter::new(&redis),
        };
        let bans = RedisBans::new(&redis);
        Ok(Self { redis, limiter: Arc::new(limiter), bans, without: settings.without })
    }

    /// Where limits are counted.
    pub(crate) fn limiter(&self) -> Arc<dyn SharedStore> {
        Arc::clone(&self.limiter)
    }

    /// Who is told of bans and violations.
    pub(crate) fn exchange(&self) -> Arc<dyn BanExchange> {
        Arc::new(self.bans.clone())
    }

    /// Tells `auto_ban` of the bans of others, until the guard is dropped.
    pub(crate) fn follow(&self, auto_ban: &AutoBan) -> Following {
        self.bans.follow(auto_ban)
    }

    /// Tells others what they have not been told yet; the server is about to end. Returns how many bans and lifts are lost for
    /// them unless it starts again.
    pub(crate) async fn flush(&self) -> usize {
        self.bans.flush(PATIENCE).await
    }

    /// What limits do while Redis does not answer.
    pub(crate) fn fallback(&self) -> Fallback {
        match self.without {
            WithoutRedis::Local(instances) => Fallback::local(instances),
            WithoutRedis::Open => Fallback::Open,
            WithoutRedis::Closed => Fallback::Closed,
        }
    }

    /// Whether Redis answers.
    pub(crate) fn is_up(&self) -> bool {
        self.redis.status().state == RedisState::Up
    }

    /// Whether this server can do its work. Without Redis it does, unless limits refuse everybody then: were it taken out of
    /// service, all instances would be, at the same time.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_up() || self.without != WithoutRedis::Closed
    }
}
