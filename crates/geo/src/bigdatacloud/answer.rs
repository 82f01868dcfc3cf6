//! Reads an answer: bounded, strictly, and only if it is about what was asked.

use std::net::IpAddr;

use palisade_core::Location;
use serde::Deserialize;

use super::LARGEST;
use crate::{ProviderError, place_name::place_name};

/// An answer, as far as it is read. A member that stands there twice is a mistake.
#[derive(Debug, Deserialize)]
struct Answer {
    ip: Option<String>,
    country: Option<Land>,
    location: Option<Place>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Land {
    iso_alpha2: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    iso_principal_subdivision: Option<String>,
    principal_subdivision: Option<String>,
    city: Option<String>,
    locality_name: Option<String>,
}

pub(super) fn parse(body: &[u8], asked: IpAddr) -> Result<Option<Location>, ProviderError> {
    if body.len() > LARGEST {
        return Err(ProviderError::TooLarge);
    }
    let answer: Answer = serde_json::from_slice(body).map_err(|_| ProviderError::Malformed)?;
    if answer.ip.is_none() && answer.country.is_none() {
        // It speaks of something else: that a quota is used up, by a 200.
        return Err(ProviderError::Malformed);
    }
    // Without `ip` nobody else's is claimed. With another one it is the answer to somebody else, of a cache on the way.
    let about = answer.ip.as_deref().map(str::parse::<IpAddr>);
    let is_mine =
        about.is_none_or(|ip| ip.is_ok_and(|ip| ip.to_canonical() == asked.to_canonical()));
    if !is_mine {
        return Err(ProviderError::Malformed);
    }
    let Some(code) = answer.country.and_then(|land| land.iso_alpha2) else { return Ok(None) };
    if code.is_empty() {
        return Ok(None);
    }
    let country = code.parse().map_err(|_| ProviderError::Malformed)?;
    let mut location = Location::new().country(country);
    if let Some(place) = answer.location {
        let first = |names: [Option<String>; 2]| {
            names.into_iter().flatten().find_map(|name| place_name(&name))
        };
        location.region = first([place.iso_principal_subdivision, place.principal_subdivision]);
        location.city = first([place.city, place.locality_name]);
    }
    Ok(Some(location))
}
