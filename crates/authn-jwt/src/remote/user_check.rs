//! Asks an issuer about one token.

use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use palisade_core::SECURITY_TARGET;

use super::{
    fetch_error::FetchError,
    fetcher::{Answer, Fetcher, request_for},
    flights::Flights,
};
use crate::{
    TokenError,
    json::{self, Json},
};

const API_KEY: HeaderName = HeaderName::from_static("apikey");
/// The largest answer about a user.
const LARGEST_USER: usize = 256 * 1024;

/// Asks an issuer about tokens.
#[derive(Debug)]
pub(crate) struct UserCheck {
    pub(crate) url: Uri,
    pub(crate) api_key: HeaderValue,
    pub(crate) fetcher: Fetcher,
    pub(crate) flights: Flights,
}

// === impl UserCheck ===

impl UserCheck {
    /// Whether the issuer accepts `token`, and as one of `subject`.
    pub(crate) async fn confirm(&self, token: &str, subject: &str) -> Result<(), TokenError> {
        let flight = self.flights.join(token).ok_or(TokenError::AuthUnavailable)?;
        flight.land(|| self.ask(token, subject)).await
    }

    async fn ask(&self, token: &str, subject: &str) -> Result<(), TokenError> {
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut bearer = bearer.map_err(|_| TokenError::Malformed)?;
        bearer.set_sensitive(true);
        let mut request = request_for(self.url.clone());
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        request.headers_mut().insert(API_KEY, self.api_key.clone());
        let answer = self.fetcher.ask(request, LARGEST_USER).await;
        answer.and_then(|answer| judge(&answer, subject)).unwrap_or_else(|error| {
            log_failed(&error);
            Err(TokenError::AuthUnavailable)
        })
    }
}

fn log_failed(error: &FetchError) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "auth.failed",
        error = %error,
        "an issuer cannot be asked about a token"
    );
}

/// What an answer says of the token; an error if it says nothing.
fn judge(answer: &Answer, subject: &str) -> Result<Result<(), TokenError>, FetchError> {
    match answer.status {
        StatusCode::OK => {
            let user = std::str::from_utf8(&answer.body).ok().and_then(json::object);
            let id = user.as_ref().and_then(|user| user.get("id")).and_then(Json::as_str);
            let id = id.ok_or_else(|| FetchError::new("answered without the `id` of a user"))?;
            Ok(if id == subject { Ok(()) } else { Err(TokenError::Rejected) })
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(Err(TokenError::Rejected)),
        status => Err(FetchError::new(format!("answered {status}"))),
    }
}
