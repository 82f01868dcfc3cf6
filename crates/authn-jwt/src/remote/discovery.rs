//! Where the keys are: at an address, or where the issuer says (`OpenID` Connect Discovery).

use std::{sync::Mutex, time::Duration};

use http::Uri;
use palisade_core::{ConfigError, Moment};

use super::{
    endpoint::{self, Schemes},
    fetch_error::FetchError,
    fetcher::Fetcher,
    lock,
};
use crate::json::{self, Json};

/// How long what an issuer says about itself is believed.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The largest document of an issuer about itself.
const LARGEST_DOCUMENT: usize = 256 * 1024;

/// Where the keys are.
#[derive(Debug)]
pub(crate) enum Place {
    Known(Uri),
    Discovered(Discovery),
}

/// What an issuer says about itself (`OpenID` Connect Discovery section 4).
#[derive(Debug)]
pub(crate) struct Discovery {
    issuer: Box<str>,
    document: Uri,
    schemes: Schemes,
    /// Where the keys are, and since when that is known.
    found: Mutex<Option<(Uri, Moment)>>,
}

// === impl Place ===

impl Place {
    /// Where the keys are now.
    pub(crate) async fn find(&self, fetcher: &Fetcher, now: Moment) -> Result<Uri, FetchError> {
        match self {
            Self::Known(uri) => Ok(uri.clone()),
            Self::Discovered(discovery) => discovery.find(fetcher, now).await,
        }
    }

    /// Asks the issuer again next time: nothing good was at the place it named.
    pub(crate) fn doubt(&self) {
        if let Self::Discovered(discovery) = self {
            *lock(&discovery.found) = None;
        }
    }
}

// === impl Discovery ===

impl Discovery {
    pub(crate) fn new(issuer: &str, schemes: Schemes) -> Result<Self, ConfigError> {
        let base = issuer.trim_end_matches('/');
        let document =
            endpoint::parse(&format!("{base}/.well-known/openid-configuration"), schemes)?;
        Ok(Self { issuer: issuer.into(), document, schemes, found: Mutex::default() })
    }

    async fn find(&self, fetcher: &Fetcher, now: Moment) -> Result<Uri, FetchError> {
        let found = lock(&self.found).clone();
        if let Some((uri, since)) = found
            && now.since(since) < DAY
        {
            return Ok(uri);
        }
        let answer = fetcher.get(self.document.clone(), LARGEST_DOCUMENT).await?;
        let uri = self.read(&answer.into_text()?)?;
        *lock(&self.found) = Some((uri.clone(), now));
        Ok(uri)
    }

    /// Reads the document. It must be about the issuer it was asked of, to the byte (section 4.3): else whoever can answer
    /// for one issuer of a host could name the keys of another.
    fn read(&self, text: &str) -> Result<Uri, FetchError> {
        let document = json::object(text)
            .ok_or_else(|| FetchError::new("the issuer's document is no JSON object"))?;
        let member = |name| document.get(name).and_then(Json::as_str);
        if member("issuer") != Some(&*self.issuer) {
            return Err(FetchError::new("the issuer's document is about another issuer"));
        }
        let uri = member("jwks_uri")
            .ok_or_else(|| FetchError::new("the issuer's document has no `jwks_uri`"))?;
        Ok(endpoint::parse(uri, self.schemes)?)
    }
}
