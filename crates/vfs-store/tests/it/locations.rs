//! Storages by their URLs.

use palisade_vfs_store::Objects;

use crate::stage::{all, files, place, put, vault};

fn open(url: &str) -> Result<Objects, String> {
    let options: [(&str, &str); 0] = [];
    Objects::open(url, options, vault()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_folder_and_the_memory_are_storages_by_their_urls() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some folder");
    let url = format!("file://{}", path.display().to_string().replace(' ', "%20"));
    for objects in [open(&url).unwrap(), open("memory:///").unwrap()] {
        let place = place();
        put(&objects, &place, b"content").await.unwrap();
        assert_eq!(all(&objects, &place, 7).await.unwrap(), b"content");
    }
    assert_eq!(files(&path).len(), 1);
}

#[test]
fn what_is_no_storage_is_a_mistake_that_says_what_is() {
    for url in ["", "folder", "ftp://host/x", "http://host/x", "https://example.org/x", "s3:"] {
        let error = open(url).unwrap_err();
        assert!(error.contains("s3://bucket/prefix"), "{url}: {error}");
    }
    let error = open("file:///dev/null").unwrap_err();
    assert!(error.contains("a folder that can be opened"), "{error}");
}

#[cfg(not(any(feature = "aws", feature = "gcp", feature = "azure")))]
#[test]
fn a_cloud_without_its_feature_is_a_mistake_that_names_the_feature() {
    for (url, feature) in [
        ("s3://bucket/prefix", "aws"),
        ("https://bucket.s3.eu-central-1.amazonaws.com", "aws"),
        ("gs://bucket", "gcp"),
        ("az://container/x", "azure"),
    ] {
        let error = open(url).unwrap_err();
        assert!(error.contains(&format!("built without the feature `{feature}`")), "{error}");
    }
}

#[test]
fn no_password_in_a_url_is_told() {
    for url in [
        "ftp://user:hunter2@host/x",
        "s3://user:hunter2@bucket/x?secret=hunter2",
        "s3://user:hunter2@buck et/x",
        "hunter2@s3://bucket",
        "file://host/x?secret=hunter2#hunter2",
    ] {
        let told = open(url).map_or_else(|error| error, |objects| format!("{objects:?}"));
        assert!(!told.contains("hunter2"), "{told}");
    }
}
