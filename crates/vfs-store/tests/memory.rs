//! How much memory an object takes that is larger than it. A process of its own: it is the process that is measured.
#![cfg(target_os = "linux")]
#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

use std::{fs, io};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
use palisade_vfs_store::{ObjectId, Objects, Place};

const MIB: u64 = 1 << 20;

/// What is written and read.
const LENGTH: u64 = 256 * MIB;

/// A line of `/proc/self/status` that counts KiB, in MiB.
fn mib(name: &str) -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u32>().unwrap() / 1024
}

/// How much more memory than at its beginning the process had, at the most, while it did `work`.
async fn peak(work: impl Future<Output = ()>) -> u32 {
    let before = mib("VmRSS:");
    fs::write("/proc/self/clear_refs", "5").unwrap();
    work.await;
    mib("VmHWM:").saturating_sub(before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_of_256_mib_is_written_and_read_in_less_than_16_mib() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::new(KeyRing::new([(KeyVersion::FIRST, Key::generate().unwrap())]).unwrap());
    let objects = Objects::folder(folder.path(), vault).unwrap();
    let place = Place { mount: "pictures", path: "a.png", id: ObjectId::draw() };
    let written = peak(async {
        let pieces = stream::iter(0..LENGTH / 65_536);
        let body = pieces.map(|_| Ok::<_, io::Error>(Bytes::from(vec![7; 65_536])));
        assert_eq!(objects.put(&place, body, LENGTH).await.unwrap().length, LENGTH);
    });
    let written = written.await;
    let read = peak(async {
        let object = objects.open_object(&place, LENGTH).await.unwrap();
        let (mut pieces, mut length) = (object.read(0..LENGTH), 0);
        while let Some(piece) = pieces.next().await {
            let piece = piece.unwrap();
            assert!(piece.iter().all(|byte| *byte == 7));
            length += piece.len() as u64;
        }
        assert_eq!(length, LENGTH);
    });
    let read = read.await;
    println!("256 MiB: {written} MiB at the peak of writing, {read} MiB of reading");
    assert!(written < 16 && read < 16, "{written} and {read} MiB");
}
