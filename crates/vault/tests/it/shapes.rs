//! Lengths: one object has one, counted without overflow.

use palisade_vault::{ChunkSize, StreamShape};
use proptest::prelude::*;

const SIZES: [ChunkSize; 3] = [ChunkSize::LEAST, ChunkSize::DEFAULT, ChunkSize::MOST];

#[test]
fn a_chunk_is_a_power_of_two_from_4_kib_to_1_mib() {
    for bytes in [0, 1, 2048, 4095, 4097, 65_535, 65_537, 1 << 21, usize::MAX, 1 << 32] {
        assert_eq!(ChunkSize::new(bytes), None, "{bytes}");
    }
    for power in 12..=20 {
        assert_eq!(ChunkSize::new(1 << power).unwrap().bytes(), 1 << power);
    }
    assert_eq!(ChunkSize::default().bytes(), 64 * 1024);
}

#[test]
fn a_stream_has_16_tib_at_most_and_2_to_the_32_chunks() {
    let most = StreamShape::MAX_LENGTH;
    for size in SIZES {
        let shape = StreamShape::of_length(size, most).unwrap();
        assert_eq!(shape.chunks(), most / size.bytes() as u64);
        assert!(shape.chunks() <= 1 << 32);
        assert_eq!(StreamShape::of_sealed_length(size, shape.sealed_length()), Some(shape));
        assert_eq!(StreamShape::of_sealed_length(size, shape.sealed_length() + 17), None);
        for length in [most + 1, u64::MAX - 1, u64::MAX] {
            assert_eq!(StreamShape::of_length(size, length), None);
            assert_eq!(StreamShape::of_sealed_length(size, length.saturating_mul(2)), None);
        }
        let last = shape.last();
        assert_eq!(last.number(), shape.chunks() - 1);
        assert_eq!(last.sealed().end, shape.sealed_length());
        assert_eq!(shape.chunks_of(0..u64::MAX).sealed(), 0..shape.sealed_length());
    }
}

#[test]
fn lengths_of_no_stream_are_refused() {
    let of = |sealed| StreamShape::of_sealed_length(ChunkSize::LEAST, sealed);
    let whole = 4096 + 16;
    for sealed in (0..16).chain([whole + 1, whole + 15, whole + 16, 2 * whole + 7, 3 * whole + 16])
    {
        assert_eq!(of(sealed), None, "{sealed}");
    }
    for (sealed, length) in [(16, 0), (17, 1), (whole, 4096), (whole + 17, 4097), (2 * whole, 8192)]
    {
        assert_eq!(of(sealed).map(StreamShape::length), Some(length), "{sealed}");
    }
}

proptest! {
    #[test]
    fn a_sealed_length_and_the_length_in_it_give_each_other(
        length in prop_oneof![0..100_000_u64, any::<u64>()], size in prop::sample::select(&SIZES[..]),
    ) {
        if let Some(shape) = StreamShape::of_length(size, length) {
            prop_assert_eq!(StreamShape::of_sealed_length(size, shape.sealed_length()), Some(shape));
        }
        // The same number as a sealed length.
        if let Some(shape) = StreamShape::of_sealed_length(size, length) {
            prop_assert_eq!(shape.sealed_length(), length);
        }
    }

    #[test]
    fn chunks_lie_behind_each_other_and_hold_what_is_wanted_once(
        length in 0..30_000_u64, from in 0..40_000_u64, to in 0..40_000_u64,
    ) {
        let shape = StreamShape::of_length(ChunkSize::LEAST, length).unwrap();
        let chunks = shape.chunks_of(from..to);
        let sealed = chunks.sealed();
        let (mut at, mut wanted) = (sealed.start, 0);
        for chunk in chunks {
            prop_assert_eq!(chunk.sealed().start, at);
            prop_assert_eq!(chunk.sealed_length() as u64, chunk.sealed().end - at);
            prop_assert!(!chunk.wanted().is_empty(), "a chunk is read for nothing");
            prop_assert!(chunk.wanted().end + 16 <= chunk.sealed_length());
            at = chunk.sealed().end;
            wanted += chunk.wanted().len() as u64;
        }
        prop_assert_eq!(at, sealed.end);
        prop_assert_eq!(wanted, to.min(length).saturating_sub(from));
    }
}
