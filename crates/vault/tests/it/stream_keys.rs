//! The keys of streams: none is used twice, each stream commits to its own, and all are wrapped anew.

use std::collections::HashSet;

use palisade_vault::{ChunkSize, KeyVersion, OpenError, StreamHeader, Vault};

use crate::{
    commitment::Accomplice,
    ghash::collision,
    objects::{FILE, HEADER, SIZE, WHOLE, bytes, sealed, sent},
    stage::{key_text, ring, vault, version},
};

#[test]
fn c2_two_streams_of_one_object_have_no_part_in_common_and_no_two_chunks_have() {
    let vault = vault(&[1]);
    let mut seen = HashSet::new();
    for _ in 0..50 {
        // Chunks that are the same: what sets them apart is their number.
        let stored = sealed(&vault, &FILE, &[7; 4 * SIZE]);
        // The nonce of the wrap, the wrapped key, the salt, the commitment.
        for part in [11..35, 35..83, 84..116, 116..HEADER] {
            assert!(seen.insert(stored[part].to_vec()));
        }
        for chunk in stored[HEADER..].chunks(WHOLE) {
            assert!(seen.insert(chunk[..16].to_vec()) && seen.insert(chunk[SIZE..].to_vec()));
        }
    }
}

#[test]
fn c2_the_last_chunk_and_one_in_front_of_others_have_another_nonce() {
    let vault = vault(&[1]);
    let mut seen = HashSet::new();
    for length in [SIZE, SIZE + 1] {
        // The first chunk of both is the same, of a key each: no key stream comes twice either way.
        seen.insert(sealed(&vault, &FILE, &vec![0; length])[HEADER..HEADER + 16].to_vec());
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn c2_how_often_a_key_was_used_is_counted_by_streams_and_not_by_chunks() {
    let vault = vault(&[1]);
    let stored = sealed(&vault, &FILE, &bytes(5 * SIZE));
    sent(&vault, &FILE, &stored).1.unwrap();
    let usage = vault.keys().usage();
    assert_eq!((usage[0].wrapped, usage[0].unwrapped), (1, 1));
}

#[tokio::test]
async fn c3_one_chunk_that_two_keys_open_is_opened_by_the_committed_one_alone() {
    const MARK: &[u8] = b"PSVS\x01";
    let salt = [9; 32];
    // What docs/stream-format.md says: the key, and the commitment.
    let derived = |data_key: &[u8; 32]| -> ([u8; 32], [u8; 32]) {
        use aws_lc_rs::hmac;
        let info = [b"palisade-vault stream", MARK, &[12], &salt, &FILE.encoded(), &[1]].concat();
        let block = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, data_key), &info);
        let (key, commitment) = block.as_ref().split_at(32);
        (key.try_into().unwrap(), commitment.try_into().unwrap())
    };
    let header = |data_key: &[u8; 32], commitment: &[u8; 32]| -> StreamHeader {
        let head = [MARK, &1_u32.to_be_bytes(), &32_u16.to_be_bytes(), data_key].concat();
        [&head[..], &[12], &salt, commitment].concat().into()
    };
    let (one, two) = ([0x11; 32], [0x22; 32]);
    let ((key_one, commitment), (key_two, other)) = (derived(&one), derived(&two));
    let nonce = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let chunk = collision([&key_one, &key_two], &nonce, &commitment, 4);

    // The accomplice unwraps whatever the header says.
    let vault = Vault::new(Accomplice);
    let length = chunk.len() as u64;
    let good = vault.open_stream(&FILE, &header(&one, &commitment), length).await.unwrap();
    good.prove(&mut chunk.clone()).unwrap();
    for commitment in [&commitment, &[0; 32]] {
        let refused = vault.open_stream(&FILE, &header(&two, commitment), length).await;
        assert!(matches!(refused, Err(OpenError::Tampered)), "{refused:?}");
        let refused = vault.rewrap_stream_header(&FILE, &header(&two, commitment)).await;
        assert!(refused.is_err(), "a stream is wrapped under a key that it does not commit to");
    }
    // Its own commitment it has, and the tag is of the other one.
    let stream = vault.open_stream(&FILE, &header(&two, &other), length).await.unwrap();
    assert!(matches!(stream.prove(&mut chunk.clone()), Err(OpenError::Tampered)));
}

#[test]
fn a_rewrap_changes_the_wrapped_key_in_the_header_alone() {
    let (one, two) = (key_text(), key_text());
    let vault = Vault::new(ring(&format!("1:{one}")));
    let plain = bytes(2 * SIZE);
    let mut stored = sealed(&vault, &FILE, &plain);
    vault.keys().replace(ring(&format!("2:{two},1:{one}"))).unwrap();

    let header = StreamHeader::at_start_of(&stored);
    assert!(vault.stream_needs_rewrap(&header));
    let rewrapped = vault.rewrap_stream_header_now(&FILE, &header).unwrap();
    assert!(!vault.stream_needs_rewrap(&rewrapped));
    assert_eq!(rewrapped.key_version(), Some(version(2)));
    assert_eq!(rewrapped.as_bytes().len(), HEADER, "it fits where the old one was");
    assert_eq!(rewrapped.as_bytes()[83..], header.as_bytes()[83..], "size, salt, commitment");
    stored[..HEADER].copy_from_slice(rewrapped.as_bytes());

    vault.keys().replace(ring(&format!("2:{two},minimum=2"))).unwrap();
    assert!(sent(&vault, &FILE, &stored).0 == plain);
    assert!(vault.stream_needs_rewrap(&StreamHeader::from(&b"anything"[..])));
}

#[test]
fn a_new_stream_is_under_the_primary_key() {
    let vault = vault(&[1, 2]);
    let sealer = vault.begin_stream_now(&FILE, ChunkSize::DEFAULT).unwrap();
    assert_eq!(sealer.header().key_version(), KeyVersion::new(2));
}
