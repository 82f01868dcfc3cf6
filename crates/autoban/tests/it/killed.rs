//! A process that is killed while it writes, and one whose disk is full. Each is a process of its own: this very program.

use std::{
    collections::HashSet,
    env, fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use palisade_autoban::{AutoBan, AutoBanBuilder, BanOrder};

/// Names the folder to write to, in the process that is to be killed.
const FOLDER: &str = "PALISADE_AUTOBAN_TEST_FOLDER";

/// So many times it is killed.
const POINTS: u64 = 200;

fn on(folder: &Path) -> AutoBanBuilder {
    AutoBan::builder().file(folder.join("ban.json"))
}

fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(FOLDER, folder).stdout(Stdio::piped());
    command
}

/// Bans one user after another, and prints each that `flush` said is on disk. Lifts one in three again.
#[test]
fn the_process_to_be_killed() {
    // In an ordinary run there is nothing to do here.
    let Some(folder) = env::var_os(FOLDER) else { return };
    let auto_ban = on(Path::new(&folder)).build().unwrap();
    let turn = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    for number in 0_u64.. {
        let user = format!("{turn}-{number}");
        auto_ban.ban_user(&user, BanOrder::by("test")).unwrap();
        auto_ban.flush().unwrap();
        println!("\non disk: {user}");
        if number % 3 == 2 {
            let lifted = format!("{turn}-{}", number - 1);
            auto_ban.unban_user(&lifted, "test");
            auto_ban.flush().unwrap();
            println!("\nlifted: {lifted}");
        }
    }
}

/// What a process said before it was killed.
#[derive(Default)]
struct Said {
    banned: HashSet<String>,
    lifted: HashSet<String>,
}

impl Said {
    fn hear(&mut self, line: &str) {
        if let Some(user) = line.strip_prefix("on disk: ") {
            self.banned.insert(user.to_owned());
        }
        if let Some(user) = line.strip_prefix("lifted: ") {
            self.lifted.insert(user.to_owned());
        }
    }
}

/// Kills it after so many acknowledged bans and so much time, and hears all that was said until then.
fn kill(mut child: Child, acknowledged: u64, wait: Duration, said: &mut Said) {
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut heard = 0;
    while heard < acknowledged {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended by itself");
        heard += u64::from(line.starts_with("on disk: "));
        said.hear(line.trim_end());
    }
    let begun = std::time::Instant::now();
    while begun.elapsed() < wait {
        std::hint::spin_loop();
    }
    // On Unix this is SIGKILL: nothing of the process runs after it.
    child.kill().unwrap();
    rest(lines, said);
    child.wait().unwrap();
}

/// What it wrote into the pipe before it was killed was said as well; a line that was cut was not.
fn rest(mut lines: BufReader<ChildStdout>, said: &mut Said) {
    let mut text = String::new();
    lines.read_to_string(&mut text).unwrap();
    text.split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .for_each(|line| said.hear(line));
}

#[test]
fn p16_a_kill_at_any_of_200_points_loses_no_ban_that_was_flushed_and_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let mut said = Said::default();
    let mut state = u64::from(std::process::id());
    for point in 0..POINTS {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (acknowledged, micros) = (state >> 33 & 3, state >> 40 & 0xfff);
        let mut command = child("killed::the_process_to_be_killed", folder.path());
        kill(command.spawn().unwrap(), acknowledged, Duration::from_micros(micros), &mut said);
        if !path.exists() {
            assert!(said.banned.is_empty(), "the file is gone at {point}");
            continue;
        }
        let file: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let kept: HashSet<_> = file["bannedUserIds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|ban| ban["value"].as_str().unwrap())
            .collect();
        let lost = said.banned.iter().filter(|user| !kept.contains(&***user));
        // The next in line may have been lifted and not have said so.
        let lost: Vec<_> = lost.filter(|user| !may_be_lifted(user)).collect();
        assert!(lost.is_empty(), "{lost:?} are lost at {point}");
        let back: Vec<_> = said.lifted.iter().filter(|user| kept.contains(&***user)).collect();
        assert!(back.is_empty(), "{back:?} are banned again at {point}");
    }
    assert!(said.banned.len() > 100, "{}", said.banned.len());
    let auto_ban = on(folder.path()).build().unwrap();
    assert!(auto_ban.status().is_healthy());
}

/// Whether it is one of those that are lifted again.
fn may_be_lifted(user: &str) -> bool {
    user.rsplit('-')
        .next()
        .and_then(|number| number.parse::<u64>().ok())
        .is_some_and(|number| number % 3 == 1)
}

/// Bans until the disk takes no more, then lifts until it does again.
#[test]
fn the_process_with_a_full_disk() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let auto_ban = on(folder).build().unwrap();
    let mut good = Vec::new();
    let banned = (0..1000).position(|number| {
        auto_ban.ban_user(&format!("user-{number}"), BanOrder::by("test")).unwrap();
        let full = auto_ban.flush().is_err();
        if !full {
            good = fs::read(folder.join("ban.json")).unwrap();
        }
        full
    });
    let banned = banned.expect("the disk was never full") + 1;
    assert!(banned > 10, "{banned}");
    assert_eq!(auto_ban.bans().users.len(), banned, "all bans hold in memory");
    let status = auto_ban.status();
    let error = status.file.clone().unwrap().write_error.expect("the error is visible");
    assert!(!status.is_healthy() && error.contains("ban.json"), "{error}");
    assert_eq!(fs::read(folder.join("ban.json")).unwrap(), good, "nothing is truncated");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing is left beside it");
    for number in 0..5 {
        auto_ban.unban_user(&format!("user-{number}"), "test");
    }
    auto_ban.flush().unwrap();
    assert!(auto_ban.status().is_healthy(), "it heals by itself");
    println!("\nhealed");
}

/// A limit of the size of files stands for the disk: it takes no rights, and the call fails at the same place.
#[cfg(unix)]
#[test]
fn a_full_disk_truncates_nothing_shows_and_heals() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 8 && trap '' XFSZ && exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "killed::the_process_with_a_full_disk", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("healed"), "{output:?}");
}
