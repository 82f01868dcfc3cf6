//! What most tests begin with: a vault, storages, an object.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
use palisade_vfs_store::{ObjectId, Objects, Place, Put, ReadError, WriteError};
use tempfile::TempDir;

/// What is in a chunk, and as what it is stored.
pub(crate) const CHUNK: usize = 64 << 10;
pub(crate) const WHOLE: usize = CHUNK + 16;
/// A header under a key ring.
pub(crate) const HEADER: usize = 148;

pub(crate) const ANY: u64 = u64::MAX;

pub(crate) fn vault() -> Vault {
    Vault::new(KeyRing::new([(KeyVersion::FIRST, Key::generate().unwrap())]).unwrap())
}

/// Objects in a folder of this test's own.
pub(crate) fn in_folder() -> (TempDir, Objects) {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::folder(folder.path().join("store"), vault()).unwrap();
    (folder, objects)
}

pub(crate) fn place() -> Place<'static> {
    Place { mount: "pictures", path: "a.png", id: ObjectId::draw() }
}

/// Bytes of which no two chunks are alike.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| ((at as u32) ^ (at as u32 >> 13)).wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect()
}

/// Bytes as a client sends them, in pieces of this length.
pub(crate) fn body(
    bytes: &[u8],
    piece: usize,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let pieces: Vec<_> =
        bytes.chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

pub(crate) async fn put(
    objects: &Objects,
    place: &Place<'_>,
    bytes: &[u8],
) -> Result<Put, WriteError> {
    objects.put(place, body(bytes, 10_007), ANY).await
}

/// What a client gets of a range, and why it ended.
pub(crate) async fn sent(
    objects: &Objects,
    place: &Place<'_>,
    length: usize,
    range: Range<u64>,
) -> (Vec<u8>, Result<(), ReadError>) {
    let object = match objects.open_object(place, length as u64).await {
        Ok(object) => object,
        Err(error) => return (Vec::new(), Err(error)),
    };
    let mut sent = Vec::new();
    let mut pieces = object.read(range);
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => sent.extend_from_slice(&piece),
            Err(error) => {
                assert!(pieces.next().await.is_none(), "nothing comes after an error");
                return (sent, Err(error));
            }
        }
    }
    (sent, Ok(()))
}

pub(crate) async fn all(
    objects: &Objects,
    place: &Place<'_>,
    length: usize,
) -> Result<Vec<u8>, ReadError> {
    let (sent, ended) = sent(objects, place, length, 0..ANY).await;
    ended.map(|()| sent)
}

/// The file of an object.
pub(crate) fn file_of(folder: &Path, id: ObjectId) -> PathBuf {
    let name = id.to_string();
    folder.join("store/objects").join(&name[..2]).join(&name)
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found
}

/// What is read of an open object.
pub(crate) async fn read(
    object: &palisade_vfs_store::Object,
    range: Range<u64>,
) -> Result<Vec<u8>, ReadError> {
    let pieces: Vec<Bytes> = object.read(range).try_collect().await?;
    Ok(pieces.concat())
}
