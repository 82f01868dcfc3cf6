//! Objects that were sealed as streams, as a store has them.

use palisade_vault::{ChunkSize, Context, OpenError, StreamHeader, Vault};

use crate::stage::PLACE;

/// The least that a chunk can be: objects of several are small.
pub(crate) const SIZE: usize = 4096;
/// A sealed chunk that is not the last.
pub(crate) const WHOLE: usize = SIZE + 16;
/// A header under a key ring.
pub(crate) const HEADER: usize = 5 + 4 + 2 + 72 + 1 + 32 + 32;

pub(crate) const FILE: Context<'static> =
    Context { table: "files", column: "body", purpose: "download", ..PLACE };

/// An object in a store: the header in front, then the chunks.
pub(crate) fn sealed(vault: &Vault, place: &Context<'_>, plain: &[u8]) -> Vec<u8> {
    let mut sealer = vault.begin_stream_now(place, ChunkSize::LEAST).unwrap().buffered();
    let mut stored = sealer.header().as_bytes().to_vec();
    let mut rest = plain;
    while let Some(chunk) = sealer.push(&mut rest).unwrap() {
        stored.extend_from_slice(chunk);
    }
    stored.extend(sealer.finish().unwrap());
    stored
}

/// What a server does with an object: it sends chunk after chunk, and stops where one is refused. Given is what was sent, and
/// why it stopped.
pub(crate) fn sent(
    vault: &Vault,
    place: &Context<'_>,
    stored: &[u8],
) -> (Vec<u8>, Result<(), OpenError>) {
    let mut sent = Vec::new();
    let ended = send(vault, place, stored, &mut sent);
    (sent, ended)
}

fn send(
    vault: &Vault,
    place: &Context<'_>,
    stored: &[u8],
    sent: &mut Vec<u8>,
) -> Result<(), OpenError> {
    let header = StreamHeader::at_start_of(stored);
    let chunks = &stored[header.as_bytes().len()..];
    let stream = vault.open_stream_now(place, &header, chunks.len() as u64)?;
    let mut last = part(chunks, stream.last().sealed());
    let (opener, _) = stream.prove(&mut last)?;
    for chunk in opener.chunks_of(0..opener.length()) {
        let mut buffer = part(chunks, chunk.sealed());
        sent.extend_from_slice(opener.open(&chunk, &mut buffer)?);
    }
    Ok(())
}

/// What is stored there.
pub(crate) fn part(chunks: &[u8], range: std::ops::Range<u64>) -> Vec<u8> {
    chunks[range.start as usize..range.end as usize].to_vec()
}

/// Bytes of which no two chunks are alike.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}
