//! Nothing is used twice: neither a data key nor a nonce.

use std::collections::HashSet;

use palisade_vault::{MAX_PLAINTEXT, SealError, Vault};

use crate::stage::{PLACE, key_text, ring, vault};

#[test]
fn c2_two_seals_of_one_value_have_no_part_in_common() {
    let vault = vault(&[1]);
    let mut seen = HashSet::new();
    for _ in 0..1000 {
        let sealed = vault.seal_now(&PLACE, b"sixteen bytes ab").unwrap().into_bytes();
        // The nonce of the wrap, the wrapped key, the nonce, the commitment, the ciphertext, the tag.
        for part in [11..35, 35..83, 83..95, 95..127, 127..143, 143..159] {
            assert!(seen.insert(sealed[part.clone()].to_vec()), "{part:?} comes twice");
        }
    }
}

#[test]
fn c2_a_restored_process_has_no_counter_that_could_begin_again() {
    let text = format!("1:{}", key_text());
    let nonces = || {
        let vault = Vault::new(ring(&text));
        let sealed = vault.seal_now(&PLACE, b"value").unwrap().into_bytes();
        [sealed[11..35].to_vec(), sealed[83..95].to_vec()]
    };
    let seen: HashSet<_> = (0..100).flat_map(|_| nonces()).collect();
    assert_eq!(seen.len(), 200);
}

#[test]
fn c2_how_often_a_key_was_used_is_counted() {
    let vault = vault(&[1, 2]);
    let sealed = vault.seal_now(&PLACE, b"value").unwrap();
    vault.seal_now(&PLACE, b"value").unwrap();
    vault.open_now(&PLACE, &sealed).unwrap();
    let usage: Vec<_> = vault.keys().usage();
    let told = usage.iter().map(|key| (key.version.number(), key.wrapped, key.unwrapped));
    assert_eq!(told.collect::<Vec<_>>(), [(2, 2, 1), (1, 0, 0)]);
}

#[test]
fn a_value_of_any_length_up_to_the_bound_comes_back_and_a_longer_one_is_refused() {
    let vault = vault(&[1]);
    for length in [0, 1, 15, 16, 17, 1024, MAX_PLAINTEXT] {
        let value: Vec<u8> = (0..length).map(|place| place as u8).collect();
        let sealed = vault.seal_now(&PLACE, &value).unwrap();
        assert_eq!(sealed.as_bytes().len(), 143 + length);
        assert!(vault.open_now(&PLACE, &sealed).unwrap().expose() == value, "{length}");
    }
    let error = vault.seal_now(&PLACE, &vec![0; MAX_PLAINTEXT + 1]).expect_err("too long");
    assert!(matches!(error, SealError::TooLong { .. }));
    assert_eq!(error.to_string(), "a value of 16777217 bytes is too long: 16777216 at most");
}
