//! Whose tokens count: at most one of a shared secret, a public key and a key set.

use std::fs;

use palisade::authn_jwt::Keys;

use super::reader::Reader;

const SOURCES: [&str; 3] = ["JWT_SECRET", "JWT_PUBLIC_KEY_FILE", "JWKS_FILE"];

/// The keys that were named; none if none were.
pub(super) fn issuer_keys(reader: &mut Reader<'_>) -> Option<Keys> {
    let mut named = SOURCES.into_iter().filter(|name| reader.text(name).is_some());
    let first = named.next()?;
    if let Some(second) = named.next() {
        reader.wrong(
            second,
            format!("{first} is set as well, and tokens are checked by one of them alone"),
        );
        return None;
    }
    let text = reader.text(first)?;
    match first {
        "JWT_SECRET" => {
            let keys = Keys::hs256(text.as_bytes());
            reader.built(first, keys)
        }
        "JWKS_FILE" => {
            let content = reader.built(first, fs::read_to_string(text))?;
            let keys = Keys::jwks_json(&content);
            reader.built(first, keys)
        }
        _ => {
            let content = reader.built(first, fs::read_to_string(text))?;
            // The key's own kind decides which of the three reads it.
            let keys = Keys::rsa_pem(&content)
                .or_else(|_| Keys::ec_pem(&content))
                .or_else(|_| Keys::ed_pem(&content));
            reader.built(first, keys)
        }
    }
}
