//! How a key is written.

use palisade_authn_api_key::{KeyFault, KeyFormat, KeyId};

use crate::{Bench, CHECKSUM, guess, live, signed};

#[test]
fn a_key_has_prefix_environment_id_secret_and_checksum() {
    let issued = Bench::in_memory().issue();
    let text = issued.text.expose();
    let parts: Vec<&str> = text.split('_').collect();
    assert_eq!(parts[..3], ["acme", "live", issued.key.id.as_str()]);
    assert_eq!((parts.len(), parts[2].len(), parts[3].len()), (4, 12, 39));
    assert_eq!(signed(&text[..text.len() - CHECKSUM]), text, "CRC-32 in digits");
    assert_eq!(live().read(text), Ok(issued.key.id));
}

#[test]
fn a_key_that_another_program_wrote_is_read() {
    // The checksum is that of Python's `zlib.crc32`.
    let text = "acme_live_4kq0v7m2x9rt_8w3h00008w3h00008w3h00008w3h0000124y1wa";
    assert_eq!(live().read(text).unwrap().as_str(), "4kq0v7m2x9rt");
    assert_eq!(signed("123456789"), "12345678935z8e96");
}

#[test]
fn two_keys_share_nothing() {
    let bench = Bench::in_memory();
    let (one, other) = (bench.issue(), bench.issue());
    assert_ne!(one.key.id, other.key.id);
    let secret = |text: &str| text[text.len() - 39..].to_owned();
    assert_ne!(secret(one.text.expose()), secret(other.text.expose()));
}

#[test]
fn the_format_alone_tells_a_key_from_a_typo_and_from_a_key_of_others() {
    let issued = Bench::in_memory().issue();
    let (text, id) = (issued.text.expose(), issued.key.id);
    for environment in ["test", "livea", "liv"] {
        let other = KeyFormat::new("acme", environment).unwrap();
        assert_eq!(other.read(text), Err(KeyFault::Foreign(id)), "{environment}");
    }
    let other = KeyFormat::new("acm", "live").unwrap();
    assert_eq!(other.read(text), Err(KeyFault::Foreign(id)));
    assert_eq!(live().read(&guess(text)), Ok(id), "whose it is, the format cannot tell");
    assert_eq!(live().read(&text.replace("acme", "acne")), Err(KeyFault::Checksum));
}

#[test]
fn what_is_not_written_like_a_key_is_malformed() {
    let issued = Bench::in_memory().issue();
    let text = issued.text.expose();
    for bad in [
        "",
        "_",
        "___",
        "acme_live_",
        "guess",
        &text.to_uppercase(),
        &text[1..text.len() - 1],
        &format!("{text} "),
        &format!(" {text}"),
        &format!("{text}0"),
        &format!("{text}\0"),
        &text.replace('_', "-"),
        &text.replacen('_', "", 1),
        &text.replacen("acme", "ac_me", 1),
        &text.replacen("acme", "", 1),
        &text.replacen("acme", "1cme", 1),
        &text.replacen("acme", "ämme", 1),
        &signed(&format!("{}_live_{}_{}", "a".repeat(17), issued.key.id, "0".repeat(32))),
        &signed(&format!("acme_live_{}_{}", issued.key.id, "u".repeat(32))),
        &signed(&format!("acme_live_{}_{}", issued.key.id, "0".repeat(31))),
        &signed(&format!("acme_live_{}0_{}", issued.key.id, "0".repeat(32))),
        &"a".repeat(1_000_000),
    ] {
        let shown: String = bad.chars().take(80).collect();
        assert_eq!(live().read(bad), Err(KeyFault::Malformed), "{shown}");
    }
}

#[test]
fn a_format_that_could_be_read_in_two_ways_is_not_built() {
    for (prefix, environment) in
        [("", "live"), ("acme", ""), ("ac_me", "live"), ("Acme", "live"), ("acme", "1st")]
    {
        assert!(KeyFormat::new(prefix, environment).is_err(), "{prefix} {environment}");
    }
    assert!(KeyFormat::new(&"a".repeat(17), "live").is_err());
    let told = KeyFormat::new("acme", "li ve").unwrap_err().to_string();
    assert!(
        told.contains("`li ve` is not a valid environment of keys: expected 1 to 16"),
        "{told}"
    );
}

#[test]
fn an_id_is_read_from_what_it_shows_and_its_error_repeats_nothing() {
    let issued = Bench::in_memory().issue();
    assert_eq!(issued.key.id.to_string().parse::<KeyId>().unwrap(), issued.key.id);
    let told = issued.text.expose().parse::<KeyId>().unwrap_err().to_string();
    assert!(told.contains("12 digits") && !told.contains("acme"), "{told}");
}
