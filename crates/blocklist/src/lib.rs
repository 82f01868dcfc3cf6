//! Refuses requests whose address, user, token or country is on a list, which is reloaded while the server runs.
//!
//! # Rules
//!
//! [`BlocklistPolicy`], in this order; the first that applies decides:
//!
//! 1. If the list blocks addresses and the client's is not known, the answer is 500 `client-address-unknown`: the layer
//!    that learns it is missing, and a list that silently blocks nobody is worse than no service.
//! 2. An address on the safelist passes, whatever else the list says. The trail says `blocklist:safelist`. If an entry would
//!    have refused the request, the security log says so (`blocklist.safelisted`, with both entries): one event in ten seconds
//!    for each safe entry, with the count of those since the last one. Beyond 64 safe entries, the others share one event that
//!    names none of them.
//! 3. An address in a blocked network is refused. The most specific network gives the reason; if it ended, the one around it
//!    does. Addresses are compared by their bits, whatever notation the list or the request used; IPv4-mapped IPv6 is IPv4.
//! 4. A token whose SHA-256 is on the list is refused, valid or not.
//! 5. A blocked country is refused, if a layer further out learnt the country. An unknown country passes.
//!
//! [`BlockedUsersPolicy`] refuses a proven identity whose subject is on the list, byte for byte. An entry with an `issuer`
//! means the subject of that issuer alone, one without it that of every issuer. The safelist does not exempt users.
//!
//! A refusal is 403 `blocked`; which entry matched is in the security log alone. It is no violation: nobody is banned
//! for having been told that he is blocked. An entry that expired does not count. Of two entries for one thing the one that
//! lasts longer holds.
//!
//! # Place in the stack
//!
//! [`BlocklistPolicy`] behind the client's address and the route (whose class decides whether `?token=` counts), before
//! anything that costs. [`BlockedUsersPolicy`] right behind authentication.
//!
//! # Deployment caveat
//!
//! The list is as good as the client's address: behind a proxy that is not configured as trusted, every request comes
//! from the proxy.
//!
//! # The file
//!
//! ```
//! # let file = r#"
//! {
//!   "blockedIPs": [
//!     "203.0.113.50",
//!     "2001:db8:bad::/48",
//!     { "value": "198.51.100.0/24", "reason": "scanner", "expires": "2027-01-31T00:00:00Z" }
//!   ],
//!   "blockedUserIds": ["malicious-user-uuid", { "value": "alice", "issuer": "https://issuer.example" }],
//!   "blockedTokens": ["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
//!   "blockedCountries": ["KP"],
//!   "safeIPs": ["192.0.2.7"]
//! }
//! # "#;
//! # palisade_blocklist::Blocklist::parse(file, "doc").unwrap();
//! ```
//!
//! Every list may be left out. An entry is a string, or an object with `value`, `reason` and `expires`, and `issuer` if it is a
//! user. A network has no bit set behind its prefix, and is no shorter than /8 (IPv4) or /16 (IPv6) unless the entry says
//! `"wide": true`.
//! A raw token works; its digest (`printf %s "$TOKEN" | sha256sum`) is better, because a list is read by many. An unknown key
//! or a key that stands there twice is a mistake. The file may have 64 MiB, with all that it includes.
//!
//! A bad file at the start is an error of [`BlocklistFile::open`], and a missing one is an empty list. Later, a file
//! that is bad or gone keeps the last good list in force, is logged as `blocklist.refused` with line and column, and shows in
//! the [status](SharedBlocklist::status).
//!
//! What a request pays for a reload is nothing: the file is read and compiled in the thread that watches it, put in force by
//! one atomic exchange, and the list before it is freed there too, once no request reads it (of the lists that requests still
//! read, four are kept for that).
//!
//! # Plain lists
//!
//! Public blocklists are plain texts, and a member of the file names those that are to be blocked too:
//!
//! ```json
//! { "includes": ["ipsum.txt", "lists/spamhaus-drop.txt"] }
//! ```
//!
//! They lie in the folder of the file or below it (no `..`, no absolute path, no link out of it), 64 at most, and are part of
//! it: a changed list is in force within a second, and one that is bad, empty or gone is a mistake that keeps everything as it
//! was. The reason of each of their entries is the name of the list, so the security log says which list blocked.
//!
//! A line is an address or a network, or nothing. What follows `#` or `;` is a comment. Behind an address may stand numbers
//! and times, which are not read (ipsum's second column); anything else is a mistake, because the line means something else: a
//! range, a second address, or a name as in a hosts file. Lines may end as on Windows.
//!
//! ```
//! use palisade_blocklist::Blocklist;
//! # use std::time::SystemTime;
//!
//! let list = Blocklist::builder()
//!     .block_ip("192.0.2.0/24")
//!     .import("# IP\thits\n203.0.113.50\t9\n198.51.100.0/24 ; SBL256894\n", "ipsum")?
//!     .build()
//!     .unwrap();
//! let hit = list.blocked_ip("203.0.113.50".parse().unwrap(), SystemTime::UNIX_EPOCH).unwrap();
//! assert_eq!(hit.to_string(), "203.0.113.50 (ipsum)");
//! # Ok::<_, palisade_blocklist::BlocklistError>(())
//! ```
//!
//! # What entries do
//!
//! [`SharedBlocklist::status`] counts hits of each kind, and shows the 20 entries that refused most often since the start,
//! also across reloads. The table behind it has 128 entries for each core, and an entry that has over a 128th of all refusals
//! is in it whatever else comes. [`SharedBlocklist::failure`] says in O(1) whether the newest file is in force.
//!
//! # Example
//!
//! A list made in code:
//!
//! ```
//! use palisade_blocklist::{Blocklist, BlocklistLayer, BlocklistPolicy};
//!
//! let list = Blocklist::builder().block_ip("203.0.113.0/24").block_user("mallory").build()?;
//! let layer = BlocklistLayer::new(BlocklistPolicy::new(list));
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! A list in a file, in force within a second of a save:
//!
//! ```
//! use palisade_blocklist::{BlockedUsersPolicy, BlocklistFile, BlocklistPolicy};
//! use palisade_core::{Clock, GateLayer, Policies};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("blocklist.json");
//! let file = BlocklistFile::open(&path, Clock::system())?;
//! let watch = file.watch()?; // Until it is dropped.
//! let layer = GateLayer::new(
//!     BlocklistPolicy::new(file.shared())
//!         // .then(authentication)
//!         .then(BlockedUsersPolicy::new(file.shared())),
//! );
//! assert!(file.shared().status().is_current());
//! # Ok::<_, palisade_blocklist::BlocklistError>(())
//! ```
//!
//! # Not done here
//!
//! - Learning the client's address or country: layers further out do, once, for all.
//! - Blocking by behaviour: that is `palisade-autoban`, with a file of its own that no person writes.
//! - A request with two credentials: which one counts nobody can say, and authentication refuses it.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod bits;
mod blocked_users;
mod blocklist;
mod builder;
mod detail;
mod entry;
mod error;
mod file;
mod file_format;
mod hit;
mod hits;
mod includes;
mod near;
mod nested;
mod network;
mod networks;
mod plain_list;
mod policy;
mod retired;
mod safelist_audit;
mod seen;
mod shared;
mod spread;
mod stamp;
mod status;
mod top;
mod users;
mod watch;

pub use self::{
    blocked_users::BlockedUsersPolicy,
    blocklist::Blocklist,
    builder::BlocklistBuilder,
    entry::Entry,
    error::BlocklistError,
    file::BlocklistFile,
    hit::Hit,
    policy::BlocklistPolicy,
    shared::SharedBlocklist,
    status::{BlocklistStatus, EntryCounts, EntryHits, HitCounts, LoadFailure},
    watch::BlocklistWatch,
};

/// Puts a [`BlocklistPolicy`] in front of a service.
pub type BlocklistLayer = palisade_core::GateLayer<BlocklistPolicy>;

/// Puts a [`BlockedUsersPolicy`] in front of a service.
pub type BlockedUsersLayer = palisade_core::GateLayer<BlockedUsersPolicy>;
