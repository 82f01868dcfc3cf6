//! A process that is killed while it writes: what it said is there is whole, and the rest is swept. It is this very program.

use std::{
    collections::{HashMap, HashSet},
    env, fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use palisade_vault::{KeyRing, Vault};
use palisade_vfs_store::{ObjectId, Objects, Place, Shard};

use crate::stage::{ANY, all, body, bytes, files, put};

/// Names the folder to write to, in the process that is to be killed.
const FOLDER: &str = "PALISADE_VFS_TEST_FOLDER";

/// So many times it is killed.
const POINTS: u64 = 60;

const MOUNT: &str = "pictures";

/// Of one object that is written again and again: as long as this, and as it is by turns.
const REWRITTEN: usize = 700_000;

fn vault() -> Vault {
    let key = "688nCj798PYgUQfIeXQ4Y3KzNDJIeVO7niAYjq7sVTs=";
    Vault::new(KeyRing::parse(&format!("1:{key}")).unwrap())
}

fn rewritten() -> Place<'static> {
    Place { mount: MOUNT, path: "a.png", id: ObjectId::from_bytes([7; 16]) }
}

/// Writes one object again and again, and between objects short and long, and prints each of those that is there.
#[tokio::test]
async fn the_process_to_be_killed() {
    // In an ordinary run there is nothing to do here.
    let Some(folder) = env::var_os(FOLDER) else { return };
    let objects = Objects::folder(Path::new(&folder), vault()).unwrap();
    for turn in 0_usize.. {
        let content = vec![turn as u8; REWRITTEN];
        put(&objects, &rewritten(), &content).await.unwrap();
        let length = [100, 70_000, 1_500_000, 4_000_000][turn % 4];
        let place = Place { mount: MOUNT, path: "a.png", id: ObjectId::draw() };
        objects.put(&place, body(&bytes(length), 65_000), ANY).await.unwrap();
        println!("\nwritten: {} {length}", place.id);
    }
}

/// Kills it after so many objects and so much time, and hears all that was said until then.
fn kill(mut child: Child, written: u64, wait: Duration, index: &mut HashMap<ObjectId, usize>) {
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut heard = 0;
    let mut hear = |line: &str| {
        let Some((id, length)) =
            line.strip_prefix("written: ").and_then(|line| line.split_once(' '))
        else {
            return 0;
        };
        index.insert(id.parse().unwrap(), length.parse().unwrap());
        1
    };
    while heard < written {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended by itself");
        heard += hear(line.trim_end());
    }
    let begun = Instant::now();
    while begun.elapsed() < wait {
        std::hint::spin_loop();
    }
    // On Unix this is SIGKILL: nothing of the process runs after it.
    child.kill().unwrap();
    let mut text = String::new();
    lines.read_to_string(&mut text).unwrap();
    let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    whole.for_each(|line| heard += hear(line));
    child.wait().unwrap();
}

#[tokio::test]
async fn a_kill_at_any_of_60_points_leaves_every_known_object_whole_and_what_is_not_known_is_swept()
{
    let folder = tempfile::tempdir().unwrap();
    let (mut index, mut left_behind) = (HashMap::new(), 0);
    let mut state = u64::from(std::process::id());
    for point in 0..POINTS {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (written, micros) = (state >> 33 & 3, state >> 40 & 0x3fff);
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed::the_process_to_be_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn();
        kill(child.unwrap(), written, Duration::from_micros(micros), &mut index);

        let staged = folder.path().join("staged");
        left_behind += if staged.exists() { files(&staged).len() } else { 0 };
        let objects = Objects::folder(folder.path(), vault()).unwrap();
        assert_eq!(files(&staged).len(), 0, "point {point}: uploads that were cut are removed");
        // One that is written again is one of its versions, whole.
        if let Ok(content) = all(&objects, &rewritten(), REWRITTEN).await {
            assert!(content.iter().all(|byte| *byte == content[0]), "point {point}: a mixture");
        } else {
            assert!(index.is_empty(), "point {point}: it is gone");
        }
    }
    check(folder.path(), &index).await;
    assert!(index.len() > 40 && left_behind > 0, "{} and {left_behind}", index.len());
}

/// What is known is whole, and what is not is gone after a sweep.
async fn check(folder: &Path, index: &HashMap<ObjectId, usize>) {
    let objects = Objects::folder(folder, vault()).unwrap();
    let known: HashSet<ObjectId> = index.keys().copied().chain([rewritten().id]).collect();
    let later = SystemTime::now() + Duration::from_secs(3600);
    let (mut found, mut removed) = (0, 0);
    for shard in Shard::all() {
        let known = |ids: Vec<ObjectId>| {
            let known = ids.into_iter().filter(|id| known.contains(id)).collect();
            async move { Ok::<_, std::io::Error>(known) }
        };
        let swept = objects.sweep(shard, later, known).await.unwrap();
        found += swept.objects;
        removed += swept.removed;
    }
    assert_eq!(found - removed, known.len() as u64);
    for (id, length) in index {
        let place = Place { mount: MOUNT, path: "a.png", id: *id };
        assert!(all(&objects, &place, *length).await.unwrap() == bytes(*length), "{id}");
    }
    assert_eq!(files(folder).len(), known.len());
    assert!(fs::read_dir(folder.join("staged")).unwrap().next().is_none());
}
