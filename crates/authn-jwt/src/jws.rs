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
    let key = choose(keys.collect(), &token).ok_or(TokenError::UnknownKey)?;
    let algorithm = key.named.unwrap_or(token.algorithm);
    if algorithm.family() != key.family {
        return Err(TokenError::Algorithm);
    }
    let key = key.into_key_for(algorithm).map_err(|_| TokenError::UnknownKey)?;
    key.check(&token)?;
    token.payload()
}

/// The key that a token means: the one of its name, else the one without a name; where it names none, the only one of its
/// algorithm, or the only one of those without a name.
fn choose(mut keys: Vec<Jwk>, token: &Compact<'_>) -> Option<Jwk> {
    if let Some(kid) = &token.kid {
        let has_it = |key: &Jwk| key.kid.as_ref() == Some(kid);
        let is_there = keys.iter().any(has_it);
        keys.retain(|key| if is_there { has_it(key) } else { key.kid.is_none() });
    }
    // Keys of different kinds may have one name (RFC 7517 section 4.5).
    if keys.len() > 1 {
        keys.retain(|key| key.fits(token.algorithm));
    }
    if keys.len() > 1 && token.kid.is_none() {
        keys.retain(|key| key.kid.is_none());
    }
    // As in a key set, the first of several with one name is meant; of several without, nobody can say which.
    let is_clear = keys.len() == 1 || token.kid.is_some();
    keys.into_iter().next().filter(|_| is_clear)
}
