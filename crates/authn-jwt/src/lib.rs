//! Turns a bearer token into an identity: strict, optional, lenient and admin layers for any tower service.
//!
//! Tokens are signed JSON Web Tokens (RFC 7519) and checked as RFC 8725 and its revision ask. What algorithm is right
//! is the key's to say, never the token's.
//!
//! # Rules
//!
//! Of a request:
//!
//! 1. An identity that is already known passes; an API key is left to whoever judges API keys.
//! 2. Two credentials are 400 `ambiguous-credentials`; an `Authorization` of another scheme is 401 `invalid-token.scheme`.
//! 3. A bearer token that is not valid is 401 `invalid-token.…`, on public routes too ([`LenientAuth`] takes it for none).
//!    It counts as [`AuthFailure`](palisade_core::ViolationKind::AuthFailure). One that nobody can judge now is 503
//!    `keys-unavailable` or `auth-unavailable` with `Retry-After` in every mode, and counts as nothing.
//! 4. No token, where an identity is needed, is 401 `credentials-required`, which counts as nothing. [`StrictAuth`] needs
//!    one everywhere. [`OptionalAuth`] and [`LenientAuth`] need one by the route's class: none on
//!    [`Public`](palisade_core::Access::Public), one on [`Authenticated`](palisade_core::Access::Authenticated), on
//!    [`Protected`](palisade_core::Access::Protected) and unknown routes what [`ProtectedRoutes`] says; on
//!    [`Admin`](palisade_core::Access::Admin) routes they leave the refusal to [`AdminOnly`].
//! 5. [`AdminOnly`] refuses, on admin routes, no identity with 401 `credentials-required` and one without the role with
//!    403 `insufficient-role`.
//!
//! Of a token, the first that fails names the code:
//!
//! 1. `too-long`: more than 8 KiB, or a header of more than 2 KiB.
//! 2. `malformed`: other characters than base64url and dots, not three parts, JSON with a name that stands twice, `enc` or
//!    `zip`. Encrypted tokens (JWE) are never opened.
//! 3. `critical`: `crit` or `b64`.
//! 4. `algorithm`: `none`, or no algorithm we know.
//! 5. `issuer`: of several issuers, none that `iss` names.
//! 6. `type`: `typ` is neither absent nor `JWT` nor `at+jwt`, or not the one that is required.
//! 7. `unknown-key`: no key of the issuer has this `kid`. `keys-unavailable`, if its keys never came; `auth-unavailable`,
//!    if it must be asked and does not answer; `rejected`, if it answers no.
//! 8. `algorithm`: not the key's.
//! 9. `malformed`, `expired`, `not-yet-valid`: `exp` is required, `nbf` and `iat` count if they are there. A token that has
//!    expired is no violation.
//! 10. `signature`: not the key's. Form, key and times need no cryptography and stand before it. `keys-unavailable`, if a key
//!     at hand answered for a name that is not its own, and the issuer's keys never came.
//! 11. `issuer`, `audience`: not the one we trust; not for us, or for nobody.
//! 12. `type`: an ID token or a security event, by its claims. An ID token of the code flow may have none of these: an audience
//!     that is no client's id keeps it out, or [`Issuer::require_type`].
//! 13. `subject`: `sub` is absent, blank, longer than 1 KiB or holds control characters.
//!
//! Verdicts are remembered: at most 10 000 good tokens for at most 30 s and never beyond `exp`, keyed by the whole
//! token. Times are checked on every use. [`Verifier::bump_epoch`] and [`Verifier::replace_keys`] end all of them at once.
//! Bad tokens whose signature was computed, and expired ones, are remembered as well, at most 1 000 of them. At a bound, entries
//! give way to others, and what was forgotten is verified again. Of requests that bring one token at one time, one computes the
//! signature, and the others wait for it.
//!
//! A client, an address or an IPv6 network, may bring 100 tokens whose signature is wrong at once and 10 more each second
//! ([`VerifierBuilder::failure_budget`]). Beyond, whatever of it is not remembered is 429 `quota-exceeded.invalid-tokens` with
//! `Retry-After`, in every mode, before anything is computed; that counts as
//! [`RateLimit`](palisade_core::ViolationKind::RateLimit). So who shares an address with an attacker keeps the tokens that were
//! seen lately, and waits with others. Failures are counted in 256 KiB, however many clients there are; two clients that
//! overdrew their budgets may, together and once in thousands, be taken for a third one.
//!
//! With the feature `remote`, keys are fetched and issuers asked:
//!
//! 1. A request with a known key never waits. Keys come from a task in the background, and nothing but a good set replaces
//!    the ones of before: no failure, no redirect, no empty set.
//! 2. A token whose key is missing, and which is good otherwise, asks for a fetch and waits for it, up to the time limit.
//!    So does one whose signature is wrong by a key that is not the one it names, but for secrets, which nobody publishes.
//!    Fetches stand a cooldown apart (30 s; 5 s before the first good one), one at a time; within it, the keys there are
//!    decide at once. Beyond 1 024 waiting requests too.
//! 3. [`Verifier::replace_keys`] replaces the keys at hand. What was fetched stays beside them.
//! 4. Where the issuer is asked about each token, one question is asked for each, 32 at a time; tokens beyond are 503. After
//!    [`Verifier::bump_epoch`] it is asked again. That its gateway refuses our own key says nothing of a token.
//!
//! # Place in the stack
//!
//! Behind the layer that learns the route, and behind blocklist and bans of addresses; in front of rate limits, so that
//! they count by user. [`AdminOnly`] stands directly behind.
//!
//! # Deployment caveat
//!
//! - One of the features `aws-lc-rs` and `rust-crypto` must be on; with both, the former computes. With none, no key builds:
//!   a [`ConfigError`](palisade_core::ConfigError) says so at start.
//! - [`OptionalAuth`] without [`AdminOnly`] behind it leaves admin routes open.
//! - A token is good until its `exp`: signing out, banning and taking a role away need a blocklist or bans, or short lives.
//! - Without a gate that learns the route every route is protected, and `?token=` is not looked at. Without one that learns the
//!   client's address, nobody has a budget of failures, and a flood of well-formed tokens costs a signature each.
//! - Where [`LenientAuth`] takes a bad token for none, its signature was computed all the same, and counts.
//! - A token signed by ES256 or ES384 has a twin, which anyone can make and which verifies too: a list of tokens must look up
//!   [both digests](palisade_core::Token::digests).
//! - The feature `remote` needs tokio with its timers and sockets, and certificate authorities on the system. A key that its
//!   issuer takes back stays good here until the set is fetched again. Where issuers are asked about each token, whoever
//!   sends many that look good can keep all questions busy: prefer keys.
//!
//! # Example
//!
//! One secret, one audience; protected unless the route says otherwise:
//!
//! ```
//! # #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
//! # fn main() -> Result<(), palisade_core::ConfigError> {
//! use palisade_authn_jwt::{Issuer, Keys, OptionalAuth, OptionalAuthLayer, Verifier};
//!
//! let keys = Keys::hs256(b"at least thirty-two random bytes.")?;
//! let verifier = Verifier::new(Issuer::new("https://id.example", keys).audience("api"))?;
//! let layer = OptionalAuthLayer::new(OptionalAuth::new(verifier));
//! # Ok(()) }
//! # #[cfg(not(any(feature = "aws-lc-rs", feature = "rust-crypto")))] fn main() {}
//! ```
//!
//! Two issuers, the documented `REQUIRE_AUTH=false`, and the admin check behind the same gate:
//!
//! ```
//! # #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))]
//! # fn main() -> Result<(), palisade_core::ConfigError> {
//! use std::time::Duration;
//! use palisade_authn_jwt::{
//!     AdminOnly, Issuer, Keys, OptionalAuth, ProtectedRoutes, RoleClaims, Verifier,
//! };
//! use palisade_core::{GateLayer, Policies, Realm};
//!
//! let keys = Keys::jwks_json(
//!     r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"2026","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
//! )?;
//! let people = Issuer::new("https://id.example", keys)
//!     .audience("api")
//!     .require_type("at+jwt")
//!     .roles(RoleClaims::none().nested("realm_access", "roles"));
//! let machines = Issuer::new("machines", Keys::hs256(b"at least thirty-two random bytes.")?)
//!     .accept_any_audience()
//!     .roles(RoleClaims::none());
//! let verifier =
//!     Verifier::builder().issuer(people).issuer(machines).leeway(Duration::from_secs(5)).build()?;
//!
//! let auth = OptionalAuth::new(verifier.clone())
//!     .protected_routes(ProtectedRoutes::LetAnonymousIn)
//!     .realm(Realm::new("example")?);
//! let layer = GateLayer::new(auth.then(AdminOnly::new()));
//!
//! // Later, when what tokens are checked against has changed:
//! verifier.bump_epoch();
//! # Ok(()) }
//! # #[cfg(not(any(feature = "aws-lc-rs", feature = "rust-crypto")))] fn main() {}
//! ```
//!
//! With the feature `remote`, keys that are fetched:
//!
//! ```no_run
//! # #[cfg(all(feature = "remote", any(feature = "aws-lc-rs", feature = "rust-crypto")))]
//! # fn main() -> Result<(), palisade_core::ConfigError> {
//! use palisade_authn_jwt::{Issuer, Keys, RemoteKeys, Supabase, Verifier};
//! use palisade_core::Clock;
//!
//! let people = Issuer::new("https://id.example", Keys::default())
//!     .remote_keys(RemoteKeys::discovered())
//!     .audience("api");
//! let customers = Supabase::new("https://abcdefghijklmnopqrst.supabase.co").issuer();
//! let verifier = Verifier::builder().issuer(people).issuer(customers).build()?;
//!
//! // Within the server's runtime, and kept for as long as it serves:
//! let refresh = verifier.fetch_keys(&Clock::system())?;
//! let ready = verifier.remote_keys().iter().all(|keys| keys.is_ready());
//! # Ok(()) }
//! # #[cfg(not(all(feature = "remote", any(feature = "aws-lc-rs", feature = "rust-crypto"))))] fn main() {}
//! ```
//!
//! # Not done here
//!
//! - ES512 and curves beyond P-384: the libraries below do not offer them. A key of such a kind is skipped in a set.
//! - Following `jku`, `x5u` or `jwk` of a token: a token does not bring its own key.
//! - Removing `Authorization` from the request: a handler may have to hand it on.
//! - Sessions and refreshing: tokens are made elsewhere. The feature `issue` signs some for development.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod admin;
mod algorithm;
mod backend;
mod cache;
mod challenge;
mod claims;
mod compact;
mod failures;
mod issuer;
mod json;
mod jwk;
mod jws;
mod key;
mod keys;
#[cfg(feature = "issue")]
pub mod mint;
mod pem;
mod policy;
mod recent;
#[cfg(feature = "remote")]
mod remote;
mod role_claims;
mod said;
mod sought;
mod times;
mod token_error;
mod turns;
mod verifier;

use palisade_core::GateLayer;

#[cfg(feature = "remote")]
pub use self::remote::{FetchFailure, KeyRefresh, KeysStatus, RemoteKeys, RemoteUser, Supabase};
pub use self::{
    admin::AdminOnly,
    claims::Claims,
    issuer::Issuer,
    jws::verify_jws,
    keys::Keys,
    policy::{LenientAuth, OptionalAuth, ProtectedRoutes, StrictAuth},
    role_claims::RoleClaims,
    token_error::TokenError,
    verifier::{Verified, Verifier, VerifierBuilder},
};

/// Puts [`OptionalAuth`] in front of a service.
pub type OptionalAuthLayer = GateLayer<OptionalAuth>;
/// Puts [`StrictAuth`] in front of a service.
pub type StrictAuthLayer = GateLayer<StrictAuth>;
/// Puts [`LenientAuth`] in front of a service.
pub type LenientAuthLayer = GateLayer<LenientAuth>;
/// Puts [`AdminOnly`] in front of a service.
pub type AdminOnlyLayer = GateLayer<AdminOnly>;
