//! What users of this crate can rely on.

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

#[cfg(feature = "bigdatacloud")]
mod bigdatacloud;
mod breaker;
#[cfg(feature = "maxmind")]
mod broken_databases;
mod cache_file;
mod chain;
mod fake;
mod flood;
mod lookups;
#[cfg(feature = "maxmind")]
mod maxmind;
mod policy;
#[cfg(feature = "maxmind")]
mod python;
#[cfg(feature = "maxmind")]
mod replaced_databases;
mod special;
#[cfg(feature = "bigdatacloud")]
mod vendor;

use std::{net::IpAddr, sync::Arc, time::Instant};

use palisade_core::{
    ClientIp, ClientIpSource, Ipv6Prefix, Locate, Location, ManualClock, SecurityContext,
    Whereabouts,
};
use palisade_geo::Geo;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn country(code: &str) -> Location {
    Location::new().country(code.parse().unwrap())
}

fn at(location: Location) -> Whereabouts {
    Whereabouts::At(Arc::new(location))
}

fn locate(geo: &Geo, address: &str) -> Whereabouts {
    geo.locate(ip(address))
}

/// A request that arrived at 2026-01-01 from `addr`.
fn context(addr: &str) -> SecurityContext {
    let context = SecurityContext::new(ManualClock::new().now());
    context.learn_client_ip(ClientIp::new(ip(addr), ClientIpSource::Peer, Ipv6Prefix::default()));
    context
}

/// Lets other tasks work until it is so. Time that is paused stands still meanwhile.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed().as_secs() < 20, "it never came: {what}");
        tokio::task::yield_now().await;
    }
}

/// Lets the provider be asked until nothing waits any more.
async fn settled(geo: &Geo) {
    until("an answer", || geo.status().in_flight == 0).await;
}
