//! What is read as a ring, and how one is replaced.

use palisade_vault::{KeyProvider as _, KeyRing, KeyVersion, Vault};

use crate::stage::{PLACE, key_text, ring, version};

fn refused(text: &str) -> String {
    KeyRing::parse(text).expect_err("a ring").to_string()
}

#[test]
fn the_highest_version_is_primary_unless_the_ring_says_otherwise() {
    let (one, two) = (key_text(), key_text());
    let read = |text: &str| {
        let ring = ring(text);
        (ring.primary().number(), ring.minimum().number())
    };
    assert_eq!(read(&format!("1:{one}, 2:{two}")), (2, 1));
    assert_eq!(read(&format!("primary=1,2:{two},1:{one}")), (1, 1));
    assert_eq!(read(&format!("# keys\n2: {two} # new\n\n1:{one}\nminimum=2\n")), (2, 2));
    let ring = ring(&format!("1:{one},2:{two}")).with_primary(KeyVersion::FIRST).unwrap();
    assert_eq!(ring.primary(), KeyVersion::FIRST);
    let ring = ring.with_primary(version(2)).unwrap().with_minimum(version(2)).unwrap();
    assert_eq!((ring.primary(), ring.minimum()), (version(2), version(2)));
}

#[test]
fn a_mistake_in_a_ring_is_named_without_a_key() {
    let (one, two) = (key_text(), key_text());
    let check = |text: &str, expected: &str| {
        let error = refused(text);
        assert_eq!(error, expected);
        assert!(!error.contains(&one) && !error.contains(&two), "{error}");
    };
    let form = "`VERSION:KEY`, `primary=VERSION` or `minimum=VERSION`";
    check("", "`no keys` is not a valid ring of vault keys: expected at least one");
    check(&one, &format!("`entry 1` is not a valid part of the ring of keys: expected {form}"));
    check(
        &format!("1:{one},{two}:2"),
        "`entry 2` is not a valid part of the ring of keys: expected a version from 1 to 4294967295",
    );
    check(
        &format!("0:{one}"),
        "`entry 1` is not a valid part of the ring of keys: expected a version from 1 to 4294967295",
    );
    check(
        "1:c2hvcnQ=",
        "`entry 1` is not a valid part of the ring of keys: expected version 1 to be 32 bytes; these are 5",
    );
    check(
        &format!("1:{one},1:{two}"),
        "`version 1 twice` is not a valid ring of vault keys: expected every version once",
    );
    check(
        &format!("1:{one},2:{one}"),
        "`one key as version 2 and 1` is not a valid ring of vault keys: expected every key once",
    );
    check(
        &format!("1:{one},primary=2"),
        "`primary=2` is not a valid ring of vault keys: expected the version of a key in it",
    );
    check(
        &format!("1:{one},minimum=2"),
        "`minimum=2` is not a valid ring of vault keys: expected at most the primary version, 1",
    );
    check(
        &format!("1:{one},primary=1,primary=1"),
        "`entry 3` is not a valid part of the ring of keys: expected it once",
    );
    let many: Vec<String> = (1..=101).map(|version| format!("{version}:{}", key_text())).collect();
    check(&many.join(","), "`101 keys` is not a valid ring of vault keys: expected at most 100");
}

#[test]
fn a_ring_is_replaced_for_all_who_use_it_and_keeps_its_counts() {
    let (one, two) = (key_text(), key_text());
    let vault = Vault::new(ring(&format!("1:{one}")));
    let elsewhere = vault.clone();
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    vault.keys().replace(ring(&format!("2:{two},1:{one}"))).unwrap();
    assert_eq!(elsewhere.keys().primary(), version(2));
    assert_eq!(elsewhere.open_now(&PLACE, &sealed).unwrap().expose(), b"value");
    let usage = vault.keys().usage();
    assert_eq!((usage[1].version, usage[1].wrapped, usage[1].unwrapped), (version(1), 1, 1));
}

#[test]
fn a_version_never_becomes_another_key() {
    let (one, two) = (key_text(), key_text());
    let vault = Vault::new(ring(&format!("1:{one}")));
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    let error =
        vault.keys().replace(ring(&format!("1:{two}"))).expect_err("a lost key").to_string();
    assert_eq!(
        error,
        "`another key of version 1` is not a valid ring of vault keys: expected a new key under a new \
         version: what is sealed under the old one would be lost"
    );
    assert_eq!(vault.open_now(&PLACE, &sealed).unwrap().expose(), b"value");
}
