//! Objects are sealed in chunks, and opened in any order.

use palisade_vault::{
    ChunkSize, KeyProvider, SealError, StreamHeader, StreamOpener, StreamSealer, StreamShape, Vault,
};

use crate::{
    objects::{FILE, HEADER, SIZE, WHOLE, bytes, part, sealed, sent},
    stage::vault,
};

#[test]
fn an_object_of_any_length_comes_back_and_is_as_long_as_its_shape_says() {
    let vault = vault(&[1]);
    for length in [0, 1, 15, 16, 17, SIZE - 1, SIZE, SIZE + 1, 2 * SIZE, 5 * SIZE + 7] {
        let plain = bytes(length);
        let stored = sealed(&vault, &FILE, &plain);
        let shape = StreamShape::of_length(ChunkSize::LEAST, length as u64).unwrap();
        assert_eq!(stored.len(), HEADER + shape.sealed_length() as usize, "{length}");
        assert_eq!(shape.chunks(), length.div_ceil(SIZE).max(1) as u64, "{length}");
        let (read, ended) = sent(&vault, &FILE, &stored);
        ended.unwrap();
        assert!(read == plain, "{length}");
    }
}

#[test]
fn a_multiple_of_the_chunk_has_no_empty_chunk_behind_it() {
    let vault = vault(&[1]);
    assert_eq!(sealed(&vault, &FILE, &bytes(2 * SIZE)).len(), HEADER + 2 * WHOLE);
    assert_eq!(sealed(&vault, &FILE, &[]).len(), HEADER + 16);
}

#[test]
fn chunks_are_sealed_in_the_callers_buffers_and_opened_there() {
    let vault = vault(&[1]);
    for size in [ChunkSize::LEAST, ChunkSize::DEFAULT, ChunkSize::MOST] {
        let mut sealer = vault.begin_stream_now(&FILE, size).unwrap();
        let header = sealer.header().clone();
        assert_eq!(header.chunk_size(), Some(size));
        let (mut first, mut last) = (vec![1; size.bytes()], b"the end".to_vec());
        let tag = sealer.seal_chunk(&mut first).unwrap();
        first.extend(tag);
        let tag = sealer.finish(&mut last).unwrap();
        last.extend(tag);
        assert!(!last.starts_with(b"the end"));

        let length = (first.len() + last.len()) as u64;
        let stream = vault.open_stream_now(&FILE, &header, length).unwrap();
        let (opener, end) = stream.prove(&mut last).unwrap();
        assert_eq!(end, b"the end");
        assert_eq!(opener.length(), size.bytes() as u64 + 7);
        let chunk = opener.chunks_of(0..5).next().unwrap();
        assert_eq!(opener.open(&chunk, &mut first).unwrap(), [1; 5]);
    }
}

#[test]
fn a_chunk_that_is_not_as_long_as_all_are_is_refused_and_nothing_can_be_sealed_behind_the_last() {
    let vault = vault(&[1]);
    let mut sealer = vault.begin_stream_now(&FILE, ChunkSize::LEAST).unwrap();
    for length in [0, SIZE - 1, SIZE + 1] {
        let mut chunk = vec![7; length];
        let error = sealer.seal_chunk(&mut chunk).expect_err("sealed");
        assert!(matches!(error, SealError::ChunkLength { .. }), "{error:?}");
        assert_eq!(chunk, vec![7; length], "it is as it was");
    }
    // None of them took a number.
    let mut first = bytes(SIZE);
    let tag = sealer.seal_chunk(&mut first).unwrap();
    let header = sealer.header().clone();
    let refused = |sealer: StreamSealer, length: usize| sealer.finish(&mut vec![7; length]);
    let again = |length| {
        let mut sealer = vault.begin_stream_now(&FILE, ChunkSize::LEAST).unwrap();
        sealer.seal_chunk(&mut bytes(SIZE)).unwrap();
        refused(sealer, length)
    };
    let error = again(0).expect_err("an empty chunk behind another");
    assert_eq!(error.to_string(), "a chunk of 0 bytes: all have 4096, the last one at least 1");
    assert!(again(SIZE + 1).is_err());
    assert!(again(SIZE).is_ok());

    let mut last = b"end".to_vec();
    let end = sealer.finish(&mut last).unwrap();
    let stored = [header.as_bytes(), &first, &tag, &last, &end].concat();
    assert_eq!(sent(&vault, &FILE, &stored).0, [&bytes(SIZE)[..], b"end"].concat());
}

fn opener(vault: &Vault, stored: &[u8]) -> StreamOpener {
    let chunks = &stored[HEADER..];
    let header = StreamHeader::at_start_of(stored);
    let stream = vault.open_stream_now(&FILE, &header, chunks.len() as u64).unwrap();
    let mut last = part(chunks, stream.last().sealed());
    stream.prove(&mut last).unwrap().0
}

#[test]
fn any_range_is_read_from_the_chunks_that_hold_it() {
    let vault = vault(&[1]);
    let plain = bytes(3 * SIZE + 100);
    let stored = sealed(&vault, &FILE, &plain);
    let opener = opener(&vault, &stored);
    let read = |from: usize, to: usize| {
        let chunks = opener.chunks_of(from as u64..to as u64);
        // One request to the store, and the chunks cut from its answer.
        let fetched = chunks.sealed();
        let answer = part(&stored[HEADER..], fetched.clone());
        let mut read = Vec::new();
        for chunk in chunks {
            let here = chunk.sealed();
            let mut buffer = part(&answer, here.start - fetched.start..here.end - fetched.start);
            read.extend_from_slice(opener.open(&chunk, &mut buffer).unwrap());
        }
        read
    };
    let end = plain.len();
    for (from, to) in
        [(0, 1), (0, SIZE), (SIZE - 1, SIZE + 1), (SIZE, 2 * SIZE), (end - 1, end), (5, end)]
    {
        assert!(read(from, to) == plain[from..to], "{from}..{to}");
    }
    assert!(read(SIZE, usize::MAX) == plain[SIZE..], "what is beyond the end is left out");
    for (from, to) in [(0, 0), (7, 7), (end, end + 9), (9, 3), (usize::MAX, usize::MAX)] {
        assert_eq!(opener.chunks_of(from as u64..to as u64).sealed(), 0..0);
        assert_eq!(read(from, to), b"", "{from}..{to}");
    }
    assert_eq!(
        opener.chunks_of(SIZE as u64..SIZE as u64 + 1).sealed(),
        WHOLE as u64..2 * WHOLE as u64
    );
}

#[test]
fn chunks_are_opened_in_any_order_by_many_threads() {
    let vault = vault(&[1]);
    let plain = bytes(8 * SIZE);
    let stored = sealed(&vault, &FILE, &plain);
    let opener = opener(&vault, &stored);
    std::thread::scope(|scope| {
        for turn in 0..4 {
            let (opener, stored, plain) = (&opener, &stored, &plain);
            scope.spawn(move || {
                let mut chunks: Vec<_> = opener.chunks_of(0..opener.length()).collect();
                chunks.rotate_left(turn * 2);
                chunks.reverse();
                for chunk in chunks {
                    let mut buffer = part(&stored[HEADER..], chunk.sealed());
                    let at = chunk.number() as usize * SIZE;
                    assert!(opener.open(&chunk, &mut buffer).unwrap() == &plain[at..at + SIZE]);
                }
            });
        }
    });
}

#[test]
fn however_long_an_object_is_its_sealer_has_one_buffer() {
    let vault = vault(&[1]);
    let mut sealer = vault.begin_stream_now(&FILE, ChunkSize::LEAST).unwrap().buffered();
    let mut buffers = std::collections::HashSet::new();
    for piece in bytes(500_000).chunks(1000) {
        let mut piece = piece;
        while let Some(chunk) = sealer.push(&mut piece).unwrap() {
            buffers.insert(chunk.as_ptr());
        }
    }
    buffers.insert(sealer.finish().unwrap().as_ptr());
    assert_eq!(buffers.len(), 1);
}

#[tokio::test]
async fn a_provider_that_has_to_be_waited_for_seals_and_opens_streams() {
    let keys: std::sync::Arc<dyn KeyProvider> =
        std::sync::Arc::new(crate::stage::ring(&format!("1:{}", crate::stage::key_text())));
    let vault: Vault<dyn KeyProvider> = Vault::shared(keys);
    let sealer = is_send(vault.begin_stream(&FILE, ChunkSize::DEFAULT)).await.unwrap();
    let header = sealer.header().clone();
    let mut last = b"an object".to_vec();
    let tag = sealer.finish(&mut last).unwrap();
    last.extend(tag);
    let header = is_send(vault.rewrap_stream_header(&FILE, &header)).await.unwrap();
    let stream = is_send(vault.open_stream(&FILE, &header, last.len() as u64)).await.unwrap();
    assert_eq!(stream.prove(&mut last).unwrap().1, b"an object");
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn what_is_shared_between_threads_and_tasks_can_be() {
    fn check<T: Send + Sync + 'static>() {}
    check::<StreamOpener>();
    check::<StreamSealer>();
    check::<palisade_vault::BufferedSealer>();
    check::<palisade_vault::UnprovenStream>();
}

#[test]
fn no_debug_print_shows_a_byte_of_a_stream_or_its_key() {
    let vault = vault(&[1]);
    let mut sealer = vault.begin_stream_now(&FILE, ChunkSize::LEAST).unwrap().buffered();
    assert!(sealer.push(&mut &b"SECRET"[..]).unwrap().is_none());
    let shown = format!("{sealer:?}");
    assert!(shown.contains("StreamKey(…)"), "{shown}");
    assert!(!shown.contains("83, 69, 67") && !shown.contains("SECRET"), "{shown}");
    let stored = sealed(&vault, &FILE, b"SECRET");
    let shown = format!("{:?} {:?}", StreamHeader::at_start_of(&stored), opener(&vault, &stored));
    assert!(shown.contains("StreamKey(…)") && !shown.contains("SECRET"), "{shown}");
}
