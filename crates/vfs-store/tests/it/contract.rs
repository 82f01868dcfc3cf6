//! What holds for every storage: a folder, the memory of the process, and that of `object_store` behind the door for clouds.

use std::{io, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use object_store::memory::InMemory;
use palisade_vfs_store::{ObjectId, Objects, Place, ReadError, WriteError};

use crate::stage::{ANY, CHUNK, all, body, bytes, in_folder, place, put, read, sent, vault};

/// Does `check` with each kind of storage.
async fn each(check: impl AsyncFn(Objects)) {
    let (folder, objects) = in_folder();
    check(objects).await;
    drop(folder);
    check(Objects::in_memory(vault())).await;
    check(Objects::over(Arc::new(InMemory::new()), vault())).await;
}

#[tokio::test]
async fn an_object_of_any_length_comes_back() {
    const MIB: usize = 1 << 20;
    each(async |objects| {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, MIB, 9 * MIB + 7] {
            let (place, plain) = (place(), bytes(length));
            let put = put(&objects, &place, &plain).await.unwrap();
            assert_eq!((put.id, put.length), (place.id, length as u64));
            assert!(all(&objects, &place, length).await.unwrap() == plain, "{length}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_object_is_nothing_at_another_id_path_or_mount_or_of_another_length() {
    each(async |objects| {
        let here = place();
        put(&objects, &here, &bytes(100_000)).await.unwrap();
        for elsewhere in [
            Place { mount: "letters", ..here },
            Place { path: "b.png", ..here },
            Place { path: "", ..here },
        ] {
            let error = objects.open_object(&elsewhere, 100_000).await.unwrap_err();
            assert!(matches!(error, ReadError::Tampered), "{elsewhere:?}: {error:?}");
        }
        for length in [0, 99_999, 100_001, u64::MAX] {
            let error = objects.open_object(&here, length).await.unwrap_err();
            assert!(matches!(error, ReadError::Tampered), "{length}: {error:?}");
        }
        let error = objects.open_object(&place(), 100_000).await.unwrap_err();
        assert!(matches!(error, ReadError::Missing), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_deleted_is_missing_and_can_be_deleted_again() {
    each(async |objects| {
        let place = place();
        put(&objects, &place, b"content").await.unwrap();
        objects.delete(&place.id).await.unwrap();
        let error = objects.open_object(&place, 7).await.unwrap_err();
        assert!(matches!(error, ReadError::Missing), "{error:?}");
        objects.delete(&place.id).await.unwrap();
        objects.delete(&ObjectId::draw()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn more_bytes_than_allowed_are_refused_and_nothing_is_stored() {
    each(async |objects| {
        for (length, limit) in [(1, 0), (8, 7), (12_000_000, 11_999_999)] {
            let place = place();
            let error = objects.put(&place, body(&bytes(length), 65_000), limit).await.unwrap_err();
            assert!(matches!(error, WriteError::TooLarge { limit: told } if told == limit));
            let error = objects.open_object(&place, length as u64).await.unwrap_err();
            assert!(matches!(error, ReadError::Missing), "{error:?}");
            let whole = objects.put(&place, body(&bytes(length), 65_000), length as u64).await;
            assert_eq!(whole.unwrap().length, length as u64);
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    each(async |objects| {
        for length in [5, 3_000_000, 20_000_000] {
            let place = place();
            let broken = stream::iter([Err(io::Error::other("reset"))]);
            let error = objects.put(&place, body(&bytes(length), 65_000).chain(broken), ANY).await;
            assert!(matches!(error, Err(WriteError::Body(_))));
            let error = objects.open_object(&place, length as u64).await.unwrap_err();
            assert!(matches!(error, ReadError::Missing), "{error:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_object_that_is_written_again_is_the_old_one_or_the_new_one() {
    each(async |objects| {
        let place = place();
        let (old, new) = (bytes(2_000_000), bytes(1_500_000));
        put(&objects, &place, &old).await.unwrap();
        let broken = stream::iter([Err(io::Error::other("reset"))]);
        objects.put(&place, body(&new, 65_000).chain(broken), ANY).await.unwrap_err();
        assert!(all(&objects, &place, old.len()).await.unwrap() == old);
        put(&objects, &place, &new).await.unwrap();
        assert!(all(&objects, &place, new.len()).await.unwrap() == new);
    })
    .await;
}

#[tokio::test]
async fn many_read_one_object_at_a_time() {
    each(async |objects| {
        let (place, plain) = (place(), bytes(5_000_000));
        put(&objects, &place, &plain).await.unwrap();
        let object = objects.open_object(&place, 5_000_000).await.unwrap();
        assert_eq!(object.length(), 5_000_000);
        let readers = (0..20_u64).map(|turn| {
            let (object, from) = (object.clone(), turn * 200_000);
            async move { (from as usize, read(&object, from..from + 1_000_000).await.unwrap()) }
        });
        for (from, found) in futures_util::future::join_all(readers).await {
            assert!(found == plain[from..(from + 1_000_000).min(plain.len())], "{from}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_in_pieces_of_any_length_is_one_object() {
    each(async |objects| {
        let plain = bytes(300_000);
        for piece in [1_usize, 4096, CHUNK, 300_000] {
            let (place, with_empty) = (place(), stream::iter([Ok(Bytes::new())]));
            let short = &plain[..plain.len().min(piece * 10_000)];
            objects.put(&place, with_empty.chain(body(short, piece)), ANY).await.unwrap();
            let (read, ended) = sent(&objects, &place, short.len(), 0..ANY).await;
            ended.unwrap();
            assert!(read == short, "{piece}");
        }
    })
    .await;
}

#[test]
fn what_is_shared_between_tasks_can_be() {
    fn check<T: Send + Sync + 'static>(_: &T) {}
    fn is_send<T: Send>(_: &T) {}
    let objects = Objects::in_memory(vault());
    let place = place();
    check(&objects);
    is_send(&objects.put(&place, body(b"", 1), 1));
    is_send(&objects.open_object(&place, 1));
    is_send(&objects.delete(&place.id));
    is_send(&objects.rewrap(&place, 1));
}
