//! A process that is killed while it writes.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use palisade_autoban::{AutoBan, BanOrder};

/// Names the folder to write to, in the process that is to be killed.
const FOLDER: &str = "PALISADE_AUTOBAN_TEST_FOLDER";

/// Bans one user after another, and prints each that `flush` said is on disk.
#[test]
fn the_process_to_be_killed() {
    // In an ordinary run there is nothing to do here.
    let Some(folder) = env::var_os(FOLDER) else { return };
    let auto_ban = AutoBan::builder().file(Path::new(&folder).join("ban.json")).build().unwrap();
    for number in auto_ban.bans().users.len().. {
        auto_ban.ban_user(&format!("user-{number}"), BanOrder::by("test")).unwrap();
        auto_ban.flush().unwrap();
        println!("\non disk: {number}");
    }
}

#[test]
fn p16_a_kill_at_any_point_loses_no_ban_that_was_flushed_and_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    for kill_after in [1_usize, 2, 3, 7, 20, 21, 22] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed::the_process_to_be_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let numbers =
            lines.filter_map(|line| line.unwrap().strip_prefix("on disk: ")?.parse::<usize>().ok());
        let flushed = numbers.take(kill_after).last().unwrap();
        // On Unix this is SIGKILL: nothing of the process runs after it, and it is in the middle of the next write.
        child.kill().unwrap();
        child.wait().unwrap();
        serde_json::from_slice::<serde_json::Value>(&fs::read(&path).unwrap()).unwrap();
        let auto_ban = AutoBan::builder().file(&path).build().unwrap();
        assert!(auto_ban.status().is_healthy());
        let kept = auto_ban.bans().users;
        for number in 0..=flushed {
            let user = format!("user-{number}");
            assert!(kept.iter().any(|ban| ban.value == user), "{user} is lost after {kill_after}");
        }
    }
}
