//! The folder as a storage: what the trait of `object_store` promises, for the names of objects and for no others.

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{
    Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, path::Path,
};
use palisade_vfs_store::{Folder, ObjectId};

use crate::stage::{bytes, files};

fn folder() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder::open(folder.path()).unwrap();
    (folder, store)
}

fn path_of(id: ObjectId) -> Path {
    let name = id.to_string();
    Path::from_iter(["objects", &name[..2], &name])
}

fn path() -> Path {
    path_of(ObjectId::draw())
}

async fn read(store: &Folder, path: &Path) -> Vec<u8> {
    store.get(path).await.unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn only_the_names_of_objects_are_names_in_it() {
    let (folder, store) = folder();
    let (id, other) = (ObjectId::draw().to_string(), "00".repeat(16));
    let upper = "AB".repeat(16);
    for name in [
        String::new(),
        id.clone(),
        format!("objects/{id}"),
        format!("objects/{}/{id}x", &id[..2]),
        format!("objects/zz/{other}"),
        format!("objects/01/{other}"),
        format!("objects/AB/{upper}"),
        format!("objects/00/{other}/x"),
        format!("staged/{id}"),
        "objects/00/..".to_owned(),
        "etc/passwd".to_owned(),
    ] {
        let path = Path::from(name.as_str());
        let refused = |error: Error| {
            assert!(error.to_string().contains("no object is kept"), "{name}: {error}")
        };
        refused(store.put(&path, PutPayload::from("x")).await.unwrap_err());
        refused(store.put_multipart(&path).await.unwrap_err());
        refused(store.get(&path).await.unwrap_err());
        refused(store.delete(&path).await.unwrap_err());
    }
    assert_eq!(files(folder.path()).len(), 0);
}

#[tokio::test]
async fn a_range_or_the_whole_of_a_file_is_read_and_what_is_behind_its_end_is_an_error() {
    let (_folder, store) = folder();
    // More than is read at a time.
    let (path, content) = (path(), bytes(9_000_000));
    store.put(&path, PutPayload::from(content.clone())).await.unwrap();
    assert!(read(&store, &path).await == content);
    let range = store.get_range(&path, 4_000_000..8_999_999).await.unwrap();
    assert!(range == content[4_000_000..8_999_999]);
    assert_eq!(store.get_range(&path, 8_999_999..9_000_100).await.unwrap().len(), 1);
    let error = store.get_range(&path, 9_000_000..9_000_001).await.unwrap_err();
    assert!(matches!(error, Error::Generic { .. }), "{error:?}");
    let head = store.get_opts(&path, GetOptions::new().with_head(true)).await.unwrap();
    assert_eq!((head.meta.size, head.bytes().await.unwrap().len()), (9_000_000, 0));
    let error = store.get(&path_of(ObjectId::draw())).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_made_only_if_it_is_not_there_is_made_by_one_of_many() {
    let (folder, store) = folder();
    let path = path();
    let create = |turn: u8| {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        store.put_opts(&path, PutPayload::from(vec![turn; 1000]), options)
    };
    let made = futures_util::future::join_all((0..20).map(create)).await;
    let lost = made.iter().filter(|made| matches!(made, Err(Error::AlreadyExists { .. })));
    assert_eq!(lost.count(), 19);
    let winner = made.iter().position(Result::is_ok).unwrap();
    assert_eq!(read(&store, &path).await, vec![winner as u8; 1000]);
    assert_eq!(files(folder.path()).len(), 1, "nothing else is left");
}

#[tokio::test]
async fn parts_of_an_upload_are_where_they_belong_in_whatever_order_they_arrive() {
    let (folder, store) = folder();
    let path = path();
    let mut upload = store.put_multipart(&path).await.unwrap();
    let parts: Vec<_> = (0..10_u8)
        .map(|part| upload.put_part(PutPayload::from(vec![part; 1000 + usize::from(part)])))
        .collect();
    for part in parts.into_iter().rev() {
        part.await.unwrap();
    }
    assert!(matches!(store.get(&path).await, Err(Error::NotFound { .. })));
    upload.complete().await.unwrap();
    let expected: Vec<u8> =
        (0..10_u8).flat_map(|part| vec![part; 1000 + usize::from(part)]).collect();
    assert_eq!(read(&store, &path).await, expected);

    let mut aborted = store.put_multipart(&path).await.unwrap();
    aborted.put_part(PutPayload::from("new")).await.unwrap();
    aborted.abort().await.unwrap();
    assert!(aborted.complete().await.is_err(), "there is nothing any more");
    drop(store.put_multipart(&path).await.unwrap());
    assert_eq!(read(&store, &path).await, expected);
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn objects_are_listed_by_their_ids_of_all_or_of_one_folder() {
    let (_folder, store) = folder();
    let mut ids: Vec<_> = (0..200).map(|_| ObjectId::draw()).collect();
    for id in &ids {
        store.put(&path_of(*id), PutPayload::from("content")).await.unwrap();
    }
    ids.sort();
    let paths: Vec<_> = ids.iter().map(|id| path_of(*id)).collect();
    let list = async |prefix: Option<&str>| -> Vec<Path> {
        let prefix = prefix.map(Path::from);
        let found: Vec<_> = store.list(prefix.as_ref()).try_collect().await.unwrap();
        assert!(found.iter().all(|meta| meta.size == 7));
        found.into_iter().map(|meta| meta.location).collect()
    };
    assert_eq!(list(None).await, paths);
    assert_eq!(list(Some("objects")).await, paths);
    let shard = format!("objects/{}", &ids[0].to_string()[..2]);
    let of_shard: Vec<_> =
        paths.iter().filter(|path| path.as_ref().starts_with(&shard)).cloned().collect();
    assert_eq!(list(Some(&shard)).await, of_shard);
    for none in ["staged", "objects/zz", "elsewhere", paths[0].as_ref()] {
        assert_eq!(list(Some(none)).await, [], "{none}");
    }
    let behind: Vec<_> = store.list_with_offset(None, &paths[9]).try_collect().await.unwrap();
    assert_eq!(behind.len(), 190);
    let gone = store.delete_stream(stream::iter(paths.into_iter().map(Ok)).boxed());
    assert_eq!(gone.filter(|gone| std::future::ready(gone.is_ok())).count().await, 200);
    assert_eq!(list(None).await, []);
}

#[tokio::test]
async fn what_it_does_not_do_it_says() {
    let (_folder, store) = folder();
    let (from, to) = (path(), path());
    let says = |error: Error| assert!(matches!(error, Error::NotImplemented { .. }), "{error:?}");
    says(store.copy(&from, &to).await.unwrap_err());
    says(store.rename(&from, &to).await.unwrap_err());
    says(store.list_with_delimiter(None).await.unwrap_err());
    assert_eq!(store.to_string(), "Folder");
}
