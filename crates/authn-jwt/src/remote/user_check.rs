//! Asks an issuer about one token.

use std::sync::atomic::{AtomicBool, Ordering};

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
/// What is in a refusal by the issuer itself (Supabase Auth, of any version).
const OF_THE_ISSUER: [&str; 3] = ["code", "error_code", "msg"];
/// The largest answer about a user.
const LARGEST_USER: usize = 256 * 1024;

/// Asks an issuer about tokens.
#[derive(Debug)]
pub(crate) struct UserCheck {
    pub(crate) url: Uri,
    pub(crate) api_key: HeaderValue,
    pub(crate) fetcher: Fetcher,
    pub(crate) flights: Flights,
    /// Whether the last question was not answered.
    pub(crate) is_down: AtomicBool,
}

// === impl UserCheck ===

impl UserCheck {
    /// Whether the issuer accepts `token` in this epoch, and as one of `subject`.
    pub(crate) async fn confirm(
        &self,
        token: &str,
        subject: &str,
        epoch: u64,
    ) -> Result<(), TokenError> {
        let flight = self.flights.join(token, epoch).ok_or(TokenError::AuthUnavailable)?;
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
        let verdict = answer.and_then(|answer| judge(&answer, subject));
        self.note(verdict.as_ref().err());
        verdict.unwrap_or(Err(TokenError::AuthUnavailable))
    }

    /// Tells the log when the issuer stops answering and when it answers again: how often it is asked, anybody decides.
    fn note(&self, failure: Option<&FetchError>) {
        let was_down = self.is_down.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(error) if !was_down => log_failed(error),
            None if was_down => log_answers(),
            _ => {}
        }
    }
}

fn log_failed(error: &FetchError) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "issuer.unreachable",
        error = %error,
        "an issuer cannot be asked about a token"
    );
}

fn log_answers() {
    tracing::info!(
        target: SECURITY_TARGET,
        event = "issuer.answers",
        "an issuer can be asked about tokens again"
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
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if is_about_the_api_key(&answer.body) => {
            Err(FetchError::new("the gateway refused the API key"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(Err(TokenError::Rejected)),
        status => Err(FetchError::new(format!("answered {status}"))),
    }
}

/// Whether a refusal is of our API key, by the gateway in front of the issuer, and not of the token: it says `message`, and
/// nothing that the issuer says.
fn is_about_the_api_key(body: &[u8]) -> bool {
    let refusal = std::str::from_utf8(body).ok().and_then(json::object);
    refusal.is_some_and(|refusal| {
        refusal.has("message") && !OF_THE_ISSUER.iter().any(|name| refusal.has(name))
    })
}
