//! Whether the client's connection is encrypted.

/// Whether the client's connection is encrypted, as far as this service can know: by its own socket, or by the word of
/// a trusted proxy.
///
/// Whoever accepts the connection inserts it into the request's extensions, outside of the first gate.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a connection is encrypted or it is not")]
pub enum Transport {
    /// In clear.
    Plain,
    /// By TLS.
    Secure,
}
