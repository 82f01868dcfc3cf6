//! The place a value is sealed for: what it is bound to and is not stored with it.

/// The place a value is sealed for. It opens there and nowhere else.
///
/// Every part has a name at the call, so that none is forgotten and no two are mixed up. None of them is secret: they are in
/// the security log where a value is refused, and a [`KeyProvider`](crate::KeyProvider) may show them to a KMS. A part that a
/// service does not have is `""`, always.
///
/// ```
/// # use palisade_vault::Context;
/// let place = Context {
///     tenant: "acme",
///     table: "customers",
///     column: "iban",
///     row: "42",
///     purpose: "payout",
///     revision: Some(7),
/// };
/// # let _ = place;
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Context<'a> {
    /// Whose it is. A value of one tenant is nothing in a row of another.
    pub tenant: &'a str,
    /// The table it is kept in.
    pub table: &'a str,
    /// The column it is kept in.
    pub column: &'a str,
    /// The row it is kept in: its primary key, as text.
    pub row: &'a str,
    /// What it may be used for: who opens it for something else gets nothing.
    pub purpose: &'a str,
    /// How often the row was written, where old values must not come back.
    pub revision: Option<u64>,
}

impl Context<'_> {
    /// The context as bytes, which are those of no other: for each part its number, its length and itself.
    ///
    /// These are what a KMS authenticates beside the key. [`sealed_format`](crate::sealed_format) tells them byte by byte.
    #[must_use]
    pub fn encoded(&self) -> Vec<u8> {
        let texts = [self.tenant, self.table, self.column, self.row, self.purpose];
        let mut bytes = Vec::with_capacity(128);
        for (number, text) in (1_u8..).zip(texts) {
            put(&mut bytes, number, text.as_bytes());
        }
        if let Some(revision) = self.revision {
            put(&mut bytes, 6, &revision.to_be_bytes());
        }
        bytes
    }
}

fn put(bytes: &mut Vec<u8>, number: u8, value: &[u8]) {
    // No machine has a longer one.
    let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
    bytes.push(number);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
}
