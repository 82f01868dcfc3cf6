//! What users of the blocklist can rely on.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::disallowed_methods,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::fn_params_excessive_bools,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

mod address;
mod country;
mod hits;
mod includes;
mod lookup;
mod parse;
mod plain_list;
mod properties;
mod reload;
mod safelist;
mod tokens;
mod users;
mod watch;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Response;
use palisade_blocklist::{Blocklist, BlocklistPolicy, SharedBlocklist};
use palisade_core::{
    ClientIp, ClientIpSource, Clock, Identity, IdentityKind, Ipv6Prefix, ManualClock, Rejection,
    SecurityContext,
};
use palisade_test_support::{Ask, Body};

/// 2026-01-01T00:00:00Z, where a manual clock starts.
fn now() -> SystemTime {
    ManualClock::new().now().wall()
}

fn later(seconds: u64) -> SystemTime {
    now().checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
}

fn list(json: &str) -> Blocklist {
    Blocklist::parse(json, "test.json").unwrap()
}

/// A request that arrived at 2026-01-01 from `addr`.
fn context(addr: &str) -> SecurityContext {
    let context = SecurityContext::new(ManualClock::new().now());
    let addr = addr.parse().unwrap();
    context.learn_client_ip(ClientIp::new(addr, ClientIpSource::Peer, Ipv6Prefix::default()));
    context
}

/// The answer to a request from `addr`.
fn from(addr: &str, list: &SharedBlocklist) -> Response<Body> {
    Ask::get("/").context(&context(addr)).policies(BlocklistPolicy::new(list.clone()))
}

fn is_blocked(answer: &Response<Body>) -> bool {
    let rejection = answer.extensions().get::<Rejection>();
    assert_eq!(rejection.map(|rejection| rejection.code().as_str()), rejection.map(|_| "blocked"));
    rejection.is_some()
}

fn clock() -> Clock {
    ManualClock::new().clock()
}

/// A user whom no issuer vouches for.
fn user(subject: &str) -> Identity {
    Identity::new(subject, IdentityKind::Jwt)
}
