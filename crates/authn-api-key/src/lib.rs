//! Turns an `X-API-Key` into an identity: keys that are shown once, kept as digests and rotated with an overlap.
//!
//! A key is `<prefix>_<environment>_<id>_<secret><checksum>`, such as
//! `acme_live_4kq0v7m2x9rt_8w3h…`:
//!
//! | part | what it is |
//! |---|---|
//! | prefix, environment | what [`KeyFormat`] says, so that people and secret scanners know a key when they see one |
//! | id | 12 digits: the public name of the key, in lists, files and logs |
//! | secret | 32 digits, 160 random bits |
//! | checksum | 7 digits: CRC-32 (IEEE) of all that stands in front of it, so that a typo costs no lookup |
//!
//! The digits are those of Crockford's base32 in lower case, five bits each; a key has one spelling. A scanner finds keys by
//! [`KeyFormat::pattern`]. Of a key the SHA-256 of its whole text is kept, and nothing else: it holds the secret, and
//! belongs to the id it was made with.
//!
//! # Rules
//!
//! Of a request:
//!
//! 1. An identity that is already known passes; bearer tokens are left to whoever judges bearer tokens.
//! 2. Two keys, and a key beside another credential, are 400 `ambiguous-credentials`.
//! 3. A key that is not valid is 401 `invalid-api-key`, on public routes too. It counts as
//!    [`AuthFailure`](palisade_core::ViolationKind::AuthFailure). The log alone learns why.
//! 4. No key passes; behind [`ApiKeyAuth::required`] it is 401 `credentials-required`, which counts as nothing.
//!
//! Of a key, the first that fails is the reason, a [`KeyFault`]:
//!
//! 1. It is not written like a key, or its checksum is not that of its text. So far nobody looked for it.
//! 2. Its prefix or environment is not ours; there is no key of its id; its secret is another; the key is disabled; it has
//!    expired; or its secret was rotated and the overlap is over. All of these answer alike and do the same work: an unknown
//!    id is compared as well, in constant time, with a digest nobody has a text for.
//!
//! A valid key proves its owner ([`IdentityKind::ApiKey`](palisade_core::IdentityKind::ApiKey)) with its roles, scopes
//! and plan, until it expires. Handlers find its [`KeyId`] attached to the context.
//!
//! # What happens at the bounds
//!
//! There are 10 000 keys at most, if nothing else is configured, and 64 MiB of file; beyond, none is made, and none is
//! dropped for another.
//!
//! # Place in the stack
//!
//! Where bearer tokens are judged, directly in front of that: an identity that a key proved then passes there.
//!
//! # Deployment caveat
//!
//! Making and changing keys blocks on the disk, and while another process changes the file. Several processes may share a
//! file: a change is made to what is in it then, and nothing is lost. What others changed counts here from the next change
//! or [`ApiKeys::reload`] on. An empty `<name>.lock` stays beside the file: who changes it holds the operating system's lock
//! of that, which ends with its process. Where another one does not let go of it, a change is an error after five seconds,
//! and at once from then on until it does; what takes a key away counts all the same, and [`ApiKeys::is_written`] says that
//! the file does not know.
//!
//! Times are those of the wall's clock: a key that has expired is good again where that is set back, one that is disabled is
//! not. When a key was last used is on disk with the next change, or after [`ApiKeys::flush`].
//!
//! # The file
//!
//! ```json
//! {"version":1,
//! "keys":[
//! {"key":{"id":"4kq0v7m2x9rt","name":"nightly export","owner":"exporter","scopes":["posts:read"],
//!   "created":"2026-01-01T00:00:00Z","expires":"2027-01-01T00:00:00Z","lastUsed":"2026-02-03T04:05:00Z"},
//!  "secrets":{"current":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}}]}
//! ```
//!
//! Written as a whole and atomically, readable for its owner alone. One that holds a mistake stops the start and names the
//! place; a later reload of such a file changes nothing.
//!
//! # Example
//!
//! In memory:
//!
//! ```
//! use palisade_authn_api_key::{ApiKeyAuth, ApiKeyLayer, ApiKeys, KeyFormat, NewKey};
//! # use palisade_test_support::Ask;
//!
//! let keys = ApiKeys::builder(KeyFormat::new("acme", "live")?).build()?;
//! let issued = keys.create(NewKey::owned_by("exporter").scope("posts:read"))?;
//! let text = issued.text.expose(); // Shown to the owner, once.
//!
//! let layer = ApiKeyLayer::new(ApiKeyAuth::new(keys));
//! assert_eq!(Ask::get("/").header("x-api-key", text).through(&layer).status(), 200);
//! assert_eq!(Ask::get("/").header("x-api-key", "acme_live_guess").through(&layer).status(), 401);
//! assert_eq!(Ask::get("/").through(&layer).status(), 200);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! On disk, for a service that lets nobody in without one; a key of a year, rotated with a week of overlap:
//!
//! ```
//! use std::time::Duration;
//! use palisade_authn_api_key::{ApiKeyAuth, ApiKeyLayer, ApiKeys, KeyFormat, NewKey};
//!
//! const DAY: Duration = Duration::from_secs(24 * 3600);
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("api-keys.json");
//! let keys = ApiKeys::builder(KeyFormat::new("acme", "live")?).file(path).build()?;
//! let layer = ApiKeyLayer::new(ApiKeyAuth::new(keys.clone()).required());
//!
//! let order = NewKey::owned_by("exporter").name("nightly export").role("reader").lasting(365 * DAY);
//! let id = keys.create(order)?.key.id;
//! let rotated = keys.rotate(id, 7 * DAY)?;
//! assert_eq!(rotated.key.id, id);
//! keys.disable(id)?;
//! assert!(keys.list()[0].disabled.is_some());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Kept by somebody else, such as a database that several servers share: each takes over what is kept at its start and whenever it
//! changed, and plans changes that are stored before they count ([`PlannedKey`]):
//!
//! ```
//! use palisade_authn_api_key::{ApiKeys, KeyFormat, KeyRecord, NewKey, TakenOver};
//!
//! # let mut table: Vec<(String, u64)> = Vec::new();
//! # let keys = || ApiKeys::builder(KeyFormat::new("acme", "live")?).build();
//! let (here, there) = (keys()?, keys()?);
//!
//! let planned = here.plan_create(NewKey::owned_by("exporter"))?;
//! table.push((planned.record().text().to_owned(), planned.record().revision()));
//! let issued = planned.put_in_force()?.settle();
//!
//! let taking_over = there.take_over();
//! let records = table.iter().map(|(text, revision)| KeyRecord::read(text, *revision));
//! let taken = taking_over.finish(records.collect::<Result<Vec<_>, _>>()?);
//! assert_eq!(taken, TakenOver::Changed);
//! assert_eq!(there.list(), [issued.key]);
//! # Ok::<_, palisade_authn_api_key::KeyError>(())
//! ```
//!
//! # Not done here
//!
//! - A slow hash: there is nothing to guess about 160 random bits.
//! - Keys in the query: they end up in logs, histories and `Referer`.
//! - Asking a database: [`ApiKeys`] holds all keys in memory, because a request must not wait for one. Who keeps them elsewhere
//!   stores the records and says when they changed.
//! - Writing down who made or disabled a key: whoever calls knows who asked, and has the audit log.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_key;
mod api_keys;
mod config;
mod digest;
mod digits;
mod entry;
mod error;
mod file_lock;
mod key_fault;
mod key_file;
mod key_format;
mod key_id;
mod key_text;
mod last_used;
mod new_key;
mod plan;
mod policy;
mod record;
mod refusal;
mod stored;
mod taking_over;
mod time;
mod verified;

pub use self::{
    api_key::ApiKey,
    api_keys::ApiKeys,
    config::ApiKeysBuilder,
    error::KeyError,
    key_fault::KeyFault,
    key_format::KeyFormat,
    key_id::KeyId,
    key_text::{Issued, KeyText},
    new_key::NewKey,
    plan::{PlannedKey, UnsettledKey},
    policy::ApiKeyAuth,
    record::KeyRecord,
    taking_over::{TakenOver, TakingOver},
    verified::Verified,
};

/// Puts [`ApiKeyAuth`] in front of a service.
pub type ApiKeyLayer = palisade_core::GateLayer<ApiKeyAuth>;
