//! Laws that hold for objects of any length, in any pieces, and for any range of them.

use std::sync::LazyLock;

use palisade_vault::{ChunkSize, StreamHeader, Vault};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    objects::{FILE, HEADER, bytes, part, sealed, sent},
    stage::vault,
};

static VAULT: LazyLock<Vault> = LazyLock::new(|| vault(&[1, 2]));

/// Often about a boundary.
fn lengths() -> impl Strategy<Value = usize> {
    let about =
        (0..5_usize, 0..3_usize).prop_map(|(chunks, off)| (chunks * 4096 + off).saturating_sub(1));
    prop_oneof![about, 0..20_000_usize]
}

proptest! {
    #[test]
    fn an_object_comes_back_in_whatever_pieces_it_came(
        length in lengths(), cuts in vec(any::<Index>(), 0..8),
    ) {
        let plain = bytes(length);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(length + 1)).collect();
        cuts.extend([0, length]);
        cuts.sort_unstable();
        let mut sealer = VAULT.begin_stream_now(&FILE, ChunkSize::LEAST).unwrap().buffered();
        let mut stored = sealer.header().as_bytes().to_vec();
        for ends in cuts.windows(2) {
            let mut piece = &plain[ends[0]..ends[1]];
            while let Some(chunk) = sealer.push(&mut piece).unwrap() {
                prop_assert_eq!(chunk.len(), 4096 + 16);
                stored.extend_from_slice(chunk);
            }
            prop_assert!(piece.is_empty());
        }
        stored.extend(sealer.finish().unwrap());
        let (read, ended) = sent(&VAULT, &FILE, &stored);
        prop_assert!(ended.is_ok());
        prop_assert!(read == plain);
    }

    #[test]
    fn any_range_is_what_was_sealed_there(
        length in lengths(), from in 0..20_000_u64, to in 0..20_000_u64,
    ) {
        let plain = bytes(length);
        let stored = sealed(&VAULT, &FILE, &plain);
        let chunks = &stored[HEADER..];
        let header = StreamHeader::at_start_of(&stored);
        let stream = VAULT.open_stream_now(&FILE, &header, chunks.len() as u64).unwrap();
        let mut last = part(chunks, stream.last().sealed());
        let (opener, _) = stream.prove(&mut last).unwrap();
        let mut read = Vec::new();
        for chunk in opener.chunks_of(from..to) {
            read.extend_from_slice(opener.open(&chunk, &mut part(chunks, chunk.sealed())).unwrap());
        }
        let end = to.min(length as u64).max(from) as usize;
        prop_assert!(read == plain.get(from as usize..end).unwrap_or_default());
    }

    #[test]
    fn whatever_is_done_to_a_stored_object_nothing_else_is_sent(
        length in lengths(), at in any::<Index>(), gone in 0..6000_usize, put in vec(any::<u8>(), 0..40),
    ) {
        let plain = bytes(length);
        let stored = sealed(&VAULT, &FILE, &plain);
        let mut changed = stored.clone();
        let at = at.index(stored.len());
        changed.splice(at..stored.len().min(at + gone), put);
        let (read, ended) = sent(&VAULT, &FILE, &changed);
        prop_assert_eq!(ended.is_ok(), changed == stored);
        prop_assert!(plain.starts_with(&read));
    }

    #[test]
    fn no_bytes_are_a_stream(bytes in vec(any::<u8>(), 0..400), has_head in any::<bool>()) {
        let mut bytes = bytes;
        if has_head {
            bytes.splice(..0, *b"PSVS\x01\0\0\0\x01\0\x48");
        }
        prop_assert!(sent(&VAULT, &FILE, &bytes).1.is_err());
        let header = StreamHeader::at_start_of(&bytes);
        prop_assert!(bytes.starts_with(header.as_bytes()));
        prop_assert!(VAULT.rewrap_stream_header_now(&FILE, &header).is_err());
    }
}
