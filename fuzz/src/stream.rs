//! Streams: any header, any chunks, and objects that are sealed and then changed.

use std::sync::LazyLock;

use palisade_vault::{
    ChunkSize, Context, Key, KeyRing, KeyVersion, OpenError, StreamHeader, StreamShape, Vault,
};

static VAULT: LazyLock<Vault> = LazyLock::new(|| {
    let key = Key::generate().expect("random bytes");
    Vault::new(KeyRing::new([(KeyVersion::FIRST, key)]).expect("a ring of one key"))
});

const PLACE: Context<'static> =
    Context { tenant: "acme", table: "t", column: "c", row: "1", purpose: "p", revision: None };

/// Takes the input for a stored object, for a length and a range, and for an object that is changed in the store.
pub fn stream(data: &[u8]) {
    stored(data);
    let mut numbers = data.chunks(8).map(|chunk| {
        chunk.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
    });
    let mut number = || numbers.next().unwrap_or_default();
    shapes(number(), number()..number());
    kept(data, number(), number());
}

/// Nothing opens that was not sealed.
fn stored(data: &[u8]) {
    let header = StreamHeader::at_start_of(data);
    assert!(data.starts_with(header.as_bytes()));
    assert!(header.as_bytes().len() <= StreamHeader::MAX_LENGTH);
    assert!(sent(data, 0..u64::MAX).is_err(), "{header:?} opens");
    assert!(VAULT.rewrap_stream_header_now(&PLACE, &header).is_err(), "it is wrapped again");
}

/// Of any length and any range, chunks lie behind each other and hold what is wanted once.
fn shapes(length: u64, wanted: std::ops::Range<u64>) {
    for size in [ChunkSize::LEAST, ChunkSize::DEFAULT, ChunkSize::MOST] {
        if let Some(shape) = StreamShape::of_sealed_length(size, length) {
            assert_eq!(shape.sealed_length(), length);
        }
        let Some(shape) = StreamShape::of_length(size, length % (2 << 44)) else { continue };
        assert_eq!(StreamShape::of_sealed_length(size, shape.sealed_length()), Some(shape));
        assert_eq!(shape.last().sealed().end, shape.sealed_length());
        let chunks = shape.chunks_of(wanted.clone());
        let mut at = chunks.sealed().start;
        assert!(chunks.sealed().end <= shape.sealed_length());
        for chunk in chunks.take(100) {
            assert_eq!(chunk.sealed().start, at);
            assert!(!chunk.wanted().is_empty() && chunk.wanted().end + 16 <= chunk.sealed_length());
            at = chunk.sealed().end;
        }
    }
}

/// What is sealed opens, any range of it; with a byte changed, or some gone, no other byte comes out.
fn kept(plain: &[u8], at: u64, gone: u64) {
    // Long enough for chunks, whatever the input.
    let plain = plain.repeat(1 + 9000 / (plain.len() + 1));
    let stored = sealed(&plain);
    let at = at as usize % stored.len();
    let from = at.min(plain.len());
    let opened = sent(&stored, from as u64..u64::MAX).expect("what was sealed");
    assert_eq!(opened, &plain[from..]);

    let mut changed = stored.clone();
    changed[at] ^= 1;
    assert!(sent(&changed, 0..u64::MAX).is_err(), "byte {at} does not count");
    let mut shorter = stored;
    shorter.drain(at..shorter.len().min(at + 1 + gone as usize % 9000));
    // The length is proven first, so the front of it is not sent either.
    assert!(sent(&shorter, 0..1).is_err(), "it is whole without what was at {at}");
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    let sealer = VAULT.begin_stream_now(&PLACE, ChunkSize::LEAST).expect("random bytes");
    let mut sealer = sealer.buffered();
    let mut stored = sealer.header().as_bytes().to_vec();
    let mut rest = plain;
    while let Some(chunk) = sealer.push(&mut rest).expect("a short object") {
        stored.extend_from_slice(chunk);
    }
    stored.extend(sealer.finish().expect("a short object"));
    stored
}

/// What a server sends of a stored object.
fn sent(stored: &[u8], wanted: std::ops::Range<u64>) -> Result<Vec<u8>, OpenError> {
    let header = StreamHeader::at_start_of(stored);
    let chunks = &stored[header.as_bytes().len()..];
    let part = |range: std::ops::Range<u64>| chunks[range.start as usize..range.end as usize].to_vec();
    let stream = VAULT.open_stream_now(&PLACE, &header, chunks.len() as u64)?;
    let mut last = part(stream.last().sealed());
    let (opener, _) = stream.prove(&mut last)?;
    let mut sent = Vec::new();
    for chunk in opener.chunks_of(wanted) {
        sent.extend_from_slice(opener.open(&chunk, &mut part(chunk.sealed()))?);
    }
    Ok(sent)
}
