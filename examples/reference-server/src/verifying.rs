//! What judges tokens.

use palisade::authn_jwt::{Issuer, Keys, Verifier, VerifierBuilder};

use crate::{
    app::StartError,
    issuer,
    settings::{InvalidTokens, Settings},
};

/// Checks tokens of the configured issuers, or of the development issuer. Roles are the directory's to know.
pub(crate) fn verifier(settings: &Settings) -> Result<Verifier, StartError> {
    let trusted = settings.issuers.iter().map(|trusted| trusted.issuer.clone());
    let mut issuers: Vec<Issuer> = trusted.collect();
    if issuers.is_empty() {
        let secret = issuer::secret(&settings.data_dir)?;
        // What `token` signs with, and no other.
        let name = settings.jwt_issuer.as_deref().unwrap_or(issuer::ISSUER);
        let audience = settings.jwt_audience.as_deref().unwrap_or(issuer::AUDIENCE);
        issuers.push(Issuer::new(name, Keys::hs256(secret.as_bytes())?).audience(audience));
    }
    let verifier = issuers.into_iter().fold(Verifier::builder(), VerifierBuilder::issuer);
    let verifier = match settings.invalid_tokens {
        Some(InvalidTokens { at_once, per_second }) => verifier.failure_budget(at_once, per_second),
        None => verifier.without_failure_budget(),
    };
    Ok(verifier.build()?)
}
