//! AES-256-GCM as the vault has it, by the vectors of Project Wycheproof: <https://github.com/C2SP/wycheproof>.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

// It is no part of what the vault offers, so its file is compiled here: nothing stands between it and the vectors.
#[path = "../../../crates/vault/src/gcm.rs"]
mod gcm;

use wycheproof::{
    TestResult,
    aead::{Test, TestName, TestSet},
};

use self::gcm::Gcm;

/// The vectors of keys of 256 bits: those with nonces and tags as the vault has them, and how many others there are.
fn vectors() -> (Vec<Test>, usize) {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let groups = set.test_groups.into_iter().filter(|group| group.key_size == 256);
    let (ours, others): (Vec<_>, Vec<_>) = groups
        .partition(|group| group.nonce_size == 8 * gcm::NONCE && group.tag_size == 8 * gcm::TAG);
    let ours = ours.into_iter().flat_map(|group| group.tests).collect();
    (ours, others.iter().map(|group| group.tests.len()).sum())
}

fn key(test: &Test) -> Gcm {
    Gcm::new(test.key[..].try_into().unwrap()).unwrap()
}

fn nonce(test: &Test) -> [u8; gcm::NONCE] {
    test.nonce[..].try_into().unwrap()
}

#[test]
fn every_vector_that_is_valid_seals_to_its_bytes_and_opens() {
    let (vectors, _) = vectors();
    let mut seen = 0;
    for test in vectors.iter().filter(|test| !test.result.must_fail()) {
        let mut text = test.pt.to_vec();
        let tag = key(test).seal(nonce(test), &test.aad, &mut text).unwrap();
        assert_eq!((&text[..], &tag[..]), (&test.ct[..], &test.tag[..]), "{}", test.tc_id);
        text.extend(tag);
        let opened = key(test).open(nonce(test), &test.aad, &mut text).unwrap();
        assert_eq!(opened, &test.pt[..], "{}", test.tc_id);
        assert_eq!(test.result, TestResult::Valid, "{}", test.tc_id);
        seen += 1;
    }
    assert_eq!(seen, 39);
}

#[test]
fn every_vector_that_was_changed_is_refused_and_leaves_nothing_behind() {
    let (vectors, _) = vectors();
    let mut seen = 0;
    for test in vectors.iter().filter(|test| test.result.must_fail()) {
        let mut text = [&test.ct[..], &test.tag[..]].concat();
        let opened = key(test).open(nonce(test), &test.aad, &mut text);
        assert!(opened.is_err(), "{}: {}", test.tc_id, test.comment);
        assert!(text.iter().all(|byte| *byte == 0), "{}", test.tc_id);
        seen += 1;
    }
    assert_eq!(seen, 27);
}

#[test]
fn what_is_left_out_are_nonces_that_the_vault_cannot_be_given() {
    let (ours, others) = vectors();
    assert_eq!((ours.len(), others), (66, 39));
}
