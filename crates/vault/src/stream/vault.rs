//! What a vault does with streams.

use super::{
    chunk_size::ChunkSize,
    header::{HeaderParts, StreamHeader},
    opener::UnprovenStream,
    sealer::StreamSealer,
    shape::StreamShape,
};
use crate::{Context, DataKey, KeyProvider, OpenError, RewrapError, SealError, Vault, alert};

impl<P: KeyProvider + ?Sized> Vault<P> {
    /// Begins to seal a stream for the place `context`, under a data key of its own.
    ///
    /// # Errors
    ///
    /// Nobody wraps its key.
    pub async fn begin_stream(
        &self,
        context: &Context<'_>,
        chunk_size: ChunkSize,
    ) -> Result<StreamSealer, SealError> {
        let key = DataKey::draw()?;
        let wrapped = self.keys().wrap_key(&key, context).await?;
        StreamSealer::new(&key, &wrapped, context, chunk_size)
    }

    /// Opens the header of what was sealed for the place `context`, and whose sealed chunks are `sealed_length` bytes, as the
    /// store says. No chunk is needed yet.
    ///
    /// # Errors
    ///
    /// It is not what was sealed there, no stream is so long, or nobody unwraps its key: see [`OpenError`].
    pub async fn open_stream(
        &self,
        context: &Context<'_>,
        header: &StreamHeader,
        sealed_length: u64,
    ) -> Result<UnprovenStream, OpenError> {
        let opened = async {
            let (parts, shape) = judged(header, sealed_length)?;
            let key = self.unwrapped(context, self.current(parts.wrapped)?).await?;
            UnprovenStream::new(&key, parts, shape, context)
        };
        alert::told(context, header.key_version(), opened.await)
    }

    /// Whether the stream is under a key older than the primary one. A header that cannot be read is too: rewrapping it says
    /// why not.
    #[must_use]
    pub fn stream_needs_rewrap(&self, header: &StreamHeader) -> bool {
        header.key_version().is_none_or(|version| version < self.keys().primary())
    }

    /// Wraps the data key of a stream under the primary key. The chunks stay as they are, and are not looked at: who opens
    /// them finds what was changed.
    ///
    /// # Errors
    ///
    /// Those of [`open_stream`](Self::open_stream) and [`begin_stream`](Self::begin_stream).
    pub async fn rewrap_stream_header(
        &self,
        context: &Context<'_>,
        header: &StreamHeader,
    ) -> Result<StreamHeader, RewrapError> {
        let rewrapped = async {
            let parts = header.parts()?;
            let key = self.unwrapped(context, self.current(parts.wrapped)?).await?;
            parts.key(&key, context)?;
            let wrapped = self.keys().wrap_key(&key, context).await.map_err(SealError::from)?;
            Ok(StreamHeader::rewrapped(&wrapped, parts)?)
        };
        alert::told_rewrap(context, header.key_version(), rewrapped.await)
    }
}

impl Vault {
    /// [`begin_stream`](Self::begin_stream), at once.
    ///
    /// # Errors
    ///
    /// The cryptographic library does nothing.
    pub fn begin_stream_now(
        &self,
        context: &Context<'_>,
        chunk_size: ChunkSize,
    ) -> Result<StreamSealer, SealError> {
        let key = DataKey::draw()?;
        let wrapped = self.keys().wrap(&key, context)?;
        StreamSealer::new(&key, &wrapped, context, chunk_size)
    }

    /// [`open_stream`](Self::open_stream), at once.
    ///
    /// # Errors
    ///
    /// It is not what was sealed there: see [`OpenError`].
    pub fn open_stream_now(
        &self,
        context: &Context<'_>,
        header: &StreamHeader,
        sealed_length: u64,
    ) -> Result<UnprovenStream, OpenError> {
        let opened = || {
            let (parts, shape) = judged(header, sealed_length)?;
            let key = self.unwrapped_now(context, self.current(parts.wrapped)?)?;
            UnprovenStream::new(&key, parts, shape, context)
        };
        alert::told(context, header.key_version(), opened())
    }

    /// [`rewrap_stream_header`](Self::rewrap_stream_header), at once.
    ///
    /// # Errors
    ///
    /// Those of [`open_stream_now`](Self::open_stream_now) and [`begin_stream_now`](Self::begin_stream_now).
    pub fn rewrap_stream_header_now(
        &self,
        context: &Context<'_>,
        header: &StreamHeader,
    ) -> Result<StreamHeader, RewrapError> {
        let rewrapped = || {
            let parts = header.parts()?;
            let key = self.unwrapped_now(context, self.current(parts.wrapped)?)?;
            parts.key(&key, context)?;
            Ok(StreamHeader::rewrapped(&self.keys().wrap(&key, context)?, parts)?)
        };
        alert::told_rewrap(context, header.key_version(), rewrapped())
    }
}

/// The parts of a header, and the shape of a stream that is as long as the store says.
fn judged(
    header: &StreamHeader,
    sealed_length: u64,
) -> Result<(HeaderParts<'_>, StreamShape), OpenError> {
    let parts = header.parts()?;
    let shape = StreamShape::of_sealed_length(parts.chunk_size, sealed_length);
    Ok((parts, shape.ok_or(OpenError::Malformed)?))
}
