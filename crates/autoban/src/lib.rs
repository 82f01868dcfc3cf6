//! Bans addresses and users whose violations exceed a threshold within a window, and keeps the bans on disk.
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
//! [`BannedUsersPolicy`] refuses a proven identity whose subject is banned.
//!
//! A refusal is 403 `banned`, with `Retry-After` if the ban has an end. It is no violation, so a ban never feeds itself.
//!
//! On the way out [`AutoBanPolicy`] reads the [`Rejection`](palisade_core::Rejection) that a layer further in left in
//! the answer:
//!
//! 4. A used-up quota counts against the user, if one was proven, else against the address. A failed credential and a
//!    suspicious request count against the address: who was named did not send it.
//! 5. An address counts by its [key](palisade_core::IpKey): an IPv6 client by its /64, if nothing else is configured.
//! 6. More violations within the window than the threshold are a ban: by default the sixth within 10 s, for ever.
//! 7. A success resets nothing, or a bot would log in with its own account now and then.
//! 8. A protected address is not banned, and the log has an error instead. Nor is a proxy whose header made no sense.
//!
//! # What happens at the bounds
//!
//! - Of the tracked addresses and users, the one whose last violation is the oldest is forgotten. That lifts no ban.
//! - Nobody is banned beyond the most bans, or beyond 64 MiB of file; the log has an error for each. No ban is dropped for another.
//! - A user id of more than 256 bytes is not tracked; the address is.
//!
//! # Place in the stack
//!
//! [`AutoBanPolicy`] behind the client's address, outside whatever refuses: it must see the answer.
//! [`BannedUsersPolicy`] right behind authentication.
//!
//! A token that stands in the query counts only once the route is known, and the layer that learns the route refuses
//! suspicious paths itself. A stack with such a layer takes the two halves of [`AutoBanPolicy`] apart:
//! [`ViolationsPolicy`] outside of that layer, [`BannedClientsPolicy`] behind it.
//!
//! # Deployment caveat
//!
//! Only the verified client address is ever banned; if the trusted proxies are not configured, that is the proxy. Name
//! them in [`protect`](AutoBanBuilder::protect) as well. Behind a gate that only reports, bans are made and logged but nobody is
//! refused. Two processes must not share a file: the last to write wins. A crash may lose the violations of the
//! window, which are in memory alone, and the bans of the moment before it; [`AutoBan::flush`] waits for those.
//!
//! # The file
//!
//! ```json
//! {"version":1,
//! "bannedIPs":[
//! {"value":"203.0.113.9","reason":"too many violations","since":"2026-01-01T00:00:05Z","by":"auto-ban",
//!  "evidence":{"violations":{"rate-limit":6},"first":"2026-01-01T00:00:00Z","last":"2026-01-01T00:00:05Z"}}],
//! "bannedUserIds":[
//! {"value":"user-7","reason":"ticket 4711","since":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z","by":"alice"}],
//! "bannedTokens":[
//! {"value":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","since":"2026-01-01T00:00:00Z","by":"alice"}]}
//! ```
//!
//! Auto-ban alone writes it, as a whole and atomically. It is read at the start; plain strings in place of objects are
//! read too, and written anew as objects, so that no token stays in clear.
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
//! Bans of an hour on disk, proxies protected, and one lifted by an admin:
//!
//! ```
//! use std::time::Duration;
//! use palisade_autoban::{AutoBan, AutoBanPolicy, BanOrder, BannedUsersPolicy};
//! use palisade_core::{GateLayer, Policies};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("ban.json");
//! let auto_ban = AutoBan::builder()
//!     .threshold(10)
//!     .window(Duration::from_secs(30))
//!     .ban_duration(Duration::from_secs(3600))
//!     .protect(["10.0.0.0/8"])
//!     .file(path)
//!     .build()?;
//! let layer = GateLayer::new(
//!     AutoBanPolicy::new(auto_ban.clone())
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
//! - Deciding what is suspicious: whoever can tell calls [`AutoBan::report`] or refuses with a violation.
//! - Banning a token by counting: a token is banned by a person; what its bearer does counts against user or address.
//! - Sharing bans between machines: that needs a store outside.

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
mod tally;
mod target;
mod time;
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
