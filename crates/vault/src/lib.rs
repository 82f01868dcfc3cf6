//! Encrypts what a service keeps of its customers: a data key per value, a ring of keys that rotates, bound to its place.
//!
//! A [`Vault`] seals a value for one place in the database, a [`Context`], and opens it there and nowhere else. Each value has
//! a data key of its own, which a key of the service's [`KeyRing`] wraps, or a KMS does ([`KeyProvider`]). What is sealed is a
//! row of bytes, [`Sealed`], for a column `bytea` or `blob`: 143 bytes longer than the value. An object of any size, a file, is
//! sealed in chunks, by a [`StreamSealer`], and any range of it is opened by a [`StreamOpener`].
//!
//! # Rules
//!
//! Of a value that is sealed:
//!
//! 1. It is at most [`MAX_PLAINTEXT`] long.
//! 2. A data key is drawn, and used for this value alone; and so is a nonce.
//! 3. The primary key wraps the data key, by XAES-256-GCM (C2SP), whose nonces of 192 bits may be drawn at random 2⁸⁰ times.
//! 4. From the data key, the nonce and the context come the key of AES-256-GCM that encrypts the value, and a commitment: no
//!    other key and no other context has the same.
//!
//! Of a value that is opened, the first that fails is the error:
//!
//! 1. It is not written like a sealed value: [`OpenError::Malformed`].
//! 2. Its key is of a version below the minimum: [`OpenError::BelowMinimum`].
//! 3. Nobody has its key: [`OpenError::UnknownKey`].
//! 4. It was changed, is of another place, or of another revision of the row: [`OpenError::Tampered`], which does not say
//!    where. Nothing of the value is given away before all of it is known to be good.
//!
//! Each of these is an event `vault.refused` of the security log, with the place. What to do is the caller's: abort, write it
//! in the audit, keep the row aside. Where the KMS does not answer, the error is [`OpenError::Unavailable`], and no event.
//!
//! [`sealed_format`] is the format byte by byte, with what authenticates what.
//!
//! Of an object in chunks:
//!
//! 1. It has a data key, a salt and a commitment in its [header](StreamHeader), and is bound to its place like a value.
//! 2. Each chunk is sealed under its number, and the last one as the last: what is flipped, moved, dropped, repeated, of
//!    another object or an older version of this one, cut off or added, is [`OpenError::Tampered`].
//! 3. A chunk is verified as a whole before a byte of it is given out, and the last one before any other: the length is proven
//!    first, for ranges too.
//! 4. Once a chunk was refused, all of them are, and the event is one for the object.
//!
//! [`stream_format`] is that format, and says what a range guarantees.
//!
//! # Rotation
//!
//! Nothing is down meanwhile, and every step can wait for a day:
//!
//! 1. A new key is put in the ring of every instance, while the old one stays primary (`primary=1,2:…,1:…`): each can read
//!    what the others will write.
//! 2. It becomes the primary one (`2:…,1:…`). What is written from now on is under it.
//! 3. A job goes over the rows: what [`needs_rewrap`](Vault::needs_rewrap) is [rewrapped](Vault::rewrap), and written where the
//!    row still is as it was read (`update … set iban = $new where id = $id and iban = $old`), so that no newer value is lost.
//! 4. The minimum is raised (`minimum=2`), and the old key is deleted. What was overlooked is refused by name, and not lost
//!    while there is a copy of the key. [`KeyRing::usage`] tells before whether anything still asks for the old key.
//!
//! Where a key of the ring was *stolen*, rewrapping is not enough: who had it knows the data keys that it wrapped. Then
//! [`Vault::reseal`] encrypts under new data keys.
//!
//! Of an object in chunks, [`rewrap_stream_header`](Vault::rewrap_stream_header) writes the header anew, whatever the object's
//! length. Keep it in a row of the database: there it is replaced whole, or not.
//!
//! # Replayed rows
//!
//! A value that was good for a place once is good there for ever, and who can write to the table can put the old one back. So
//! a context has room for a [`revision`](Context::revision), which the writer counts up:
//!
//! ```sql
//! update customers set iban = $sealed_at_revision_8, revision = 8 where id = 42 and revision = 7
//! ```
//!
//! The reader opens with the revision that he expects, so an old value is [`OpenError::Tampered`]. That is worth as much as
//! the place where the revision is kept: in the same row it finds a column that was restored alone, or mixed from two
//! backups. Against who can write whole rows it must be where he cannot write: an audit log, another store.
//!
//! # What happens at the bounds
//!
//! A ring has [`KeyRing::MAX_KEYS`] keys, a file of keys 64 KiB, a value [`MAX_PLAINTEXT`], a wrapped key
//! [`MAX_WRAPPED`], an object in chunks [`StreamShape::MAX_LENGTH`]; what is larger is refused. Of an object one chunk is in
//! memory, [`ChunkSize`] long, however long the object is.
//!
//! # Place in the stack
//!
//! It is no layer: handlers and stores use it where they write to a database.
//!
//! # Deployment caveat
//!
//! - Who can read the process's memory has the keys. What this crate holds of keys and values is overwritten when it is dropped;
//!   what aws-lc and the caller hold, what lies in registers and on the stack for a moment, and what the system swaps out is not.
//! - `VAULT_KEYS` in the environment is seen by whoever may look at the process; a file that its owner alone may read is
//!   better, a KMS best. [`KeyRing::read`] refuses a file that others may read.
//! - Keys are kept apart from the backups of the database, and not lost: nobody can open what is sealed without them.
//! - The length of a value shows. Where it tells something, pad it before.
//!
//! # Example
//!
//! Keys in the environment, `VAULT_KEYS=2:base64…,1:base64…`, each from `openssl rand -base64 32`:
//!
//! ```
//! use palisade_vault::{Context, KeyRing, OpenError, Vault};
//! # let text = |key: palisade_vault::Secret| key.expose_str().unwrap().to_owned();
//! # let (new, old) = (text(palisade_vault::Key::generate()?.expose_base64()), text(palisade_vault::Key::generate()?.expose_base64()));
//! # let variable = format!("2:{new},1:{old}");
//!
//! let vault = Vault::new(KeyRing::parse(&variable)?);
//! let place = Context {
//!     tenant: "acme",
//!     table: "customers",
//!     column: "iban",
//!     row: "42",
//!     purpose: "payout",
//!     revision: None,
//! };
//!
//! let sealed = vault.seal_now(&place, b"DE02120300000000202051")?;
//! let stored: Vec<u8> = sealed.into_bytes(); // A column `bytea` or `blob`.
//!
//! let opened = vault.open_now(&place, &stored.clone().into())?;
//! assert_eq!(opened.expose(), b"DE02120300000000202051");
//!
//! // Copied to another row, it is nothing.
//! let elsewhere = Context { row: "43", ..place };
//! let refused = vault.open_now(&elsewhere, &stored.into());
//! assert!(matches!(refused, Err(OpenError::Tampered)));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Keys in a KMS, which has to be waited for; `Vault<dyn KeyProvider>` is for who decides at the start which it is:
//!
//! ```
//! use std::sync::Arc;
//! use palisade_vault::{Context, DataKey, KeyProvider, KeyVersion, ProviderError, ProviderFuture, Vault, Wrapped};
//! # #[derive(Clone, Debug)] struct Kms;
//! # impl Kms {
//! #     async fn encrypt(&self, text: &[u8], _aad: &[u8]) -> Result<Vec<u8>, std::io::Error> { Ok(text.to_vec()) }
//! #     async fn decrypt(&self, text: &[u8], _aad: &[u8]) -> Result<[u8; 32], std::io::Error> { Ok(text.try_into().unwrap()) }
//! # }
//!
//! impl KeyProvider for Kms {
//!     fn primary(&self) -> KeyVersion {
//!         KeyVersion::FIRST // A KMS that counts versions itself is one key here.
//!     }
//!     fn wrap_key<'a>(&'a self, key: &'a DataKey, context: &'a Context<'a>) -> ProviderFuture<'a, Wrapped> {
//!         Box::pin(async move {
//!             let bytes = self.encrypt(key.expose(), &context.encoded()).await;
//!             Ok(Wrapped::new(self.primary(), bytes.map_err(ProviderError::unavailable)?))
//!         })
//!     }
//!     fn unwrap_key<'a>(
//!         &'a self,
//!         _version: KeyVersion,
//!         wrapped: &'a [u8],
//!         context: &'a Context<'a>,
//!     ) -> ProviderFuture<'a, DataKey> {
//!         Box::pin(async move {
//!             // One that says that the bytes are not its own answers `ProviderError::Refused`.
//!             let key = self.decrypt(wrapped, &context.encoded()).await;
//!             Ok(DataKey::new(key.map_err(ProviderError::unavailable)?))
//!         })
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let vault: Vault<dyn KeyProvider> = Vault::shared(Arc::new(Kms));
//! let place = Context { tenant: "acme", table: "tokens", column: "refresh", row: "7", purpose: "mail", revision: Some(3) };
//! let sealed = vault.seal(&place, b"1//0g-secret").await?;
//! assert_eq!(vault.open(&place, &sealed).await?.expose(), b"1//0g-secret");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! An object as it comes, and some bytes from its middle:
//!
//! ```
//! use palisade_vault::{ChunkSize, Context, Key, KeyRing, KeyVersion, OpenError, StreamHeader, Vault};
//! # let vault = Vault::new(KeyRing::new([(KeyVersion::FIRST, Key::generate()?)])?);
//! # let (upload, mut store) = (vec![7; 300_000], Vec::new());
//!
//! let place = Context {
//!     tenant: "acme",
//!     table: "files",
//!     column: "content",
//!     row: "0190b5f2",
//!     purpose: "download",
//!     revision: Some(1),
//! };
//!
//! let mut sealer = vault.begin_stream_now(&place, ChunkSize::DEFAULT)?.buffered();
//! for mut piece in upload.chunks(8192) {
//!     while let Some(chunk) = sealer.push(&mut piece)? {
//!         store.extend_from_slice(chunk);
//!     }
//! }
//! let header: Vec<u8> = sealer.header().as_bytes().to_vec(); // A column of the row of this file.
//! store.extend_from_slice(&sealer.finish()?);
//!
//! // The last chunk first: it proves the length.
//! let read = |at: std::ops::Range<u64>| store[at.start as usize..at.end as usize].to_vec();
//! let stream = vault.open_stream_now(&place, &StreamHeader::from(header), store.len() as u64)?;
//! let mut last = read(stream.last().sealed());
//! let (opener, _) = stream.prove(&mut last)?;
//! assert_eq!(opener.length(), 300_000);
//!
//! let mut answer = Vec::new();
//! for chunk in opener.chunks_of(100_000..200_000) {
//!     let mut buffer = read(chunk.sealed());
//!     answer.extend_from_slice(opener.open(&chunk, &mut buffer)?);
//! }
//! assert_eq!(answer, &upload[100_000..200_000]);
//!
//! let chunk = opener.chunks_of(0..1).next().unwrap();
//! let mut flipped = read(chunk.sealed());
//! flipped[9] ^= 1;
//! assert!(matches!(opener.open(&chunk, &mut flipped), Err(OpenError::Tampered)));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! `cargo run -p palisade-vault --example rotation` walks through a rotation.
//!
//! # Not done here
//!
//! - Searching: each value is encrypted anew, so equal ones differ. Keep a keyed digest in a column of its own for look-ups.
//! - Reading and writing: it does no I/O, and a store has to answer for a chunk in the middle. An object that can only be read
//!   from its front, a pipe, is not opened: nothing would say that it was cut off before the end of what is left.
//! - Changing a part of an object: an object that changes is sealed anew, at another revision.
//! - Passwords: those are hashed, not encrypted.
//! - Writing the audit's row, and keeping a bad row aside: whoever calls has the transaction.
//! - A choice of ciphers: a format has one. Another one will be format 2.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod alert;
mod context;
mod data_key;
mod derived;
mod error;
mod gcm;
mod key;
mod key_ring;
mod key_version;
mod mask;
mod payload;
mod provider;
mod ring_text;
mod sealed;
mod secret;
mod stream;
mod vault;
mod xaes;

#[doc = include_str!("../docs/sealed-format.md")]
pub mod sealed_format {}

#[doc = include_str!("../docs/stream-format.md")]
pub mod stream_format {}

pub use self::{
    context::Context,
    data_key::DataKey,
    error::{OpenError, RewrapError, SealError},
    key::Key,
    key_ring::{KeyRing, KeyUsage},
    key_version::KeyVersion,
    mask::{Masked, mask},
    payload::MAX_PLAINTEXT,
    provider::{KeyProvider, ProviderError, ProviderFuture, Wrapped},
    sealed::{MAX_WRAPPED, Sealed},
    secret::Secret,
    stream::{
        BufferedSealer, Chunk, ChunkSize, Chunks, StreamHeader, StreamOpener, StreamSealer,
        StreamShape, UnprovenStream,
    },
    vault::Vault,
};
