//! Sealed values: any bytes, any ring, and values that are sealed and then changed.

use std::sync::LazyLock;

use palisade_vault::{Context, Key, KeyProvider as _, KeyRing, KeyVersion, Sealed, Vault};

static VAULT: LazyLock<Vault> = LazyLock::new(|| {
    let key = Key::generate().expect("random bytes");
    Vault::new(KeyRing::new([(KeyVersion::FIRST, key)]).expect("a ring of one key"))
});

/// Takes the input for a sealed value, for a ring and a key, and for a value in its place.
pub fn sealed(data: &[u8]) {
    stored(data);
    let text = String::from_utf8_lossy(data);
    read(&text);
    let parts: Vec<&str> = text.splitn(6, '\n').collect();
    let part = |number: usize| parts.get(number).copied().unwrap_or_default();
    let place = Context {
        tenant: part(0),
        table: part(1),
        column: part(2),
        row: part(3),
        purpose: part(4),
        revision: (data.len() % 2 == 1).then_some(7),
    };
    kept(place, part(5).as_bytes(), data.len());
}

/// Nothing opens that was not sealed.
fn stored(data: &[u8]) {
    let (place, sealed) = (place(), Sealed::from(data));
    assert!(VAULT.open_now(&place, &sealed).is_err(), "{sealed:?} opens");
    assert!(VAULT.rewrap_now(&place, &sealed).is_err(), "{sealed:?} is wrapped again");
    assert_eq!(VAULT.needs_rewrap(&sealed), sealed.key_version().is_none());
}

/// A ring that is read has a primary key that counts; a key has one spelling that it is written in.
fn read(text: &str) {
    if let Ok(ring) = KeyRing::parse(text) {
        assert!(ring.primary() >= ring.minimum(), "{ring:?}");
    }
    if let Ok(key) = Key::parse(text) {
        let written = key.expose_base64();
        let again = Key::parse(written.expose_str().expect("base64")).expect("a key");
        assert_eq!(again.expose_base64().expose(), written.expose());
    }
}

/// What is sealed opens, in its place alone; with any one byte changed it does not.
fn kept(place: Context<'_>, value: &[u8], at: usize) {
    let sealed = VAULT.seal_now(&place, value).expect("a short value");
    assert_eq!(VAULT.open_now(&place, &sealed).expect("its place").expose(), value);
    let longer = format!("{}x", place.row);
    let elsewhere = Context { row: &longer, ..place };
    assert!(VAULT.open_now(&elsewhere, &sealed).is_err(), "it opens in {elsewhere:?}");
    let mut bytes = sealed.into_bytes();
    let at = at % bytes.len();
    bytes[at] ^= 1;
    assert!(VAULT.open_now(&place, &bytes.into()).is_err(), "byte {at} does not count");
}

fn place() -> Context<'static> {
    Context { tenant: "acme", table: "t", column: "c", row: "1", purpose: "p", revision: None }
}
