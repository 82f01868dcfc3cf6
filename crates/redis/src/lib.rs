//! Shares rate limits, violations and bans between instances, in Redis or Valkey.
//!
//! [`Redis`] is the connection, to version 7 or later: it comes up in the background, has a deadline for every call, and a circuit
//! breaker. [`RedisLimiter`] is the [`SharedStore`](palisade_ratelimit::SharedStore) of a rate limit, [`RedisBans`] the
//! [`BanExchange`](palisade_autoban::BanExchange) of an auto-ban. Neither decides anything: what a refusal is stays with those crates.
//!
//! # Rules
//!
//! 1. A call is not sent while Redis is known to be down, or too many wait: it fails at once, with the reason.
//! 2. A call takes the deadline at most (50 ms), all told. What comes later is not used.
//! 3. After three failures in a row nothing is sent for a pause (200 ms, doubled up to 5 s, a quarter of it by chance). Then a task,
//!    never a request, connects anew (asking the sentinels again, where there are some) and writes a key; when that works, calls
//!    are sent. So a dead Redis costs a deadline to the requests that are under way then, three or more, and nothing to the others.
//! 4. All quotas of a request are counted by one script, on the time of Redis: all of them, or none if one refuses.
//! 5. A quota of 0, and a request that is more than a quota's burst, is refused without asking.
//! 6. What Redis refused is refused here until the time it named has passed, for at most a second without asking again.
//!
//! # Limits
//!
//! Each quota of each client is one key, `palisade:{client}:rl:limit`. Both parts are digests of 128 bits (SHA-256 over parts with
//! their lengths, and [`RedisOptions::salt`]), so no user and no address stands in Redis, and no two can be made to collide. The
//! braces keep all of a client's keys on one node of a cluster. Its value is the time at which the quota is whole (the generic
//! cell rate algorithm, in whole microseconds), and it ends at that time: no key is endless or negative. A value that says more
//! than a whole quota, as after a step of the clock of Redis, is cut to that.
//!
//! The quota is part of the name. A limit that is changed begins anew: around the change a client may get the old quota and the new
//! one, never more, and nobody is held to an old debt.
//!
//! # Leases
//!
//! With [`RedisLimiter::with_leases`] an instance takes requests ahead for a client that keeps asking, and admits them without a call.
//! More is asked for in the background while a quarter is left, so a busy client waits for no call, and costs one in about 190
//! requests. It begins with nothing and grows fourfold while it is used up in time; what is left when it ends is given back.
//!
//! A lease is at most [`Leases::share_of`] the quota: `min(size, burst / 4)`, and none below 4. All instances together
//! admit in *any* time `t` at most
//!
//! ```text
//! burst + limit × t / window + instances × share
//! ```
//!
//! requests of a client. Why: what is admitted in that time was taken from the quota in it, or before it and not yet used. The first
//! is what Redis lets out, less what is given back, so `burst + limit × t / window` (rates are rounded down); the second is at most
//! `share` for each instance, because none ever holds more: what is under way counts, however late its answer comes, and what is given
//! back in a call that a cluster's client sends again is given back once. (A request that was counted by a call was admitted when
//! Redis counted it.) The same for the other direction: a client
//! may be refused up to `instances × share` requests before his quota is used up, for as long as leases last that others hold for him.
//! What is told to be left is what Redis said last, and the rest of the lease: what other instances admitted since is not known.
//!
//! Without leases, all instances together admit exactly the quota.
//!
//! # Bans
//!
//! Violations are gathered for 20 ms and counted in Redis over a window of 32 parts; the one instance whose violation was too many for
//! all of them bans, with the evidence of all. A ban or a lift is written into a book and published in one script; others apply it when
//! they hear of it, and look every 400 ms whether they missed one, so it is everywhere within a second even if no message is heard. A
//! lift is kept for 30 days, for an instance that was apart. A ban that is newer than a lift beats it, in whatever order they come in; of
//! the same date the lift holds. Of two bans the longer one holds, but a person's replaces what is older, and nothing older comes back.
//!
//! Whenever Redis was away, as in a failover, every instance reads the book from its beginning and says what is in force and the last
//! 4 096 lifts it knows, before it writes what is new: Redis may have come back empty, or without its last moments. What nobody can read in
//! the book is counted, and stops nothing. Before a server ends it calls [`RedisBans::flush`].
//!
//! The book has room for a million bans and lifts ([`RedisBans::with_room`]), as an `AutoBan` has: 0.8 GB. Beyond, a ban is in force on the
//! instance that made it and nowhere else: `bans.not-shared` in the security log, the first at once, then once a minute how many.
//!
//! Dates are those of the instances' clocks: keep them in step. What a ban holds (an address, the id of a user, the digest of a token,
//! who banned and why) stands in the book in clear, as in `ban.json`; violations are kept under digests.
//!
//! # When Redis does not answer
//!
//! | what | limits | bans |
//! |---|---|---|
//! | down, unreachable, wrong password | `connection-refused`, `connection-lost`, `authentication-failed`; then `circuit-open` | counted and banned here; told later |
//! | hangs, slower than the deadline | `deadline`, then `circuit-open` | the same |
//! | not reached since the start | `connecting` | the same |
//! | a replica, loading, out of memory, failing over | `read-only`, `loading`, `out-of-memory`, `master-down`, `cluster-down`, `moved` | the same |
//! | restarted, failed over, `SCRIPT FLUSH` | the script is sent again, within the deadline | all is said again |
//! | keys of another type or content | `wrong-type`, for that client alone | the same |
//! | more calls at once than allowed | `too-many-calls` | violations are counted here |
//!
//! What a limit does then is its [`Fallback`](palisade_ratelimit::Fallback): a share of the quota here, everything, or nothing.
//! [`Redis::status`] tells how it is going, for `/readyz` and metrics; each change is one line in the security log, `redis.down` and
//! `redis.up`.
//!
//! # Place in the stack
//!
//! None: it is given to the layers that ask it.
//!
//! # Deployment caveat
//!
//! Who can write into this Redis can lift limits and bans, and ban anybody: give it a user of its own, a password and TLS (feature `tls`,
//! `rediss://`). The user needs keys `~palisade:*`, the channel `&palisade:bans`, and `+@scripting +@read +@write +@pubsub +@connection
//! +time +cluster`. Set `maxmemory-policy noeviction`: any other drops limits of the very clients that are held back. Redis that fails
//! over may lose the last moments; a client then gets those back. Bans are said again by those who know them, if they notice: by an
//! outage, or by the book having counted less than they read.
//!
//! # Example
//!
//! ```no_run
//! use palisade_redis::{Leases, Redis, RedisLimiter, RedisOptions};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), palisade_core::ConfigError> {
//! let redis = Redis::connect("redis://localhost", RedisOptions::default())?;
//! let exact = RedisLimiter::new(&redis);
//! let fast = RedisLimiter::with_leases(&redis, Leases::default());
//! # drop((exact, fast)); Ok(()) }
//! ```
//!
//! Configured:
//!
//! ```no_run
//! use std::time::Duration;
//! use palisade_redis::{Redis, RedisOptions};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), palisade_core::ConfigError> {
//! let options = RedisOptions::default()
//!     .deadline(Duration::from_millis(20))
//!     .trips_after(5)
//!     .pauses(Duration::from_millis(100), Duration::from_secs(2))
//!     .namespace("shop")
//!     .salt("a secret of this deployment");
//! let url = "redis-sentinel://a.internal,b.internal,c.internal/main";
//! let redis = Redis::connect(url, options)?;
//! // A server that would rather not begin without it:
//! let _there = redis.ready(Duration::from_secs(3)).await;
//! # Ok(()) }
//! ```
//!
//! # Not done here
//!
//! - What a limit does without Redis, and headers: `palisade-ratelimit`.
//! - Credentials of the sentinels themselves: they are asked without any.
//! - Reading from replicas: they lag behind, and a limit that lags is none.

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
