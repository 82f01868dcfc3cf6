//! Objects in a server that speaks S3: moto, on loopback. It is built with the feature `aws` alone:
//! `cargo xtask test --only s3`.
#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, aws::AmazonS3Builder, path::Path as At,
};
use palisade_vault::{Key, KeyRing, KeyVersion, Vault};
use palisade_vfs_store::{ObjectId, Objects, Place, ReadError, Shard, WriteError};

const MIB: usize = 1 << 20;
const HEADER: usize = 148;
const WHOLE: usize = (64 << 10) + 16;

/// A server that speaks S3, with a bucket.
struct S3 {
    child: Child,
    address: String,
}

impl S3 {
    /// None where it cannot be installed.
    fn start() -> Option<Self> {
        let program = installed()?.join("venv/bin/moto_server");
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", "0"]).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.by_ref().map(Result::unwrap).find_map(|line| {
            let (_, address) = line.split_once("Running on http://")?;
            Some(address.trim().to_owned())
        });
        // It stops where nobody reads what it says.
        thread::spawn(move || lines.for_each(drop));
        let server = Self { child, address: address.unwrap() };
        assert!(server.ask("PUT /bucket").starts_with("HTTP/1.1 200"));
        Some(server)
    }

    /// The answer to a request without a body.
    fn ask(&self, line: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = &self.address;
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn options(&self) -> [(&'static str, String); 5] {
        [
            ("aws_endpoint", format!("http://{}", self.address)),
            ("aws_allow_http", "true".to_owned()),
            ("aws_access_key_id", "someone".to_owned()),
            ("aws_secret_access_key", "something".to_owned()),
            ("aws_region", "us-east-1".to_owned()),
        ]
    }

    fn objects(&self) -> Objects {
        let vault =
            Vault::new(KeyRing::new([(KeyVersion::FIRST, Key::generate().unwrap())]).unwrap());
        Objects::open("s3://bucket/files/of/ours", self.options(), vault).unwrap()
    }

    /// What somebody sees and writes who has the bucket and no key.
    fn bare(&self) -> impl ObjectStore {
        let builder = AmazonS3Builder::new().with_bucket_name("bucket");
        let options = self.options().into_iter();
        let configured = options.fold(builder, |builder, (name, value)| {
            builder.with_config(name.parse().unwrap(), value)
        });
        configured.build().unwrap()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A folder with moto, installed once. None where the registry cannot be reached.
fn installed() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moto/requirements.txt");
    let (wanted, done) = (fs::read(list).unwrap(), folder.join(".installed"));
    if fs::read(&done).ok().as_ref() != Some(&wanted) {
        let run = |program: &str, arguments: &[&str]| {
            let status = Command::new(program).args(arguments).current_dir(&folder).status();
            status.is_ok_and(|status| status.success())
        };
        let pip = folder.join("venv/bin/pip");
        let is_there = run("python3", &["-m", "venv", "venv"])
            && run(pip.to_str().unwrap(), &["install", "-q", "-r", list]);
        if !is_there {
            eprintln!("left out: moto cannot be installed");
            return None;
        }
        fs::write(&done, wanted).unwrap();
    }
    Some(folder)
}

fn place() -> Place<'static> {
    Place { mount: "pictures", path: "a.png", id: ObjectId::draw() }
}

fn path(place: &Place<'_>) -> At {
    let name = place.id.to_string();
    At::from(format!("files/of/ours/objects/{}/{name}", &name[..2]))
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

fn body(content: &[u8]) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let pieces: Vec<_> =
        content.chunks(60_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

async fn read(
    objects: &Objects,
    place: &Place<'_>,
    length: usize,
    range: std::ops::Range<u64>,
) -> Result<Vec<u8>, ReadError> {
    let object = objects.open_object(place, length as u64).await?;
    let pieces: Vec<Bytes> = object.read(range).try_collect().await?;
    Ok(pieces.concat())
}

#[tokio::test]
async fn objects_short_and_long_come_back_from_s3_whole_and_by_ranges() {
    let Some(server) = S3::start() else { return };
    let objects = server.objects();
    for length in [0, 5, 70_000, 8 * MIB, 30 * MIB + 7] {
        let (place, plain) = (place(), bytes(length));
        objects.put(&place, body(&plain), u64::MAX).await.unwrap();
        assert!(read(&objects, &place, length, 0..u64::MAX).await.unwrap() == plain, "{length}");
        let (from, to) = (length / 3, length / 2);
        let part = read(&objects, &place, length, from as u64..to as u64).await.unwrap();
        assert!(part == plain[from..to], "{length}");
        let stored = server.bare().get(&path(&place)).await.unwrap().bytes().await.unwrap();
        assert!(length < 16 || !stored.windows(16).any(|part| part == &plain[..16]), "in clear");
        objects.delete(&place.id).await.unwrap();
        let error = read(&objects, &place, length, 0..1).await.unwrap_err();
        assert!(matches!(error, ReadError::Missing), "{error:?}");
        objects.delete(&place.id).await.unwrap();
    }
}

#[tokio::test]
async fn c1_what_was_changed_in_the_bucket_is_refused() {
    let Some(server) = S3::start() else { return };
    let (objects, bare) = (server.objects(), server.bare());
    let (place, other, plain) = (place(), place(), bytes(3 << 16));
    objects.put(&place, body(&plain), u64::MAX).await.unwrap();
    objects.put(&other, body(&plain), u64::MAX).await.unwrap();
    let stored = bare.get(&path(&place)).await.unwrap().bytes().await.unwrap().to_vec();
    let theirs = bare.get(&path(&other)).await.unwrap().bytes().await.unwrap().to_vec();
    let flipped = |at: usize| {
        let mut changed = stored.clone();
        changed[at] ^= 1;
        changed
    };
    let mut swapped = stored.clone();
    swapped[HEADER..HEADER + WHOLE].copy_from_slice(&stored[HEADER + WHOLE..HEADER + 2 * WHOLE]);
    let changes = [
        flipped(3),
        flipped(50),
        flipped(HEADER + 9),
        flipped(stored.len() - 1),
        swapped,
        theirs,
        vec![],
        stored[..HEADER].to_vec(),
        stored[..HEADER + WHOLE].to_vec(),
        stored[..stored.len() - 1].to_vec(),
        [&stored[..], b"more"].concat(),
    ];
    for (turn, changed) in changes.into_iter().enumerate() {
        bare.put(&path(&place), PutPayload::from(changed)).await.unwrap();
        let error = read(&objects, &place, plain.len(), 0..u64::MAX).await.unwrap_err();
        assert!(matches!(error, ReadError::Tampered), "{turn}: {error:?}");
    }
    bare.put(&path(&place), PutPayload::from(stored)).await.unwrap();
    assert!(read(&objects, &place, plain.len(), 0..u64::MAX).await.unwrap() == plain);
}

#[tokio::test]
async fn an_upload_that_ends_early_leaves_neither_an_object_nor_parts_in_the_bucket() {
    let Some(server) = S3::start() else { return };
    let objects = server.objects();
    let uploads = || server.ask("GET /bucket?uploads");
    for limit in [10 * MIB as u64, u64::MAX] {
        let place = place();
        let broken = stream::iter([Err(io::Error::other("reset"))]);
        let error =
            objects.put(&place, body(&bytes(20 * MIB)).chain(broken), limit).await.unwrap_err();
        assert!(matches!(error, WriteError::TooLarge { .. } | WriteError::Body(_)), "{error:?}");
        assert!(!uploads().contains("<UploadId>"), "{}", uploads());
        assert!(server.bare().head(&path(&place)).await.is_err());
    }
    // Who waits goes away.
    let endless = body(&bytes(20 * MIB)).chain(stream::pending());
    let place = place();
    let mut put = Box::pin(objects.put(&place, endless, u64::MAX));
    let begun = async {
        while !uploads().contains("<UploadId>") {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = &mut put => panic!("it ended"),
        () = begun => {}
    }
    drop(put);
    let began = Instant::now();
    while uploads().contains("<UploadId>") {
        assert!(began.elapsed() < Duration::from_secs(20), "parts are left: {}", uploads());
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_sweep_of_a_bucket_removes_what_the_index_does_not_know() {
    let Some(server) = S3::start() else { return };
    let objects = server.objects();
    let ids = [[5; 16], [6; 16]].map(ObjectId::from_bytes);
    let more = (0..3_u8)
        .map(|number| ObjectId::from_bytes([5, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    for id in ids.into_iter().chain(more) {
        objects
            .put(&Place { mount: "pictures", path: "a.png", id }, body(b"content"), 7)
            .await
            .unwrap();
    }
    let later = SystemTime::now() + Duration::from_secs(3600);
    let known = |_| async move { Ok::<HashSet<_>, io::Error>(HashSet::from([ids[0]])) };
    let swept = objects.sweep(Shard::of(&ids[0]), later, known).await.unwrap();
    assert_eq!((swept.objects, swept.removed), (4, 3));
    let left: Vec<_> = server.bare().list(None).try_collect().await.unwrap();
    assert_eq!(left.len(), 2);
}
