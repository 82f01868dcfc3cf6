//! What the limiter promises, one file per promise.

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

use std::{net::IpAddr, time::Duration};

use http::Response;
use palisade_core::{
    Access, ClientIp, ClientIpSource, Identity, IdentityKind, IpKey, Ipv6Prefix, ManualClock,
    Route, RouteTag, SecurityContext,
};
use palisade_ratelimit::{Key, RateLimitPolicy};
use palisade_test_support::{Ask, Body};

mod algorithm;
mod concurrency;
mod costs;
mod counting;
mod headers;
mod keys;
mod log;
mod model;
mod obedience;
mod plans;
mod quotas;
mod refusals;
mod scopes;
mod shared_names;
mod sharing;
mod store;

/// A request from `address` that arrives now, for a route of the API.
fn from(address: &str, clock: &ManualClock) -> SecurityContext {
    let context = SecurityContext::new(clock.now());
    let address: IpAddr = address.parse().unwrap();
    context.learn_client_ip(ClientIp::new(address, ClientIpSource::Peer, Ipv6Prefix::default()));
    context
}

/// The same, by a verified user.
fn by(user: &str, address: &str, clock: &ManualClock) -> SecurityContext {
    let context = from(address, clock);
    context.learn_identity(Identity::new(user, IdentityKind::Jwt));
    context
}

/// The same request, for the API's route with this id.
fn to(route: &str, context: SecurityContext) -> SecurityContext {
    context.learn_route(Route::new(route, Access::Public).with_tags([RouteTag::API]));
    context
}

fn send(policy: &RateLimitPolicy, context: &SecurityContext) -> Response<Body> {
    Ask::get("/").context(context).policies(policy.clone())
}

fn status(policy: &RateLimitPolicy, context: &SecurityContext) -> u16 {
    send(policy, context).status().as_u16()
}

/// The value of a header; empty if there is none.
fn header(answer: &Response<Body>, name: &str) -> String {
    let mut values = answer.headers().get_all(name).iter();
    let value = values.next().map_or("", |value| value.to_str().unwrap());
    assert!(values.next().is_none(), "`{name}` is there twice");
    value.to_owned()
}

/// The key of the `number`th address.
fn address(number: u32) -> Key<'static> {
    Key::Address(IpKey::new(IpAddr::from(number.to_be_bytes()), Ipv6Prefix::default()))
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}
