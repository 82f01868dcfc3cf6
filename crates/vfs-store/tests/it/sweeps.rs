//! What nobody knows is removed, and nothing else.

use std::{
    collections::HashSet,
    fs, io,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use palisade_vfs_store::{ObjectId, Objects, Place, Shard, SweepError, Swept};

use crate::stage::{all, in_folder, put, vault};

fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

fn earlier() -> SystemTime {
    SystemTime::now() - Duration::from_secs(3600)
}

/// Sweeps one shard with an index that knows these.
async fn sweep(objects: &Objects, shard: Shard, before: SystemTime, known: &[ObjectId]) -> Swept {
    let known = |ids: Vec<ObjectId>| {
        assert!(!ids.is_empty() && ids.len() <= 1000, "{} at a time", ids.len());
        let known = ids.into_iter().filter(|id| known.contains(id)).collect();
        async move { Ok::<HashSet<_>, io::Error>(known) }
    };
    objects.sweep(shard, before, known).await.unwrap()
}

fn id(first: u8, number: u16) -> ObjectId {
    let mut bytes = [first; 16];
    bytes[14..].copy_from_slice(&number.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

async fn write(objects: &Objects, id: ObjectId) {
    put(objects, &Place { mount: "pictures", path: "a.png", id }, b"content").await.unwrap();
}

async fn is_there(objects: &Objects, id: ObjectId) -> bool {
    all(objects, &Place { mount: "pictures", path: "a.png", id }, 7).await.is_ok()
}

#[tokio::test]
async fn what_the_index_does_not_know_is_removed_from_its_shard_alone() {
    let (_folder, in_folder) = in_folder();
    for objects in [in_folder, Objects::in_memory(vault())] {
        for number in 0..4 {
            write(&objects, id(5, number)).await;
            write(&objects, id(6, number)).await;
        }
        let known = [id(5, 1), id(5, 3)];
        let swept = sweep(&objects, Shard::of(&id(5, 0)), later(), &known).await;
        assert_eq!((swept.objects, swept.removed), (4, 2));
        for number in 0..4 {
            assert_eq!(is_there(&objects, id(5, number)).await, number % 2 == 1);
            assert!(is_there(&objects, id(6, number)).await);
        }
        let swept = sweep(&objects, Shard::of(&id(5, 0)), later(), &known).await;
        assert_eq!((swept.objects, swept.removed), (2, 0));
    }
}

#[tokio::test]
async fn what_is_younger_than_the_longest_upload_is_left_alone() {
    let (_folder, objects) = in_folder();
    write(&objects, id(5, 0)).await;
    let swept = sweep(&objects, Shard::of(&id(5, 0)), earlier(), &[]).await;
    assert_eq!((swept.objects, swept.removed), (1, 0));
    assert!(is_there(&objects, id(5, 0)).await);
}

#[tokio::test]
async fn a_shard_of_many_objects_is_asked_about_in_batches() {
    let objects = Objects::in_memory(vault());
    for number in 0..2500 {
        write(&objects, id(9, number)).await;
    }
    let known: Vec<_> = (0..1200).map(|number| id(9, number * 2)).collect();
    let swept = sweep(&objects, Shard::of(&id(9, 0)), later(), &known).await;
    assert_eq!((swept.objects, swept.removed), (2500, 1300));
    assert!(is_there(&objects, id(9, 2)).await && !is_there(&objects, id(9, 3)).await);
}

#[tokio::test]
async fn files_of_others_are_left_alone_and_cut_uploads_are_removed() {
    let (folder, objects) = in_folder();
    write(&objects, id(5, 0)).await;
    let shard = folder.path().join("store/objects/05");
    // No id, one in capitals, and one that belongs elsewhere.
    let others =
        ["notes.txt", &"AB".repeat(16), &id(6, 0).to_string()].map(|name| shard.join(name));
    others.iter().for_each(|path| fs::write(path, b"somebody else's").unwrap());
    let cut = folder.path().join("store/staged").join(id(1, 1).to_string());
    fs::write(&cut, b"half of an upload").unwrap();
    let swept = sweep(&objects, Shard::of(&id(5, 0)), later(), &[]).await;
    assert_eq!((swept.objects, swept.removed, swept.uploads), (1, 1, 1));
    assert!(others.iter().all(|path| path.exists()) && !cut.exists());
}

#[tokio::test]
async fn where_the_index_does_not_answer_nothing_is_removed() {
    let (_folder, objects) = in_folder();
    write(&objects, id(5, 0)).await;
    let down = |_| async { Err::<HashSet<_>, _>(io::Error::other("no route to host")) };
    let error = objects.sweep(Shard::of(&id(5, 0)), later(), down).await.unwrap_err();
    assert!(matches!(error, SweepError::Index(_)), "{error:?}");
    assert!(is_there(&objects, id(5, 0)).await);
}

#[tokio::test]
async fn the_256_shards_are_swept_one_after_another_and_hold_every_object() {
    let (_folder, objects) = in_folder();
    let written: Vec<_> = (0..50).map(|_| ObjectId::draw()).collect();
    for id in &written {
        write(&objects, *id).await;
    }
    let asked = Mutex::new(Vec::new());
    let (mut shard, mut shards) = (Some(Shard::FIRST), 0);
    while let Some(now) = shard {
        let known = |ids: Vec<ObjectId>| {
            asked.lock().unwrap().extend(ids.clone());
            async move { Ok::<HashSet<_>, io::Error>(ids.into_iter().collect()) }
        };
        assert_eq!(objects.sweep(now, later(), known).await.unwrap().removed, 0);
        shard = now.next();
        shards += 1;
    }
    let mut due = written;
    due.sort();
    assert_eq!((shards, asked.into_inner().unwrap()), (256, due));
    assert_eq!(Shard::all().count(), 256);
}
