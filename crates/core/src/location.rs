//! Where an address is, as far as somebody knows.

use std::{fmt, net::IpAddr, sync::Arc};

use crate::Country;

/// Where an address is: no closer than a city.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Location {
    /// The country.
    pub country: Option<Country>,
    /// The region or state, by its name.
    pub region: Option<Box<str>>,
    /// The city, by its name.
    pub city: Option<Box<str>>,
}

/// What is known of where an address is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Whereabouts {
    /// There.
    At(Arc<Location>),
    /// Nobody knows, or it is an address of no place, such as a private one. Asking again soon will not help.
    Nowhere,
    /// Somebody is being asked. Ask again a little later.
    NotYet,
}

/// Knows where addresses are.
pub trait Locate: fmt::Debug + Send + Sync {
    /// What is known now. It answers at once, from memory; where it knows nothing it may begin to find out.
    fn locate(&self, address: IpAddr) -> Whereabouts;

    /// What is known now, for who asked already or needs no answer: it asks nobody, and counts as no question. Default: as
    /// [`locate`](Self::locate), for who never asks anybody.
    fn known(&self, address: IpAddr) -> Whereabouts {
        self.locate(address)
    }
}

// === impl Location ===

impl Location {
    /// Nowhere in particular.
    #[must_use]
    pub const fn new() -> Self {
        Self { country: None, region: None, city: None }
    }

    /// In this country.
    #[must_use]
    pub fn country(mut self, country: Country) -> Self {
        self.country = Some(country);
        self
    }

    /// In this region.
    #[must_use]
    pub fn region(mut self, name: impl Into<Box<str>>) -> Self {
        self.region = Some(name.into());
        self
    }

    /// In this city.
    #[must_use]
    pub fn city(mut self, name: impl Into<Box<str>>) -> Self {
        self.city = Some(name.into());
        self
    }

    /// Whether it says nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.country.is_none() && self.region.is_none() && self.city.is_none()
    }
}

impl<T: Locate + ?Sized> Locate for Arc<T> {
    fn locate(&self, address: IpAddr) -> Whereabouts {
        (**self).locate(address)
    }
    fn known(&self, address: IpAddr) -> Whereabouts {
        (**self).known(address)
    }
}
