//! Which codings an answer may be compressed with.

use tower_http::compression::CompressionLayer;

/// Whether answers are compressed. Streams, images, small and already coded bodies never are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "either something may be coded or nothing is")]
pub enum Compression {
    /// As the client prefers among brotli, zstd and gzip.
    #[default]
    ClientsChoice,
    /// Never: a proxy in front does it.
    Never,
}

impl Compression {
    pub(crate) fn layer(self) -> CompressionLayer {
        match self {
            Self::ClientsChoice => CompressionLayer::new(),
            Self::Never => CompressionLayer::new().no_br().no_gzip().no_zstd(),
        }
    }
}
