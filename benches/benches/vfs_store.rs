//! Objects written to a folder and read from it, beside the local backend of `object_store`, and beside the folder without a vault.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::default_trait_access,
    reason = "a benchmark that cannot be set up must fail"
)]

use std::{hint::black_box, io, path::Path as FilePath};

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path};
use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
use palisade_vfs_store::{Folder, ObjectId, Objects, Place};
use tokio::runtime::Runtime;

const MIB: usize = 1 << 20;

/// A large object, and a small one.
const LARGE: usize = 256 * MIB;
const SMALL: usize = 4096;

/// Pieces as they come from a socket.
const PIECE: usize = 64 << 10;

fn place() -> Place<'static> {
    Place { mount: "pictures", path: "a.png", id: ObjectId::draw() }
}

fn path() -> Path {
    let name = ObjectId::draw().to_string();
    Path::from_iter(["objects", name.get(..2).expect("32 digits"), &name])
}

fn objects(folder: &FilePath) -> Objects {
    let key = Key::generate().expect("random bytes");
    let vault = Vault::new(KeyRing::new([(KeyVersion::FIRST, key)]).expect("a ring"));
    Objects::folder(folder.join("objects"), vault).expect("a folder")
}

fn body(content: &Bytes) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let content = content.clone();
    let pieces = (0..content.len()).step_by(PIECE);
    stream::iter(pieces).map(move |at| Ok(content.slice(at..(at + PIECE).min(content.len()))))
}

/// Writes in parts of a MiB, two at a time, and removes what was written.
async fn written(store: &impl ObjectStore, content: &Bytes) {
    let path = path();
    if content.len() <= MIB {
        store.put(&path, PutPayload::from(content.clone())).await.expect("written");
    } else {
        let mut upload = store.put_multipart_opts(&path, Default::default()).await.expect("begun");
        let parts: Vec<_> = (0..content.len())
            .step_by(MIB)
            .map(|at| upload.put_part(content.slice(at..(at + MIB).min(content.len())).into()))
            .collect();
        let parts = stream::iter(parts).buffered(2);
        parts.try_collect::<Vec<()>>().await.expect("written");
        upload.complete().await.expect("there");
    }
    store.delete(&path).await.expect("removed");
}

async fn written_sealed(objects: &Objects, content: &Bytes) {
    let place = place();
    objects.put(&place, body(content), u64::MAX).await.expect("written");
    objects.delete(&place.id).await.expect("removed");
}

async fn read_sealed(objects: &Objects, place: &Place<'_>, length: usize) {
    let length = u64::try_from(length).expect("a length");
    let object = objects.open_object(place, length).await.expect("an object");
    let mut pieces = object.read(0..length);
    while let Some(piece) = pieces.next().await {
        black_box(piece.expect("what was written"));
    }
}

async fn read(store: &impl ObjectStore, path: &Path) {
    let mut pieces = store.get(path).await.expect("an object").into_stream();
    while let Some(piece) = pieces.next().await {
        black_box(piece.expect("what was written"));
    }
}

/// Reads as ours does: a MiB at a time, one ahead.
async fn read_by_ranges(store: &impl ObjectStore, path: &Path, length: usize) {
    let length = u64::try_from(length).expect("a length");
    let ranges = (0..length).step_by(MIB).map(|at| at..(at + (1 << 20)).min(length));
    let mut pieces = stream::iter(ranges).map(|range| store.get_range(path, range)).buffered(2);
    while let Some(piece) = pieces.next().await {
        black_box(piece.expect("what was written"));
    }
}

fn vfs_store(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let temporary = tempfile::tempdir().expect("a folder");
    let ours = objects(temporary.path());
    let bare = Folder::open(temporary.path().join("bare")).expect("a folder");
    let local = |name: &str| {
        let folder = temporary.path().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        LocalFileSystem::new_with_prefix(folder).expect("a folder")
    };
    let (peer, synced) = (local("peer"), local("synced").with_fsync(true));
    let mut group = criterion.benchmark_group("vfs-store");
    group.sample_size(10);
    for (name, length) in [("256 MiB", LARGE), ("4 KiB", SMALL)] {
        let content = Bytes::from(vec![b'v'; length]);
        group.throughput(Throughput::Bytes(u64::try_from(length).expect("a length")));
        let mut bench = |name: String, work: &mut dyn FnMut()| {
            group.bench_function(name, |bench| bench.iter(&mut *work));
        };
        bench(format!("{name} written"), &mut || runtime.block_on(written_sealed(&ours, &content)));
        bench(format!("{name} written, the folder alone"), &mut || {
            runtime.block_on(written(&bare, &content));
        });
        bench(format!("peer: LocalFileSystem with fsync, {name} written"), &mut || {
            runtime.block_on(written(&synced, &content));
        });
        bench(format!("peer: LocalFileSystem, {name} written"), &mut || {
            runtime.block_on(written(&peer, &content));
        });

        let (place, path) = (place(), path());
        runtime.block_on(async {
            ours.put(&place, body(&content), u64::MAX).await.expect("written");
            bare.put(&path, content.clone().into()).await.expect("written");
            peer.put(&path, content.clone().into()).await.expect("written");
        });
        bench(format!("{name} read"), &mut || runtime.block_on(read_sealed(&ours, &place, length)));
        bench(format!("{name} read, the folder alone"), &mut || {
            runtime.block_on(read(&bare, &path));
        });
        bench(format!("peer: LocalFileSystem, {name} read"), &mut || {
            runtime.block_on(read(&peer, &path));
        });
        bench(format!("peer: LocalFileSystem by ranges of a MiB, {name} read"), &mut || {
            runtime.block_on(read_by_ranges(&peer, &path, length));
        });
    }
    group.finish();
}

criterion_group!(benches, vfs_store);
criterion_main!(benches);
