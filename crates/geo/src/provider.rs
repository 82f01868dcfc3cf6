//! Who is asked over a network.

use std::{fmt, net::IpAddr};

use palisade_core::{BoxFuture, Location};
use serde::{Serialize, Serializer};

/// Somebody who knows where addresses are and has to be asked over a network. [`Geo`](crate::Geo) decides when, how often and for
/// how long.
pub trait LocationProvider: fmt::Debug + Send + Sync {
    /// Asks where `address` is: a public address, of IPv6 the first one of its /64. `None` where nobody knows.
    ///
    /// It is dropped when it takes longer than the [timeout](crate::GeoBuilder::timeout).
    fn ask(&self, address: IpAddr) -> BoxFuture<Result<Option<Location>, ProviderError>>;
}

/// Why a provider gave no answer. It never holds what the provider wrote, nor an address or a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// It could not be reached, or hung up.
    #[error("no connection")]
    Connection,
    /// It answered another status than 200; a redirect is one.
    #[error("answered {0}")]
    Status(u16),
    /// It answered more than is read.
    #[error("the answer is too large")]
    TooLarge,
    /// It answered something that says it is no JSON.
    #[error("the answer is no JSON")]
    NotJson,
    /// It answered something that makes no sense.
    #[error("the answer cannot be read")]
    Malformed,
    /// The call ended before it was answered: the provider panicked, or the program ends.
    #[error("the call was given up")]
    GivenUp,
    /// Something else.
    #[error("something else")]
    Other,
}

impl Serialize for ProviderError {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
