//! Bans addresses, users and tokens whose violations exceed a threshold within a window, and keeps the bans on disk.
//!
//! # Rules
//!
//! [`AutoBanPolicy`], on the way in; the first that applies decides:
//!
//! 1. A banned address is refused, unless it is protected; an IPv6 address also if a network around it is banned.
//! 2. If addresses are banned and the client's is not known, the answer is 500 `client-address-unknown`: the layer that
//!    learns it is missing, and bans that silently stop nobody are worse than no service.
//! 3. A banned token is refused, valid or not.
//!
//! [`BannedUsersPolicy`] refuses a proven identity that is banned: by issuer and subject, or by the subject alone.
//!
//! A refusal is 403 `banned`, with `Retry-After` if the ban has an end. It is no violation, and what a banned client sends
//! counts nowhere, so a ban never feeds itself.
//!
//! On the way out [`AutoBanPolicy`] reads the [`Rejection`](palisade_core::Rejection) that a layer further in left in
//! the answer:
//!
//! 4. A used-up quota counts against the user, if one was proven, else against the address.
//! 5. A failed credential counts against the address: the user and the token that it names did not send it, and nobody is
//!    locked out by others.
//! 6. A suspicious request counts against the address, and if a credential was proven beside it, against that token too:
//!    whoever holds it misuses it, from whatever address. Neither is banned for what a protected client sends, and what a
//!    page of another site makes a browser send counts nothing: so to have a token banned one has to hold it, or a page of
//!    the token's own site.
//! 7. An address counts by its [key](palisade_core::IpKey): an IPv6 client by its /64, if nothing else is configured. One
//!    that is a proxy's, because its header made no sense, counts nowhere; the log has an error.
//! 8. Each kind has a [weight](AutoBanBuilder::weight), by default one. Violations within the window that weigh more than
//!    the threshold are a ban: by default the sixth within 10 s, for ever.
//! 9. With a [duration](AutoBanBuilder::ban_duration) bans end, give or take a tenth, so that a botnet does not come back at
//!    one moment; with an [`Escalation`] each further ban of the same offender lasts twice as long.
//! 10. A success resets nothing, or a bot would log in with its own account now and then.
//! 11. A protected address is not banned, nor is the token that it brings, and the log has an error instead: the first, then their number, once a minute.
//!
//! [`SuspiciousPolicy`] tells by path and query what no honest client sends; see there and [`Signatures`].
//!
//! # What happens at the bounds
//!
//! - Of the tracked addresses, users and tokens, the one whose last violation is the oldest is forgotten of those who
//!   violated once, and of the others only if there are none of those; at most three quarters may be such others, and the
//!   oldest beyond that stand with the former. So who is on the way to his ban is not driven out by a flood of new
//!   addresses, and a flood of addresses that violate twice leaves a quarter to those who are new. Forgetting lifts no ban.
//!   One takes about 200 bytes, whatever the threshold up to 129 times more.
//! - Nobody is banned beyond the most bans, or beyond 64 MiB of file; the log has an error. No ban is dropped for another.
//!   Automatic bans of IPv6 networks, of which anyone has as many as he likes, take half of that at most, and all automatic
//!   ones seven parts of eight: so nobody fills the list to be free himself, and a person's ban finds room.
//! - Of earlier bans as many are remembered as keys are tracked, and no more than 15 MiB of file; the one that ended first is
//!   forgotten, which shortens the next ban and none in force.
//! - A user whose id or issuer has more than 256 bytes is not tracked; the address is.
//! - A change by a person that is undone always finds the room it had.
//!
//! # Place in the stack
//!
//! [`AutoBanPolicy`] behind the client's address, outside whatever refuses: it must see the answer.
//! [`BannedUsersPolicy`] right behind authentication. [`SuspiciousPolicy`] right behind what counts.
//!
//! A token that stands in the query counts only once the route is known, and the layer that learns the route refuses
//! suspicious paths itself. A stack with such a layer takes the two halves of [`AutoBanPolicy`] apart:
//! [`ViolationsPolicy`] and [`SuspiciousPolicy`] outside of that layer, [`BannedClientsPolicy`] behind it.
//!
//! # Several instances
//!
//! A [`BanExchange`] is told of each violation and of each change; what the others say comes back by [`AutoBan::apply`],
//! [`AutoBan::convict`] and, to compare, [`AutoBan::in_force`]. `palisade-redis` has one.
//!
//! # Changes by people
//!
//! The functions that ban and lift do so at once. Where a change must be recorded in one transaction with an audit log,
//! [`AutoBan::plan_ban`] and [`AutoBan::plan_lift`] take it apart; see [`PlannedChange`]. What of it is to survive a crash right
//! behind that transaction is kept in it, as [`UnsettledChange::orders`], and given to [`AutoBan::resume`] at the next start.
//!
//! # Deployment caveat
//!
//! Only the verified client address is ever banned; if the trusted proxies are not configured, that is the proxy. Name
//! them in [`protect`](AutoBanBuilder::protect) as well. Behind a gate that only reports, bans are made and logged but nobody is
//! refused. Two processes must not share a file: the last to write wins. A crash may lose the violations of the
//! window, which are in memory alone, and the bans of the moment before it; [`AutoBan::flush`] waits for those. Where the
//! disk is full, bans hold in memory, [`AutoBan::status`] says why they are not on disk, and the file stays as it was; it is
//! tried again every second.
//!
//! # The file
//!
//! ```json
//! {"version":1,
//! "bannedIPs":[
//! {"value":"203.0.113.9","reason":"too many violations","since":"2026-01-01T00:00:05Z","by":"auto-ban","offences":1,
//!  "evidence":{"violations":{"rate-limit":6},"weight":6,"first":"2026-01-01T00:00:00Z","last":"2026-01-01T00:00:05Z",
//!  "routes":["search"]}}],
//! "bannedUserIds":[
//! {"value":"user-7","issuer":"https://id.example","reason":"ticket 4711","since":"2026-01-01T00:00:00Z",
//!  "until":"2026-01-02T00:00:00Z","by":"alice"}],
//! "bannedTokens":[
//! {"value":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","since":"2026-01-01T00:00:00Z","by":"alice"}],
//! "pastBans":[
//! {"target":{"kind":"ip","value":"198.51.100.7"},"offences":2,"ended":"2025-12-31T12:00:00Z"}]}
//! ```
//!
//! A user without `issuer` is banned whoever vouches for him; an empty one stands for identities without any, such as those
//! of API keys. `pastBans` is there where bans escalate. Auto-ban alone writes the file, as a whole and atomically. It is
//! read at the start; plain strings in place of objects are read too, and written anew as objects, so that no token stays
//! in clear.
//!
//! # Example
//!
//! The documented settings, in memory:
//!
//! ```
//! use palisade_autoban::{AutoBan, AutoBanLayer, AutoBanPolicy};
//!
//! let auto_ban = AutoBan::builder().build()?;
//! let layer = AutoBanLayer::new(AutoBanPolicy::new(auto_ban));
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! Bans of an hour that get longer, on disk, proxies protected, probes worth three violations, and one ban lifted by an
//! admin:
//!
//! ```
//! use std::time::Duration;
//! use palisade_autoban::{
//!     AutoBan, AutoBanPolicy, BanOrder, BannedUsersPolicy, Escalation, Signatures, SuspiciousPolicy,
//! };
//! use palisade_core::{GateLayer, Policies, ViolationKind};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("ban.json");
//! let auto_ban = AutoBan::builder()
//!     .threshold(10)
//!     .weight(ViolationKind::Suspicious, 3)
//!     .window(Duration::from_secs(30))
//!     .ban_duration(Duration::from_secs(3600))
//!     .escalation(Escalation::doubling().up_to(Duration::from_secs(7 * 86_400)))
//!     .protect(["10.0.0.0/8"])
//!     .file(path)
//!     .build()?;
//! let layer = GateLayer::new(
//!     AutoBanPolicy::new(auto_ban.clone())
//!         .then(SuspiciousPolicy::new(auto_ban.clone(), Signatures::documented())?)
//!         // .then(authentication)
//!         .then(BannedUsersPolicy::new(auto_ban.clone())),
//!     // .then(rate limit)
//! );
//!
//! auto_ban.ban_ip("203.0.113.9", BanOrder::by("alice").reason("ticket 4711"))?;
//! auto_ban.flush()?;
//! assert_eq!(auto_ban.bans().ips[0].by, "alice");
//! assert_eq!(auto_ban.unban_ip("203.0.113.9", "alice")?.len(), 1);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Not done here
//!
//! - Reading bodies and headers for probes: what is looked at is the path and the query, of a path the
//!   first 8 KiB, of a query the first and the last.
//! - A store outside: a [`BanExchange`] stands between.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod admin;
mod alerts;
mod auto_ban;
mod ban;
mod ban_file;
mod banned_clients;
mod banned_users;
mod bans;
mod config;
mod counting;
mod error;
mod escalation;
mod evidence;
mod exchange;
mod keeper;
mod lifts;
mod log;
mod offenders;
mod past_bans;
mod plan;
mod policy;
mod protected;
mod recency;
mod room;
mod shards;
mod sharing;
mod status;
mod suspicious;
mod swap;
mod tally;
mod target;
mod time;
mod unsettled;
mod user_name;
mod violations;
mod violations_policy;
mod weights;
mod wire;

pub use self::{
    auto_ban::AutoBan,
    ban::{Ban, BanList, BanOrder},
    banned_clients::BannedClientsPolicy,
    banned_users::BannedUsersPolicy,
    config::AutoBanBuilder,
    error::BanError,
    escalation::{Escalation, Jitter},
    evidence::{Evidence, ViolationCounts},
    exchange::{Applied, BanChange, BanExchange, Violation},
    plan::{PlannedChange, UnsettledChange},
    policy::AutoBanPolicy,
    status::{AutoBanStatus, BanFileStatus, OffenderStats, SafeMode, ViolationStats},
    suspicious::{Signature, SignatureHits, SignatureKind, Signatures, SuspiciousPolicy},
    target::{BanTarget, BannedUser},
    violations_policy::ViolationsPolicy,
    weights::Weights,
};

/// Puts an [`AutoBanPolicy`] in front of a service.
pub type AutoBanLayer = palisade_core::GateLayer<AutoBanPolicy>;

/// Puts a [`BannedUsersPolicy`] in front of a service.
pub type BannedUsersLayer = palisade_core::GateLayer<BannedUsersPolicy>;
