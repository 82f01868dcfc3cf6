//! What layers further in learn, and who is refused.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use palisade_core::{Locate, Location, Rejection, SecurityContext, Whereabouts};
use palisade_geo::{GeoPolicy, UnknownCountry};
use palisade_test_support::Ask;

use crate::{at, context, country};

/// Says the same of every address.
#[derive(Clone, Debug)]
struct Says(Whereabouts);

impl Locate for Says {
    fn locate(&self, _: IpAddr) -> Whereabouts {
        self.0.clone()
    }
}

/// Knows nothing, and how often it was asked to find out.
#[derive(Clone, Debug, Default)]
struct Counts(Arc<AtomicUsize>);

impl Locate for Counts {
    fn locate(&self, _: IpAddr) -> Whereabouts {
        self.0.fetch_add(1, Ordering::SeqCst);
        Whereabouts::NotYet
    }

    fn known(&self, _: IpAddr) -> Whereabouts {
        Whereabouts::NotYet
    }
}

/// The code of the refusal, if it is one.
fn refusal(policy: GeoPolicy, context: &SecurityContext) -> Option<(u16, &'static str)> {
    let answer = Ask::get("/").context(context).policies(policy);
    let rejection = answer.extensions().get::<Rejection>();
    rejection.map(|rejection| (answer.status().as_u16(), rejection.code().as_str()))
}

fn unknown() -> [Whereabouts; 3] {
    [Whereabouts::NotYet, Whereabouts::Nowhere, at(Location::new().city("Atlantis"))]
}

#[test]
fn the_context_learns_the_country_that_is_known_now() {
    let context = context("8.8.8.8");
    assert_eq!(refusal(GeoPolicy::new(Says(at(country("DE").city("Köln")))), &context), None);
    assert_eq!(context.country().unwrap().as_str(), "DE");
}

#[test]
fn an_unknown_country_passes_by_default() {
    for says in unknown() {
        let context = context("8.8.8.8");
        assert_eq!(refusal(GeoPolicy::new(Says(says)), &context), None);
        assert_eq!(context.country(), None);
    }
}

#[test]
fn an_unknown_country_is_refused_where_that_was_asked_for() {
    let deny = |says| GeoPolicy::new(Says(says)).unknown(UnknownCountry::Deny);
    for says in unknown() {
        assert_eq!(
            refusal(deny(says), &context("8.8.8.8")),
            Some((403, "blocked.unknown-country"))
        );
    }
    assert_eq!(refusal(deny(at(country("DE"))), &context("8.8.8.8")), None);
}

#[test]
fn private_addresses_are_exempt_and_special_ones_of_the_internet_are_not() {
    let deny = || GeoPolicy::new(Says(Whereabouts::Nowhere)).unknown(UnknownCountry::Deny);
    for private in
        ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"]
    {
        assert_eq!(refusal(deny(), &context(private)), None, "{private}");
    }
    for special in ["2002:808:808::1", "2001::1", "203.0.113.9", "0.0.0.0"] {
        assert!(refusal(deny(), &context(special)).is_some(), "{special}");
    }
}

#[test]
fn it_is_refused_only_where_a_country_is_needed() {
    let deny = || {
        let policy = GeoPolicy::new(Says(Whereabouts::NotYet)).unknown(UnknownCountry::Deny);
        policy.needed_when(|address, _| address != crate::ip("9.9.9.9"))
    };
    assert!(refusal(deny(), &context("8.8.8.8")).is_some());
    assert_eq!(refusal(deny(), &context("9.9.9.9")), None);
}

#[test]
fn nobody_is_asked_where_no_country_is_needed_or_the_address_is_refused_anyway() {
    let counts = Counts::default();
    let policy = GeoPolicy::new(counts.clone())
        .needed_when(|address, _| address != crate::ip("9.9.9.9"))
        .or_needed_when(|_, _| true)
        .refused_anyway_when(|address, _| address == crate::ip("8.8.4.4"));
    for address in ["9.9.9.9", "8.8.4.4"] {
        assert_eq!(refusal(policy.clone(), &context(address)), None);
    }
    assert_eq!(counts.0.load(Ordering::SeqCst), 0);
    assert_eq!(refusal(policy.clone(), &context("8.8.8.8")), None);
    assert_eq!(counts.0.load(Ordering::SeqCst), 1);
    // Who is refused anyway is refused by this one too, in case nobody does it further in.
    let deny = policy.unknown(UnknownCountry::Deny);
    assert!(refusal(deny, &context("8.8.4.4")).is_some());
}

#[test]
fn without_an_address_it_fails_closed() {
    let nobody = SecurityContext::new(palisade_core::ManualClock::new().now());
    let policy = GeoPolicy::new(Says(at(country("DE"))));
    assert_eq!(refusal(policy.clone(), &nobody), None);
    let deny = policy.unknown(UnknownCountry::Deny);
    assert_eq!(refusal(deny, &nobody), Some((500, "client-address-unknown")));
}

#[test]
fn to_come_from_an_unknown_country_is_no_violation() {
    let policy = GeoPolicy::new(Says(Whereabouts::NotYet)).unknown(UnknownCountry::Deny);
    let answer = Ask::get("/").context(&context("8.8.8.8")).policies(policy);
    let violation = answer.extensions().get::<Rejection>().unwrap().violation_kind();
    assert_eq!(violation, None);
}
