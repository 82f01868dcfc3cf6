//! What is read as a key.

use palisade_vault::Key;

use crate::stage::key_text;

/// 32 bytes that nobody uses, in both spellings.
const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f0fbff";
const BASE64: &str = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDw+/8=";

fn refused(text: &str) -> String {
    let error = Key::parse(text).expect_err("a key").to_string();
    assert!(text.len() < 8 || !error.contains(text), "{error}");
    error.strip_prefix("`(not shown)` is not a valid vault key: expected ").unwrap().to_owned()
}

#[test]
fn a_key_is_read_as_hexadecimal_and_as_base64_in_either_alphabet() {
    let url = BASE64.replace('+', "-").replace('/', "_");
    for text in
        [HEX, &HEX.to_uppercase(), BASE64, &url, url.trim_end_matches('='), &format!(" {BASE64}\n")]
    {
        let key = Key::parse(text).unwrap();
        assert_eq!(key.expose_base64().expose_str(), Some(BASE64), "{text}");
    }
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    assert_eq!(refused(""), "32 bytes; these are 0");
    assert_eq!(refused("hunter2"), "32 bytes, as 64 hexadecimal digits or as base64");
    assert_eq!(refused(&HEX[..32]), "32 bytes; these are 16");
    assert_eq!(refused(&BASE64[..40]), "32 bytes; these are 30");
    assert_eq!(refused(&"A".repeat(64)), "32 random bytes; these are a sequence");
    assert_eq!(
        refused(&format!("{BASE64}{BASE64}")),
        "32 bytes, as 64 hexadecimal digits or as base64"
    );
    assert_eq!(refused(&"Z".repeat(5000)), "32 bytes; 5000 characters are more");
    assert_eq!(refused(&HEX.replace('9', "g")), "32 bytes; these are 48");
}

#[test]
fn what_nobody_drew_at_random_is_refused() {
    let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
    assert_eq!(refused(&hex([0; 32])), "32 random bytes; these are a sequence");
    assert_eq!(refused(&hex([0xff; 32])), "32 random bytes; these are a sequence");
    assert_eq!(
        refused(&hex(std::array::from_fn(|at| at as u8))),
        "32 random bytes; these are a sequence"
    );
    assert_eq!(
        refused(&hex(std::array::from_fn(|at| (at % 4) as u8))),
        "32 random bytes; these repeat each other"
    );
    let text = *b"an example of a 32-byte long key";
    assert_eq!(refused(&hex(text)), "32 random bytes; these are a text");
}

#[test]
fn drawn_keys_differ_and_are_never_refused() {
    let keys: std::collections::HashSet<String> = (0..1000).map(|_| key_text()).collect();
    assert_eq!(keys.len(), 1000);
    assert!(keys.iter().all(|text| Key::parse(text).is_ok()));
}
