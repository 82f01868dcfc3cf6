//! A rotation of keys.

use std::fs;

use palisade_vault::{Key, KeyRing, Vault};
use palisade_vfs_store::{Objects, ReadError, RewrapError};

use crate::stage::{HEADER, all, bytes, file_of, place, put};

fn key() -> String {
    Key::generate().unwrap().expose_base64().expose_str().unwrap().to_owned()
}

fn vault(ring: &str) -> Vault {
    Vault::new(KeyRing::parse(ring).unwrap())
}

#[tokio::test]
async fn an_object_is_wrapped_again_and_then_opens_without_the_old_key() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (key(), key());
    let at = |ring: String| Objects::folder(folder.path().join("store"), vault(&ring)).unwrap();
    let (place, plain) = (place(), bytes(3_000_000));
    put(&at(format!("1:{old}")), &place, &plain).await.unwrap();
    let file = file_of(folder.path(), place.id);
    let before = fs::read(&file).unwrap();

    let rotated = at(format!("2:{new},1:{old}"));
    let open = rotated.open_object(&place, 3_000_000).await.unwrap();
    assert!(rotated.rewrap(&place, 3_000_000).await.unwrap());
    assert!(!rotated.rewrap(&place, 3_000_000).await.unwrap(), "there is nothing to do");
    let after = fs::read(&file).unwrap();
    assert!(before[HEADER..] == after[HEADER..] && before[..HEADER] != after[..HEADER]);
    // Who reads meanwhile notices nothing.
    assert!(crate::stage::read(&open, 0..u64::MAX).await.unwrap() == plain);

    let without_old = at(format!("2:{new}"));
    assert!(all(&without_old, &place, 3_000_000).await.unwrap() == plain);
}

#[tokio::test]
async fn what_is_damaged_is_not_made_good_by_a_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (key(), key());
    let at = |ring: String| Objects::folder(folder.path().join("store"), vault(&ring)).unwrap();
    let rotated = at(format!("2:{new},1:{old}"));
    for (what, change) in
        [("header", HEADER - 1), ("wrapped key", 20), ("chunk", HEADER + 100), ("cut", usize::MAX)]
    {
        let place = place();
        put(&at(format!("1:{old}")), &place, &bytes(200_000)).await.unwrap();
        let file = file_of(folder.path(), place.id);
        let mut stored = fs::read(&file).unwrap();
        match stored.get_mut(change) {
            Some(byte) => *byte ^= 1,
            None => stored.truncate(100_000),
        }
        fs::write(&file, &stored).unwrap();
        let rewrapped = rotated.rewrap(&place, 200_000).await;
        if what == "chunk" {
            // It is not looked at, and is as bad as it was.
            assert!(rewrapped.unwrap());
        } else {
            let error = rewrapped.unwrap_err();
            assert!(matches!(error, RewrapError::Read(ReadError::Tampered)), "{what}: {error:?}");
            assert!(fs::read(&file).unwrap() == stored, "{what}: it is as it was");
        }
        let error = all(&rotated, &place, 200_000).await.unwrap_err();
        assert!(matches!(error, ReadError::Tampered), "{what}: {error:?}");
    }
}

#[tokio::test]
async fn an_object_that_is_gone_is_missing_for_a_rotation_too() {
    let objects = Objects::in_memory(vault(&format!("1:{}", key())));
    let error = objects.rewrap(&place(), 5).await.unwrap_err();
    assert!(matches!(error, RewrapError::Read(ReadError::Missing)), "{error:?}");
}
