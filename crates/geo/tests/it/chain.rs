//! Several databases, and which of them decides.

use std::{net::IpAddr, sync::Arc};

use palisade_core::Location;
use palisade_geo::{Geo, LocationDatabase};

use crate::{at, country, ip, locate};

/// Knows a city of one address, and no country.
#[derive(Debug)]
struct CityAlone;

impl LocationDatabase for CityAlone {
    fn locate(&self, address: IpAddr) -> Option<Arc<Location>> {
        (address == ip("8.8.8.8")).then(|| Location::new().city("Atlantis").into())
    }
}

/// Knows the country of the same one.
#[derive(Debug)]
struct Countries;

impl LocationDatabase for Countries {
    fn locate(&self, address: IpAddr) -> Option<Arc<Location>> {
        (address == ip("8.8.8.8")).then(|| country("DE").into())
    }
}

#[test]
fn the_first_database_that_knows_the_country_decides_and_a_city_is_better_than_nothing() {
    let both = Geo::builder().database(CityAlone).database(Countries).build().unwrap();
    assert_eq!(locate(&both, "8.8.8.8"), at(country("DE")));
    let one = Geo::builder().database(CityAlone).build().unwrap();
    assert_eq!(locate(&one, "8.8.8.8"), at(Location::new().city("Atlantis")));
}

#[test]
fn a_database_is_asked_about_the_ipv4_address_that_was_translated() {
    let geo = Geo::builder().database(Countries).build().unwrap();
    for same in ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8"] {
        assert_eq!(locate(&geo, same), at(country("DE")), "{same}");
    }
}
