//! A sink that does not take lines, a folder that goes, a disk that is full, a process that is killed. The last two are processes of
//! their own: this very program.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use palisade_core::SECURITY_TARGET;
use palisade_security_log::{LogFile, SecurityLog};
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;

use crate::heard::{Heard, Page};

const FOLDER: &str = "PALISADE_LOG_FOLDER";

fn say(number: u64) {
    tracing::info!(target: SECURITY_TARGET, event = "admin.action", number, "said");
}

fn usual(number: u64) {
    tracing::info!(target: SECURITY_TARGET, event = "some.fact", number, "said");
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "it never came: {what}");
        std::thread::yield_now();
    }
}

/// A terminal that somebody stopped.
#[derive(Clone, Default)]
struct Stopped {
    goes_on: Arc<(Mutex<bool>, Condvar)>,
    page: Page,
}

impl Stopped {
    fn go_on(&self) {
        *self.goes_on.0.lock().unwrap() = true;
        self.goes_on.1.notify_all();
    }
}

impl Write for Stopped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let goes_on = self.goes_on.0.lock().unwrap();
        drop(self.goes_on.1.wait_while(goes_on, |goes_on| !*goes_on).unwrap());
        self.page.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_that_is_stuck_stops_neither_who_logs_nor_the_file_and_costs_no_more_than_its_queue() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    let stopped = Stopped::default();
    let stream = stopped.clone();
    let heard = Heard::with(|builder| builder.stream(stream).file(LogFile::new(&path)).queue(40));
    let in_file = || fs::read_to_string(&path).unwrap().lines().count();
    // The file's own queue is as short: one after the other.
    for number in 0..100_u64 {
        heard.while_it(|| usual(number));
        until("the file", || u64::try_from(in_file()).unwrap() == number + 1);
    }
    heard.while_it(|| say(100));
    until("the file", || in_file() == 101);
    assert_eq!(heard.log.status().lost, 0, "nobody knows yet");
    stopped.go_on();
    drop(heard.end());
    let lines: Vec<Value> =
        stopped.page.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Told once, or twice where some were lost while the first was told.
    let lost = lines.iter().filter(|line| line["event"] == "log.lost");
    let lost: u64 = lost.map(|line| line["lost"].as_u64().unwrap()).sum();
    let told = lines.iter().filter(|line| line.get("number").is_some()).count();
    assert!((31..=72).contains(&told), "{told}");
    assert_eq!(lost, u64::try_from(101 - told).unwrap(), "each one is written or counted");
    let is_there = |event: &str| lines.iter().any(|line| line["event"] == event);
    assert!(is_there("admin.action"), "the last quarter of the room is for what counts more");
}

#[test]
fn a_folder_that_goes_costs_its_lines_and_nothing_else_and_comes_back_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs/security.log");
    fs::create_dir(path.parent().unwrap()).unwrap();
    let heard = Heard::with(|builder| builder.file(LogFile::new(&path)));
    heard.while_it(|| say(1));
    drop(heard.text());
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    for number in 2..12 {
        heard.while_it(|| say(number));
    }
    drop(heard.text());
    let status = heard.log.status();
    assert_eq!(
        (status.lost, status.fails),
        (20, true),
        "in the file, and in the one for what is kept"
    );
    fs::create_dir(path.parent().unwrap()).unwrap();
    // Nobody logs, and it is told all the same.
    until("what was lost", || fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n')));
    let told: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&told["event"], &told["lost"]), (&json!("log.lost"), &json!(10)));
    assert_eq!((&told["sink"], &told["level"]), (&json!("file"), &json!("ERROR")));
    until("it is well", || !heard.log.status().fails);
}

/// This program, which is to run the test of this name in `folder`.
fn child(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(FOLDER, folder);
    command
}

/// A log of the whole process.
fn global(file: LogFile) -> (SecurityLog, palisade_security_log::LogGuard) {
    let nested = |line: &Arc<palisade_security_log::Line>| {
        tracing::info!(target: SECURITY_TARGET, event = "tap.heard", line = line.json(), "heard");
    };
    let (log, guard) = SecurityLog::builder().file(file).tap(nested).start().unwrap();
    let subscriber = tracing_subscriber::registry().with(log.layer());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    (log, guard)
}

#[test]
fn the_process_with_a_full_disk() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let path = Path::new(&folder).join("security.log");
    let (log, guard) = global(LogFile::new(&path));
    let mut said = 0;
    while !log.status().fails {
        say(said);
        said += 1;
        assert!(said < 10_000 && guard.flush(), "the disk was never full");
    }
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.ends_with('\n'), "no line is cut: {text}");
    for (number, line) in (0_u64..).zip(text.lines()) {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["number"], number);
    }
    // Somebody makes room.
    fs::write(&path, "").unwrap();
    fs::write(path.with_file_name("security-kept.log"), "").unwrap();
    say(said);
    assert!(guard.flush());
    drop(guard);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lost = lines.iter().find(|line| line["event"] == "log.lost").unwrap();
    assert!(
        lost["lost"].as_u64().unwrap() >= 1 && !log.status().fails,
        "it heals by itself: {text}"
    );
    assert!(lines.iter().any(|line| line["number"] == said), "{text}");
    assert!(log.status().lost > said, "a tap that logs is counted and does not go round");
    println!("\nhealed");
}

/// A limit of the size of files stands for the disk: it takes no rights, and the call fails at the same place.
#[cfg(unix)]
#[test]
fn a_full_disk_cuts_no_line_and_heals() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 8 && trap '' XFSZ && exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "faults::the_process_with_a_full_disk", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("healed"), "{output:?}");
}

#[test]
fn the_process_to_be_killed() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let path = Path::new(&folder).join("security.log");
    let (_log, guard) = global(LogFile::new(&path).max_size(64 << 10).files(100));
    for number in 0.. {
        say(number);
        if number % 64 == 63 {
            assert!(guard.flush());
            println!("\nflushed {number}");
        }
    }
}

#[test]
fn a_kill_at_any_point_leaves_whole_lines_and_every_one_that_was_flushed() {
    let mut state = u64::from(std::process::id());
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let mut command = child("faults::the_process_to_be_killed", folder.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (wanted, micros) = (1 + (state >> 33 & 31), state >> 40 & 0xfff);
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let is_flushed = |line: String| line.strip_prefix("flushed ")?.parse::<u64>().ok();
        let mut flushed = 0;
        for _ in 0..wanted {
            flushed = said.by_ref().find_map(is_flushed).unwrap();
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_micros(micros) {
            std::hint::spin_loop();
        }
        // On Unix this is SIGKILL: nothing of the process runs after it.
        child.kill().unwrap();
        flushed = said.filter_map(is_flushed).last().unwrap_or(flushed);
        child.wait().unwrap();

        let path = folder.path().join("security.log");
        let mut text = fs::read_to_string(&path).unwrap_or_default();
        for older in 0.. {
            // One on its way to its number is there only if the process was killed then.
            let on_its_way = || older == 0;
            let Ok(before) = fs::read_to_string(format!("{}.{older}", path.display())) else {
                if on_its_way() {
                    continue;
                }
                break;
            };
            text = before + &text;
        }
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let numbers = whole
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["number"].as_u64().unwrap());
        let numbers: Vec<u64> = numbers.collect();
        assert_eq!(numbers, (0..numbers.len() as u64).collect::<Vec<_>>());
        assert!(numbers.last().is_some_and(|last| *last >= flushed), "{flushed} is lost");
    }
}
