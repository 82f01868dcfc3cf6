//! Keeps files in storage that is not trusted: a folder, S3, GCS or Azure; encrypted in chunks, any range readable.
//!
//! [`Objects`] are files in a storage that others can read, write and lose. Each is encrypted by the [vault](palisade_vault)
//! as it comes, under a key of its own and bound to its [`Place`], and stored under 128 random bits, its [`ObjectId`]: the
//! storage knows no names, and nothing but lengths and times. Which path has which object, and how long it is, stands in an
//! index that is trusted, a database: this crate knows no paths.
//!
//! # Rules
//!
//! Of an object that is written ([`Objects::put`]):
//!
//! 1. It is sealed in chunks of 64 KiB as it comes. A few parts of it are in memory, 3 MiB for a folder, however long it is.
//! 2. It has a limit, in bytes: what is longer is [`WriteError::TooLarge`], and nothing is left of it.
//! 3. The storage has nothing at its place before it is whole. An error, or who writes it going away, aborts it.
//! 4. In a folder it is on the disk when this returns.
//!
//! Of an object that is read ([`Objects::open_object`], [`Object::read`]):
//!
//! 1. Nothing has its id: [`ReadError::Missing`]. Something else than a file has: [`ReadError::Tampered`].
//! 2. It is not as long as the index says: [`ReadError::Tampered`].
//! 3. Its header is not one that was sealed for this place, or the last chunk is not the last of this object:
//!    [`ReadError::Tampered`]. Until here nothing was given out.
//! 4. Each chunk is verified as a whole before a byte of it is given out. Whichever was flipped, dropped, repeated, swapped
//!    or is another object's ends the reading: what was given out is a prefix of what was written.
//! 5. The storage does not answer: [`ReadError::Unavailable`], which says nothing about the object.
//!
//! Of the first four each object tells the security log once: `object.refused` with an `outcome` (`missing`, `length`,
//! `not-a-file`), or the vault's `vault.refused`. What to write in the audit is the caller's.
//!
//! # What is stored
//!
//! At `objects/ab/abcdef…`, whose id has 32 digits: the [header](palisade_vault::StreamHeader) and behind it the chunks, by
//! [the vault's format](palisade_vault::stream_format), for the context tenant = mount, table `files`, column `content`, row =
//! the id, purpose `vfs`, no revision. No two objects have one id, so an older one that is put back is nothing.
//!
//! # A folder
//!
//! [`Folder`] is a storage of its own, because that of `object_store` follows links. Each folder in it is opened from the one
//! that holds it, by capabilities (cap-std), and nothing by following a link; nothing but ids is ever a name in it.
//!
//! # Clouds
//!
//! By features, which are off: `aws`, `gcp`, `azure`. Each brings an HTTP client. [`Objects::open`] takes a URL and options,
//! [`Objects::over`] any storage that the crate `object_store` knows. Parts are 8 MiB at first and grow, so that 10 000 of
//! them hold whatever the vault seals; where a storage wants parts of one length (R2) an object is 8 GB at most. Uploads that
//! were cut are removed by a rule of the bucket (`AbortIncompleteMultipartUpload`): the crate aborts those that it can.
//!
//! # What nobody knows
//!
//! An object is in the storage before its index knows it, and after its index forgot it. So an index notes ids before it
//! writes, and [`Objects::sweep`] finds what is left of crashes: it goes over 256 [`Shard`]s, one at a time.
//!
//! An index that loses nothing, whenever its process is killed, does this:
//!
//! 1. It notes an id, and commits that; then [`Objects::put`] writes the object.
//! 2. In one transaction the path gets the new id, the note of it goes, and the id that the path had is noted.
//! 3. What was noted longer ago than an upload or a download takes is deleted ([`Objects::delete`]), and then its note.
//!
//! Backups are of the index first, then of the storage, while nothing is deleted: then each object that the index has is in the copy.
//!
//! # What happens at the bounds
//!
//! An object has 16 TiB at most, and the limit that is given. Reading, 1 MiB of a folder is in memory and 1 MiB ahead (4 and 4
//! of a cloud); writing, a part that is being filled and two on their way.
//!
//! # Place in the stack
//!
//! It is no layer: handlers use it behind the layers that decide who may, such as `palisade-vfs-acl`. The repository's
//! `examples/reference-server` has both, with an index in a database.
//!
//! # Deployment caveat
//!
//! - The index is trusted: who can write to it can name another object of the same mount. Back it up with the keys.
//! - Who can write to the storage can delete from it. That is noticed when an object is read, and not undone.
//! - Who watches the storage sees how long objects are and when they are read.
//! - A folder and its parents belong to the server's user. Somebody who is allowed to rename the folder itself can put another
//!   one in its place for the next start.
//! - A wrapped key that KMS and ring write in different lengths moves the chunks when it is [rewrapped](Objects::rewrap): who
//!   reads the object at that moment is told that it is damaged.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use futures_util::{TryStreamExt, stream};
//! use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
//! use palisade_vfs_store::{ObjectId, Objects, Place, ReadError};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! # let folder = std::env::temp_dir().join(format!("palisade-vfs-store-example-{}", std::process::id()));
//! let vault = Vault::new(KeyRing::new([(KeyVersion::FIRST, Key::generate()?)])?);
//! let objects = Objects::folder(&folder, vault)?;
//!
//! let place = Place { mount: "pictures", path: "2026/may.png", id: ObjectId::draw() };
//! let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"some bytes, as they come"))]);
//! let put = objects.put(&place, body, 1 << 30).await?;
//! // Now the index is told: this path of `pictures` has `put.id`, of `put.length` bytes.
//!
//! let object = objects.open_object(&place, put.length).await?;
//! let middle: Vec<Bytes> = object.read(5..10).try_collect().await?;
//! assert_eq!(middle.concat(), b"bytes");
//!
//! // In another mount, or as another file, it is nothing.
//! let elsewhere = Place { mount: "letters", ..place };
//! assert!(matches!(objects.open_object(&elsewhere, put.length).await, Err(ReadError::Tampered)));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Not done here
//!
//! - Paths, listings, who may: the index and the rules of the mounts.
//! - Changing a part of an object: it is written anew, under another id.
//! - Keeping copies: storages do that, or do not.
//! - Rotation without copying: a header is in front of its chunks, so that an object and the keys are all that is needed to
//!   read it; a storage replaces objects as a whole.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod alert;
mod error;
mod folder;
mod location;
mod object;
mod object_id;
mod objects;
mod place;
mod put;
mod reading;
mod rewrap;
mod stored;
mod sweep;
mod transfer;
mod upload;

pub use self::{
    error::{ReadError, RewrapError, SweepError, WriteError},
    folder::Folder,
    object::Object,
    object_id::ObjectId,
    objects::Objects,
    place::Place,
    put::Put,
    sweep::{Shard, Swept},
};
