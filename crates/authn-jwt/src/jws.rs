//! Verifies a signature and nothing else: for comparing with other implementations, not for letting anyone in.

use crate::{
    TokenError,
    compact::Compact,
    jwk::{self, Jwk, Secrets},
};

/// The longest token.
const LONGEST: usize = 64 * 1024;

/// Verifies a compact JWS against a JSON Web Key or a set of them, and returns the payload, which may be anything.
///
/// The rules on the outside of a token are those of [`Verifier`](crate::Verifier). Times, issuer, audience and type
/// are **not** looked at, and a key that names no `alg` is taken for any algorithm of its kind, as RFC 7517 allows: this answers
/// whether a signature is right, and not whether to trust the token. Private keys are taken for their public part.
///
/// # Errors
///
/// The first check that fails. [`TokenError::UnknownKey`] also if no key can be read.
///
/// ```
/// # #[cfg(any(feature = "aws-lc-rs", feature = "rust-crypto"))] {
/// // RFC 8037 appendix A.
/// let key = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
///     hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
/// assert_eq!(palisade_authn_jwt::verify_jws(token, key).unwrap(), b"Example of Ed25519 signing");
/// # }
/// ```
pub fn verify_jws(token: &str, keys: &str) -> Result<Vec<u8>, TokenError> {
    let token = Compact::parse(token, LONGEST)?;
    let members = jwk::members(keys).map_err(|_| TokenError::UnknownKey)?;
    let keys = members.iter().filter_map(|member| Jwk::parse(member, Secrets::Allowed).ok());
    let key = choose(keys.collect(), token.kid.as_deref()).ok_or(TokenError::UnknownKey)?;
    let algorithm = key.named.unwrap_or(token.algorithm);
    if algorithm.family() != key.family {
        return Err(TokenError::Algorithm);
    }
    let key = key.into_key_for(algorithm).map_err(|_| TokenError::UnknownKey)?;
    key.check(&token)?;
    token.payload()
}

/// The key of this name; a key without a name answers for any, if it is the only one without.
fn choose(keys: Vec<Jwk>, kid: Option<&str>) -> Option<Jwk> {
    let is_alone = keys.len() == 1;
    let (mut named, mut unnamed): (Vec<_>, Vec<_>) =
        keys.into_iter().partition(|key| key.kid.is_some());
    let place = match kid {
        Some(kid) => named.iter().position(|key| key.kid.as_deref() == Some(kid)),
        None => is_alone.then_some(0).filter(|_| !named.is_empty()),
    };
    match place {
        Some(place) => Some(named.swap_remove(place)),
        None if unnamed.len() == 1 => unnamed.pop(),
        None => None,
    }
}
