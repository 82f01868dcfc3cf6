//! How long rendered content is kept, and how much of it.

use super::{bytes, reader::Reader};
use crate::content_cache::Lives;

/// The least that is of use.
const LEAST: u64 = 64 << 10;

/// How long rendered content is kept, and how much of it.
#[derive(Clone, Debug)]
pub struct ContentCacheSettings {
    /// How long, by kind.
    pub lives: Lives,
    /// How many bytes.
    pub most_bytes: u64,
}

/// Reads them.
pub(super) fn content_cache(reader: &mut Reader<'_>) -> ContentCacheSettings {
    let most_bytes = |text: &str| bytes(text).filter(|bytes| *bytes >= LEAST);
    ContentCacheSettings {
        lives: reader.parse("CONTENT_CACHE_TTL_MS", Lives::default(), |text| text.parse().ok()),
        most_bytes: reader.parse("CONTENT_CACHE_MAX_SIZE", LEAST, most_bytes),
    }
}
