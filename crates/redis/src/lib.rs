//! Shares rate limits, violations and bans between instances, in Redis or Valkey.

mod bans;
mod breaker;
mod connection;
mod failure;
mod lease;
mod lease_table;
mod leases;
mod limiter;
mod link;
mod names;
mod options;
mod redis_tally;
mod refusals;
mod script;
mod status;
mod tally;
mod url;

pub use self::{
    bans::{BanSharingStats, Following, RedisBans},
    connection::Redis,
    leases::Leases,
    limiter::{LimiterStats, RedisLimiter},
    options::RedisOptions,
    status::{RedisState, RedisStatus},
    tally::{Take, Tallied, Tally},
    url::RedisUrl,
};
