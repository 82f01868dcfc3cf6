//! What most tests begin with: a place, keys, a vault.

use palisade_vault::{Context, Key, KeyRing, KeyVersion, Vault};

pub(crate) const PLACE: Context<'static> = Context {
    tenant: "acme",
    table: "customers",
    column: "iban",
    row: "42",
    purpose: "payout",
    revision: Some(7),
};

pub(crate) fn version(number: u32) -> KeyVersion {
    KeyVersion::new(number).unwrap()
}

/// A new key, as it stands in a ring.
pub(crate) fn key_text() -> String {
    Key::generate().unwrap().expose_base64().expose_str().unwrap().to_owned()
}

/// A vault with new keys of these versions.
pub(crate) fn vault(versions: &[u32]) -> Vault {
    let keys = versions.iter().map(|number| (version(*number), Key::generate().unwrap()));
    Vault::new(KeyRing::new(keys).unwrap())
}

pub(crate) fn ring(text: &str) -> KeyRing {
    KeyRing::parse(text).unwrap()
}
