//! Finds the country, region and city of a client's address, without making a request wait.
//!
//! # Rules
//!
//! [`Geo`] knows where addresses are ([`Locate`](palisade_core::Locate)). It answers at once, from memory, in this order:
//!
//! 1. [Databases](LocationDatabase) are asked about every address, in the order they were named; the first that knows the country
//!    decides. Where none does, what the provider said does, and else what the first of them knows without a country. With the
//!    feature `maxmind`, `MaxmindFile` is one. A file that is replaced is checked as a whole and then put in force; a bad one changes
//!    nothing but the status.
//! 2. An address that is nobody's on the internet ([`is_public`] says no) is nowhere. It never leaves the machine: private,
//!    shared, loopback, link-local and documentation addresses, 6to4, Teredo, and all else that IANA's special-purpose registries
//!    set aside. IPv4 that is mapped into IPv6 or translated (NAT64) is judged as IPv4, by databases too.
//! 3. What the [provider](LocationProvider) said is in the cache: 16 384 answers, IPv6 by /64. With the feature `bigdatacloud`,
//!    `BigDataCloud` is one. An answer holds for 24 hours, "nobody knows" for one. Older answers, up to 30 days, are used while a newer one is asked for, and while nobody answers.
//!    "Nobody knows" does not replace a place that was known: that stays in use, up to 30 days.
//! 4. Else it is not known yet. The provider is asked in the background, and the next request knows more.
//!
//! Whether the provider is asked about an address:
//!
//! 5. One call for each address, however many requests come meanwhile. After a failure the same address is not asked for again for
//!    30 s. Of IPv6 the network is sent, the first address of the /64.
//! 6. After 3 failures in a row, of whatever addresses, nobody is asked for 30 s (`geo.degraded` in the security log). Then
//!    exactly one call finds out whether that changed (`geo.recovered`).
//! 7. A call takes 2 s at the most, whatever it waits for. Four are made at the same time, and at most 256 wait.
//! 8. At most 60 calls begin in any 60 s. What is beyond this, or beyond the queue, is dropped and counted, and asked when the
//!    address comes again. So a flood of new addresses costs a bounded number of calls and bounded memory; while it lasts, new
//!    addresses stay unknown.
//!
//! What the provider said is written to a file every minute, and at the end by [`Geo::flush`], where there is a
//! [`cache_file`](GeoBuilder::cache_file). It is replaced as a whole; one with a wrong checksum, an entry that makes no sense or a
//! private address is dropped as a whole with a warning (`geo.cache.dropped`). The checksum finds accidents. Who may write to the
//! folder can make addresses be anywhere, as by any other file of the configuration.
//!
//! [`GeoPolicy`] lets the request's context learn the country from what is known now, for country rules of a blocklist and for
//! analytics. It has the provider asked only where a country is [needed](GeoPolicy::needed_when), and about nobody who is
//! [refused anyway](GeoPolicy::refused_anyway_when). It refuses nobody, but under [`UnknownCountry::Deny`] a request whose country is
//! not known, where one is needed: 403 `blocked.unknown-country`. Private addresses are exempt. Behind no layer that learns the client's
//! address it does nothing, but under that setting: there it answers 500 `client-address-unknown`.
//!
//! # Place in the stack
//!
//! [`GeoPolicy`] behind the client's address, before a blocklist with country rules.
//!
//! # Deployment caveat
//!
//! With a provider alone, the first request of an address has no country, so a country rule does not hold for it; under
//! [`UnknownCountry::Deny`] it is refused, and who comes again a second later is not. With a database file, the first request has
//! a country. A provider learns who your clients are. A location is what somebody believes of an address: who uses a VPN is where the
//! VPN is.
//!
//! # Example
//!
//! A provider of one's own, for addresses that come in; everything else has the documented defaults:
//!
//! ```
//! use std::net::IpAddr;
//!
//! use palisade_core::{BoxFuture, Locate, Location, Whereabouts};
//! use palisade_geo::{Geo, GeoLayer, GeoPolicy, LocationProvider, ProviderError};
//!
//! #[derive(Debug)]
//! struct Atlantis;
//!
//! impl LocationProvider for Atlantis {
//!     fn ask(&self, _: IpAddr) -> BoxFuture<Result<Option<Location>, ProviderError>> {
//!         Box::pin(async { Ok(Some(Location::new().city("Atlantis"))) })
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let geo = Geo::builder().provider(Atlantis).build()?;
//! assert_eq!(geo.locate("198.51.100.7".parse().unwrap()), Whereabouts::Nowhere, "is for documentation");
//! assert_eq!(geo.locate("1.1.1.1".parse().unwrap()), Whereabouts::NotYet, "is being asked");
//! let layer = GeoLayer::new(GeoPolicy::new(geo));
//! # drop(layer);
//! # Ok::<_, palisade_core::ConfigError>(()) }).unwrap();
//! ```
//!
//! A database file that is watched, and `BigDataCloud` for what it does not know:
//!
//! ```no_run
//! # #[cfg(all(feature = "maxmind", feature = "bigdatacloud"))] {
//! use palisade_core::Clock;
//! use palisade_geo::{BigDataCloud, Geo, GeoPolicy, MaxmindFile, UnknownCountry};
//!
//! # async fn start(key: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let file = MaxmindFile::open("GeoLite2-City.mmdb", "cache", Clock::system())?;
//! let watch = file.watch()?; // Until it is dropped.
//! let geo = Geo::builder()
//!     .database(file)
//!     .provider(BigDataCloud::new(key)?)
//!     .cache_file("cache/geoip.json")
//!     .calls_per_minute(10)
//!     .build()?;
//! let policy = GeoPolicy::new(geo.clone()).unknown(UnknownCountry::Deny);
//! // … at the end:
//! geo.flush()?;
//! # drop((watch, policy));
//! # Ok(()) }
//! # }
//! ```
//!
//! # Not done here
//!
//! - Blocking countries: a blocklist does, by the country that this lets the request learn.
//! - Updating the database file: `geoipupdate` does. A file that is replaced is seen.
//! - Coordinates, time zones, providers of networks: nothing here needs them, and what is not kept cannot leak.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod admission;
#[cfg(feature = "bigdatacloud")]
mod bigdatacloud;
mod breaker;
mod budget;
mod builder;
mod cache;
mod cache_file;
mod database;
mod geo;
#[cfg(feature = "maxmind")]
mod maxmind;
mod place_name;
mod policy;
mod provider;
mod remote;
mod special;
mod status;
mod tally;
mod worker;

#[cfg(feature = "bigdatacloud")]
pub use self::bigdatacloud::BigDataCloud;
#[cfg(feature = "maxmind")]
pub use self::maxmind::{MaxmindError, MaxmindFile, MaxmindWatch};
pub use self::{
    breaker::BreakerState,
    builder::GeoBuilder,
    database::{DatabaseStatus, LocationDatabase},
    geo::Geo,
    policy::{GeoPolicy, UnknownCountry},
    provider::{LocationProvider, ProviderError},
    special::{is_private, is_public},
    status::GeoStatus,
};

/// Puts a [`GeoPolicy`] in front of a service.
pub type GeoLayer = palisade_core::GateLayer<GeoPolicy>;
