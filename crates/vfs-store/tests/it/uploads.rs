//! Uploads that end early, and what is left of them.

use std::{
    io,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use palisade_vfs_store::Objects;

use crate::stage::{ANY, all, body, bytes, file_of, files, in_folder, place, put, vault};

/// Waits until it is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_no_file() {
    let (folder, objects) = in_folder();
    let store = folder.path().join("store");
    let place = place();
    let endless = body(&bytes(3_000_000), 65_000).chain(stream::pending());
    let mut put = Box::pin(objects.put(&place, endless, ANY));
    tokio::select! {
        _ = &mut put => panic!("it ended"),
        () = until("an upload is staged", || !files(&store).is_empty()) => {}
    }
    drop(put);
    until("no file is left", || files(&store).is_empty()).await;
}

#[tokio::test]
async fn nothing_is_to_be_seen_of_an_object_before_it_is_whole() {
    let (folder, objects) = in_folder();
    let file = file_of(folder.path(), place().id);
    let place = place();
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let end = stream::once(async {
        receiver.await.unwrap();
        Ok::<_, io::Error>(Bytes::from_static(b"the end"))
    });
    let sent = body(&bytes(5_000_000), 65_000).chain(end);
    let writing = tokio::spawn({
        let objects = objects.clone();
        async move { objects.put(&place, Box::pin(sent), ANY).await.unwrap() }
    });
    let store = folder.path().join("store");
    until("an upload is staged", || !files(&store).is_empty()).await;
    assert!(!file.exists() && objects.open_object(&place, 5_000_007).await.is_err());
    sender.send(()).unwrap();
    assert_eq!(writing.await.unwrap().length, 5_000_007);
    assert!(all(&objects, &place, 5_000_007).await.unwrap().ends_with(b"the end"));
    assert_eq!(files(&store), [file_of(folder.path(), place.id)]);
}

#[tokio::test]
async fn a_second_process_on_the_folder_leaves_running_uploads_alone_and_removes_dead_ones() {
    let (folder, objects) = in_folder();
    let store = folder.path().join("store");
    let dead = store.join("staged").join("ab".repeat(16));
    let foreign = store.join("staged/notes.txt");
    let place = place();
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let end = stream::once(async {
        receiver.await.unwrap();
        Ok::<_, io::Error>(Bytes::new())
    });
    let sent = body(&bytes(5_000_000), 65_000).chain(end);
    let writing = tokio::spawn({
        let objects = objects.clone();
        async move { objects.put(&place, Box::pin(sent), ANY).await }
    });
    until("an upload is staged", || !files(&store).is_empty()).await;
    std::fs::write(&dead, b"what a process left that was killed").unwrap();
    std::fs::write(&foreign, b"somebody else's").unwrap();

    drop(Objects::folder(&store, vault()).unwrap());
    assert!(!dead.exists() && foreign.exists());
    sender.send(()).unwrap();
    writing.await.unwrap().unwrap();
    assert_eq!(all(&objects, &place, 5_000_000).await.unwrap().len(), 5_000_000);
}

#[cfg(unix)]
#[tokio::test]
async fn files_and_folders_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, objects) = in_folder();
    let (small, large) = (place(), place());
    put(&objects, &small, b"content").await.unwrap();
    put(&objects, &large, &bytes(3_000_000)).await.unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for place in [small, large] {
        let file = file_of(folder.path(), place.id);
        assert_eq!(mode(&file), 0o600);
        file.ancestors().skip(1).take(3).for_each(|folder| assert_eq!(mode(folder), 0o700));
    }
    assert_eq!(mode(&folder.path().join("store/staged")), 0o700);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_is_full_is_an_error_and_leaves_nothing() {
    // The same test, by a process that may write files of 4 MiB at the most.
    const FOLDER: &str = "PALISADE_VFS_TEST_BOUNDED";
    let Some(folder) = std::env::var_os(FOLDER) else {
        let folder = tempfile::tempdir().unwrap();
        let bounded = r#"trap "" XFSZ; ulimit -f 4096; exec "$0" "$@""#;
        let fine = std::process::Command::new("bash")
            .args(["-c", bounded])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "uploads::a_disk_that_is_full_is_an_error_and_leaves_nothing"])
            .env(FOLDER, folder.path())
            .status();
        assert!(fine.unwrap().success());
        return assert_eq!(files(&folder.path().join("store")).len(), 1, "the one that had room");
    };
    let store = std::path::Path::new(&folder).join("store");
    let objects = Objects::folder(&store, vault()).unwrap();
    put(&objects, &place(), &bytes(1_000_000)).await.unwrap();
    let error = put(&objects, &place(), &bytes(9_000_000)).await.unwrap_err();
    assert_eq!(error.to_string(), "the storage does not answer");
}
