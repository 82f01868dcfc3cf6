//! Objects of any size, sealed in chunks.

mod alarm;
mod buffered;
mod chunk;
mod chunk_size;
mod header;
mod key;
mod opener;
mod sealer;
mod shape;
mod vault;

pub use self::{
    buffered::BufferedSealer,
    chunk::{Chunk, Chunks},
    chunk_size::ChunkSize,
    header::StreamHeader,
    opener::{StreamOpener, UnprovenStream},
    sealer::StreamSealer,
    shape::StreamShape,
};
