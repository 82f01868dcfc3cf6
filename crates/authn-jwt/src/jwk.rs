//! JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;

use crate::{
    algorithm::{Algorithm, Family},
    compact::LONGEST_KID,
    json::{self, Json, Object},
    key::{self, Key},
};

/// The largest key set.
pub(crate) const LARGEST_SET: usize = 256 * 1024;
/// The most keys of a set.
pub(crate) const MOST_KEYS: usize = 64;

/// A key as its JWK describes it.
pub(crate) struct Jwk {
    pub(crate) kid: Option<Box<str>>,
    pub(crate) family: Family,
    /// What `alg` names, if it is there.
    pub(crate) named: Option<Algorithm>,
    engine: DecodingKey,
}

/// Whether a set may hold shared secrets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Secrets {
    Refused,
    Allowed,
}

// === impl Jwk ===

impl Jwk {
    /// Reads one key; the error says what is expected. Members that make a key private are not read.
    pub(crate) fn parse(jwk: &Json<'_>, secrets: Secrets) -> Result<Self, &'static str> {
        let jwk = jwk.as_object().ok_or("an object with `kty`")?;
        let text = |name| jwk.get(name).and_then(Json::as_str);
        if jwk.get("use").is_some_and(|usage| usage.as_str() != Some("sig")) {
            return Err("a key to sign with, `\"use\": \"sig\"`");
        }
        let may_verify = |ops: &Json<'_>| {
            let mut ops = ops.as_list().unwrap_or_default().iter();
            ops.any(|operation| operation.as_str() == Some("verify"))
        };
        if jwk.get("key_ops").is_some_and(|ops| !may_verify(ops)) {
            return Err("a key whose `key_ops` has `verify`");
        }
        let kid = match jwk.get("kid") {
            None => None,
            Some(Json::Text(kid)) if (1..=LONGEST_KID).contains(&kid.len()) => Some((**kid).into()),
            Some(_) => return Err("a `kid` of 1 to 256 bytes"),
        };
        let (family, engine) = match text("kty") {
            Some("RSA") => (Family::Rsa, key::rsa(&bytes(jwk, "n")?, &bytes(jwk, "e")?)?),
            Some("EC") => ec(jwk)?,
            Some("OKP") if text("crv") == Some("Ed25519") => {
                (Family::Ed25519, key::ed25519(&bytes(jwk, "x")?)?)
            }
            Some("oct") if secrets == Secrets::Allowed => {
                (Family::Hmac, DecodingKey::from_secret(&bytes(jwk, "k")?))
            }
            Some("oct") => return Err("a public key: shared secrets need their own constructor"),
            _ => return Err("a key of type RSA, EC on P-256 or P-384, or Ed25519"),
        };
        let named = match jwk.get("alg") {
            None => None,
            Some(alg) => Some(
                (alg.as_str().and_then(Algorithm::from_name))
                    .filter(|algorithm| algorithm.family() == family)
                    .ok_or("an `alg` that is supported and fits the key")?,
            ),
        };
        Ok(Self { kid, family, named, engine })
    }

    /// Whether it may be used for `algorithm`.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.named.map_or(self.family == algorithm.family(), |named| named == algorithm)
    }

    /// The key, for the algorithm it names or else the usual one of its kind.
    pub(crate) fn into_key(self) -> Result<(Option<Box<str>>, Key), &'static str> {
        let usual = self.family.usual();
        let algorithm = self.named.or(usual).ok_or("an `alg`, which a shared secret must name")?;
        let kid = self.kid.clone();
        self.into_key_for(algorithm).map(|key| (kid, key))
    }

    /// The key, for an algorithm of its kind.
    pub(crate) fn into_key_for(self, algorithm: Algorithm) -> Result<Key, &'static str> {
        let shortest = algorithm.shortest_secret();
        let is_short = |secret: &[u8]| secret.len() < shortest;
        if self.family == Family::Hmac && self.engine.try_get_as_bytes().is_ok_and(is_short) {
            return Err("a secret at least as long as the hash");
        }
        if self.family == Family::Hmac && self.engine.try_get_as_bytes().is_ok_and(key::is_key_file)
        {
            return Err("a secret, which the file of a key is not");
        }
        Key::new(algorithm, self.engine)
    }
}

fn ec(jwk: &Object<'_>) -> Result<(Family, DecodingKey), &'static str> {
    let family = match jwk.get("crv").and_then(Json::as_str) {
        Some("P-256") => Family::P256,
        Some("P-384") => Family::P384,
        _ => return Err("a key on P-256 or P-384"),
    };
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    if x.len() != y.len() {
        return Err("both coordinates of a point, at the full length of the curve");
    }
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    key::ec(family, &point).map(|engine| (family, engine))
}

fn bytes(jwk: &Object<'_>, name: &str) -> Result<Vec<u8>, &'static str> {
    let text = jwk.get(name).and_then(Json::as_str).ok_or("all members its `kty` needs")?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "numbers in base64url without padding")
}

/// The members of a set, or the one key that stands alone; the error says what is expected. A key in which a name stands twice
/// is null: it is refused (RFC 7517 section 4), and the others of its set are not.
pub(crate) fn members(text: &str) -> Result<Vec<Json<'_>>, &'static str> {
    if text.len() > LARGEST_SET {
        return Err("at most 256 KiB");
    }
    let object = json::object_of_objects(text);
    let mut object = object.ok_or("JSON without duplicate names")?;
    match object.take("keys") {
        None => Ok(vec![Json::Object(object)]),
        Some(Json::List(keys)) if keys.len() <= MOST_KEYS => Ok(keys),
        Some(Json::List(_)) => Err("at most 64 keys"),
        Some(_) => Err("`keys` to be an array"),
    }
}
