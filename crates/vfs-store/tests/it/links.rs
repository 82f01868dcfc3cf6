//! Links, pipes and folders that somebody plants in the folder: nothing outside is read, written or deleted.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use palisade_vfs_store::{Folder, Objects, Place, ReadError, Shard};
use serde_json::Value;

use crate::{
    events::told,
    stage::{ANY, all, bytes, file_of, files, in_folder, place, put, sent, vault},
};

/// An object in a folder, and a folder beside it that holds another object of the same place: with the same keys, so that
/// only where it lies is wrong with it.
struct Case {
    folder: tempfile::TempDir,
    objects: Objects,
    place: Place<'static>,
}

const LENGTH: usize = 100;
const OUTSIDE: [u8; LENGTH] = [b'!'; LENGTH];

impl Case {
    async fn new() -> Self {
        let (folder, objects) = in_folder();
        let place = place();
        put(&objects, &place, &OUTSIDE).await.unwrap();
        let file = file_of(folder.path(), place.id);
        fs::create_dir(folder.path().join("outside")).unwrap();
        let case = Self { folder, objects, place };
        fs::rename(file, case.outside()).unwrap();
        put(&case.objects, &place, &bytes(LENGTH)).await.unwrap();
        case
    }

    fn file(&self) -> PathBuf {
        file_of(self.folder.path(), self.place.id)
    }

    fn shard(&self) -> PathBuf {
        self.file().parent().unwrap().to_owned()
    }

    fn outside(&self) -> PathBuf {
        self.folder.path().join("outside").join(self.place.id.to_string())
    }

    /// Nothing outside was written or deleted.
    fn is_outside_whole(&self) {
        let outside = self.folder.path().join("outside");
        assert_eq!(files(&outside), [self.outside()]);
        assert_eq!(fs::metadata(self.outside()).unwrap().len() as usize, 148 + LENGTH + 16);
    }

    async fn read(&self) -> (Vec<u8>, Result<(), ReadError>) {
        sent(&self.objects, &self.place, LENGTH, 0..ANY).await
    }
}

fn is_planted(events: &[Value]) {
    assert!(!events.is_empty());
    for event in events {
        assert_eq!(event["fields"]["event"], "object.refused", "{event}");
        assert_eq!(event["fields"]["outcome"], "not-a-file", "{event}");
    }
}

#[test]
fn v3_a_link_in_the_place_of_an_object_is_not_followed_and_is_an_alert() {
    let ((), events) = told(async {
        let case = Case::new().await;
        let relative = Path::new("../../../outside").join(case.place.id.to_string());
        let inside = Path::new("../../staged/x").to_owned();
        for target in [case.outside(), relative, inside, PathBuf::from("/dev/zero")] {
            fs::remove_file(case.file()).unwrap();
            symlink(&target, case.file()).unwrap();
            let (read, ended) = case.read().await;
            assert!(read.is_empty(), "{target:?}");
            assert!(matches!(ended, Err(ReadError::Tampered)), "{target:?}: {ended:?}");
        }
        case.is_outside_whole();
    });
    is_planted(&events);
    assert_eq!(events.len(), 4);
}

#[test]
fn v3_a_link_that_stays_in_the_folder_is_not_followed_either() {
    let ((), events) = told(async {
        let case = Case::new().await;
        for path in [case.file(), case.shard()] {
            let real = path.with_extension("real");
            fs::rename(&path, &real).unwrap();
            symlink(real.file_name().unwrap(), &path).unwrap();
            assert!(fs::read(case.file()).is_ok(), "others follow it");
            let (read, ended) = case.read().await;
            assert!(read.is_empty() && matches!(ended, Err(ReadError::Tampered)), "{ended:?}");
            fs::remove_file(&path).unwrap();
            fs::rename(&real, &path).unwrap();
        }
        case.read().await.1.unwrap();
    });
    is_planted(&events);
    assert_eq!(events.len(), 2);
}

#[test]
fn v3_a_pipe_or_a_folder_in_the_place_of_an_object_is_refused_and_not_waited_for() {
    let ((), events) = told(async {
        let case = Case::new().await;
        fs::remove_file(case.file()).unwrap();
        fs::create_dir(case.file()).unwrap();
        let (_, ended) = case.read().await;
        assert!(matches!(ended, Err(ReadError::Tampered)), "{ended:?}");
        case.objects.delete(&case.place.id).await.unwrap_err();
        fs::remove_dir(case.file()).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(case.file()).status().unwrap().success());
        let (_, ended) = case.read().await;
        assert!(matches!(ended, Err(ReadError::Tampered)), "{ended:?}");
    });
    is_planted(&events);
}

#[test]
fn v3_a_link_in_the_place_of_a_folder_is_not_followed_for_reading_writing_or_deleting() {
    let ((), events) = told(async {
        for name in ["shard", "objects"] {
            let case = Case::new().await;
            let real = if name == "shard" {
                case.shard()
            } else {
                case.folder.path().join("store/objects")
            };
            // So that it is there under the link as well.
            let target = case.folder.path().join("target");
            let file = if name == "shard" {
                target.clone()
            } else {
                target.join(&case.place.id.to_string()[..2])
            };
            fs::create_dir_all(&file).unwrap();
            fs::copy(case.outside(), file.join(case.place.id.to_string())).unwrap();
            fs::rename(&real, case.folder.path().join("aside")).unwrap();
            symlink(&target, &real).unwrap();

            let (read, ended) = case.read().await;
            assert!(read.is_empty() && matches!(ended, Err(ReadError::Tampered)), "{ended:?}");
            put(&case.objects, &case.place, b"new").await.unwrap_err();
            put(&case.objects, &case.place, &bytes(3_000_000)).await.unwrap_err();
            case.objects.delete(&case.place.id).await.unwrap_err();
            let future = std::time::SystemTime::now() + std::time::Duration::from_secs(3600);
            let nobody = async |_| Ok::<_, std::io::Error>(Default::default());
            let known = |ids| Box::pin(nobody(ids));
            case.objects.sweep(Shard::of(&case.place.id), future, known).await.unwrap_err();
            assert_eq!(files(&target).len(), 1, "nothing was written or deleted there");
            assert_eq!(fs::metadata(&files(&target)[0]).unwrap().len() as usize, 148 + LENGTH + 16);
            assert_eq!(files(&case.folder.path().join("store/staged")), Vec::<PathBuf>::new());
        }
    });
    is_planted(&events);
}

#[tokio::test]
async fn v3_a_link_in_the_place_of_the_folder_of_uploads_is_not_followed() {
    let case = Case::new().await;
    let staged = case.folder.path().join("store/staged");
    fs::remove_dir(&staged).unwrap();
    symlink(case.folder.path().join("outside"), &staged).unwrap();
    put(&case.objects, &case.place, b"new").await.unwrap_err();
    put(&case.objects, &case.place, &bytes(3_000_000)).await.unwrap_err();
    case.is_outside_whole();
    let error = Folder::open(case.folder.path().join("store")).unwrap_err();
    assert_eq!(error.to_string(), "`staged` is no folder");
    case.is_outside_whole();
}

#[tokio::test]
async fn v3_an_object_that_is_written_or_deleted_where_a_link_is_leaves_alone_what_it_leads_to() {
    let case = Case::new().await;
    let plant = || {
        fs::remove_file(case.file()).unwrap();
        symlink(case.outside(), case.file()).unwrap();
    };
    plant();
    put(&case.objects, &case.place, b"new").await.unwrap();
    assert_eq!(all(&case.objects, &case.place, 3).await.unwrap(), b"new");
    case.is_outside_whole();
    plant();
    case.objects.delete(&case.place.id).await.unwrap();
    assert!(fs::symlink_metadata(case.file()).is_err());
    case.is_outside_whole();
}

#[tokio::test]
async fn v3_a_link_among_uploads_is_not_followed_when_they_are_cleared() {
    let case = Case::new().await;
    let planted = case.folder.path().join("store/staged").join("ab".repeat(16));
    symlink(case.outside(), &planted).unwrap();
    drop(Folder::open(case.folder.path().join("store")).unwrap());
    case.is_outside_whole();
}

#[test]
fn v3_a_file_that_is_swapped_for_a_link_again_and_again_gives_no_byte_from_outside() {
    const TURNS: usize = 2000;
    let ((), _) = told(async {
        let case = Case::new().await;
        let (file, aside) = (case.file(), case.file().with_extension("aside"));
        let link = case.file().with_extension("link");
        fs::copy(&file, &aside).unwrap();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    symlink(case.outside(), &link).unwrap();
                    fs::rename(&link, &file).unwrap();
                    fs::copy(&aside, &link).unwrap();
                    fs::rename(&link, &file).unwrap();
                }
            });
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let mut refused = 0;
                for _ in 0..TURNS {
                    let (read, ended) = runtime.block_on(case.read());
                    assert_ne!(read, OUTSIDE);
                    assert!(ended.is_err() || read == bytes(LENGTH));
                    refused += usize::from(ended.is_err());
                }
                is_over.store(true, Ordering::Relaxed);
                assert!(refused > 0 && refused < TURNS, "{refused} of {TURNS}");
            });
        });
        case.is_outside_whole();
    });
}

#[test]
fn v3_a_folder_that_is_swapped_for_a_link_again_and_again_lets_nothing_be_written_outside() {
    const TURNS: usize = 500;
    let ((), _) = told(async {
        let case = Case::new().await;
        let (shard, aside) = (case.shard(), case.folder.path().join("aside"));
        let outside = case.folder.path().join("outside");
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    fs::rename(&shard, &aside).unwrap();
                    // Unless the folder was made anew already.
                    if symlink(&outside, &shard).is_ok() {
                        std::thread::yield_now();
                        fs::remove_file(&shard).unwrap();
                    }
                    while fs::rename(&aside, &shard).is_err() {
                        drop(fs::remove_dir_all(&shard));
                    }
                }
            });
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let mut written = 0;
                for _ in 0..TURNS {
                    written += usize::from(
                        runtime.block_on(put(&case.objects, &case.place, b"new")).is_ok(),
                    );
                    drop(runtime.block_on(case.objects.delete(&case.place.id)));
                }
                is_over.store(true, Ordering::Relaxed);
                assert!(written > 0);
            });
        });
        case.is_outside_whole();
    });
}

#[tokio::test]
async fn a_folder_that_is_named_by_a_link_is_the_one_it_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("real")).unwrap();
    symlink("real", folder.path().join("named")).unwrap();
    let objects = Objects::folder(folder.path().join("named"), vault()).unwrap();
    put(&objects, &place(), b"content").await.unwrap();
    assert_eq!(files(&folder.path().join("real")).len(), 1);
}
