//! The HTTP API of `BigDataCloud`, or of somebody who speaks like it.

mod answer;
mod client;
mod endpoint;

use std::{fmt, net::IpAddr};

use palisade_core::{BoxFuture, ConfigError, Location};

use self::{client::Client, endpoint::Endpoint};
use crate::{LocationProvider, ProviderError};

/// Where `BigDataCloud` answers.
const BASE: &str = "https://api.bigdatacloud.net";
/// The longest answer that is read.
const LARGEST: usize = 64 * 1024;

/// Asks the HTTP API of [BigDataCloud](https://www.bigdatacloud.com/docs/api/ip-geolocation):
/// `GET /data/ip-geolocation?ip=…&localityLanguage=en&key=…`. Of an answer `country.isoAlpha2`, `location.city` and
/// `location.isoPrincipalSubdivision` are read.
///
/// Answers of another status than 200 (redirects among them, which are not followed), another type than JSON, over 64 KiB, or about
/// another address are failures. The key is in no error, no log and no debug print; it is in the URL, as they want it, so it is
/// only ever sent over TLS, or to this machine.
#[derive(Clone)]
pub struct BigDataCloud {
    endpoint: Endpoint,
    client: Client,
}

// === impl BigDataCloud ===

impl BigDataCloud {
    /// Asks `BigDataCloud` in the name of the account with this key.
    ///
    /// # Errors
    ///
    /// A key that no account has; no certificate authority that the system trusts.
    pub fn new(key: &str) -> Result<Self, ConfigError> {
        Self::at(BASE, Some(key))
    }

    /// Asks somebody else who speaks like it, such as `https://api-bdc.net`, where `BigDataCloud` answers over IPv6 too, or a
    /// service of one's own. `base` is an `https://` URL, or an `http://` one of this machine.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); a URL that cannot be asked, or should not be.
    pub fn at(base: &str, key: Option<&str>) -> Result<Self, ConfigError> {
        let endpoint = Endpoint::new(base, key)?;
        let client = Client::new(endpoint.scheme())?;
        Ok(Self { endpoint, client })
    }

    /// Reads the body of an answer about `asked`. `None` where nobody knows.
    ///
    /// # Errors
    ///
    /// [`ProviderError::TooLarge`] over 64 KiB, and [`ProviderError::Malformed`] for what is no JSON object of the documented form,
    /// about another address, or about none (neither `ip` nor `country`).
    pub fn parse(body: &[u8], asked: IpAddr) -> Result<Option<Location>, ProviderError> {
        answer::parse(body, asked)
    }
}

impl LocationProvider for BigDataCloud {
    fn ask(&self, address: IpAddr) -> BoxFuture<Result<Option<Location>, ProviderError>> {
        let (uri, client) = (self.endpoint.question(address), self.client.clone());
        Box::pin(async move {
            let body = client.get(uri.ok_or(ProviderError::Other)?).await?;
            answer::parse(&body, address)
        })
    }
}

impl fmt::Debug for BigDataCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the key.
        f.debug_struct("BigDataCloud").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
