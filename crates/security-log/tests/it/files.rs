//! The file: its bound, its older ones, and what others do to it meanwhile.

use std::{
    fs,
    path::{Path, PathBuf},
};

use palisade_core::SECURITY_TARGET;
use palisade_security_log::{LogFile, SecurityLog};
use serde_json::{Value, json};

use crate::heard::Heard;

const LEAST: u64 = 64 << 10;

fn on(path: &Path) -> LogFile {
    LogFile::new(path).max_size(LEAST)
}

/// A line that is never folded.
fn say(number: u64) {
    tracing::info!(target: SECURITY_TARGET, event = "admin.action", number, "said");
}

fn numbers(lines: &[Value]) -> Vec<u64> {
    lines.iter().filter_map(|line| line["number"].as_u64()).collect()
}

fn read(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "the last line has no end: {text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn older(path: &Path, number: usize) -> PathBuf {
    PathBuf::from(format!("{}.{number}", path.display()))
}

#[test]
fn rotation_under_many_writers_loses_no_line_and_no_file_exceeds_its_bound() {
    const EACH: u64 = 4000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    let heard = Heard::with(|builder| builder.file(on(&path).files(1000)).queue(100_000));
    let dispatch = heard.dispatch();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let dispatch = dispatch.clone();
            scope.spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    (0..EACH).for_each(|number| say(writer * EACH + number));
                });
            });
        }
    });
    assert_eq!(heard.log.status().lost, 0);
    drop(heard.end());
    let (mut all, mut files) = (numbers(&read(&path)), 1);
    while older(&path, files).exists() {
        let path = older(&path, files);
        let size = fs::metadata(&path).unwrap().len();
        assert!(size <= LEAST && size > LEAST - 200, "{size}");
        all.extend(numbers(&read(&path)));
        files += 1;
    }
    assert!(files > 20, "{files}");
    all.sort_unstable();
    assert_eq!(all, (0..4 * EACH).collect::<Vec<_>>());
}

#[test]
fn the_oldest_file_goes_when_there_are_as_many_as_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for files in [1, 3] {
        let path = folder.path().join(format!("{files}.log"));
        let heard = Heard::with(|builder| builder.file(on(&path).files(files)));
        for number in 0..4000 {
            heard.while_it(|| say(number));
            if number % 500 == 0 {
                drop(heard.text());
            }
        }
        drop(heard.end());
        let files = usize::try_from(files).unwrap();
        assert!(!older(&path, files).exists());
        let mut kept: Vec<u64> =
            (1..files).rev().flat_map(|number| numbers(&read(&older(&path, number)))).collect();
        kept.extend(numbers(&read(&path)));
        let first = *kept.first().unwrap();
        assert_eq!(kept, (first..4000).collect::<Vec<_>>(), "the last ones, in order");
        assert!(first > 2000);
    }
}

#[test]
fn the_file_takes_the_security_log_alone_whatever_the_filter_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    let nothing = tracing_subscriber::filter::Targets::new();
    let heard = Heard::with(|builder| builder.file(on(&path)).filter(nothing));
    heard.while_it(|| {
        say(1);
        tracing::error!("something else");
    });
    assert_eq!(heard.lines(), [Value::Null; 0], "nobody asked for it there");
    assert_eq!(numbers(&read(&path)), [1]);
    assert_eq!(heard.tapped().len(), 1);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    let heard = Heard::with(|builder| builder.file(on(&path)));
    for number in 0..1000 {
        heard.while_it(|| say(number));
    }
    drop(heard.end());
    for path in [older(&path, 1), path] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_is_moved_away_deleted_or_emptied_is_begun_anew_without_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let (path, away) = (folder.path().join("security.log"), folder.path().join("away"));
    let heard = Heard::with(|builder| builder.file(on(&path)));
    let say = |number| {
        heard.while_it(|| say(number));
        drop(heard.text());
    };
    say(1);
    fs::rename(&path, &away).unwrap();
    say(2);
    assert_eq!((numbers(&read(&away)), numbers(&read(&path))), (vec![1], vec![2]));
    fs::remove_file(&path).unwrap();
    say(3);
    assert_eq!(numbers(&read(&path)), [3]);
    fs::write(&path, "").unwrap();
    say(4);
    assert_eq!(numbers(&read(&path)), [4]);
    assert_eq!(heard.log.status().lost, 0);
}

#[test]
fn what_a_killed_process_left_half_written_is_ended_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    fs::write(&path, "{\"number\":0}\n{\"numb").unwrap();
    let heard = Heard::with(|builder| builder.file(on(&path)));
    heard.while_it(|| say(1));
    drop(heard.end());
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines.len(), lines[1]), (3, "{\"numb"));
    assert_eq!(serde_json::from_str::<Value>(lines[2]).unwrap()["number"], 1);
}

#[cfg(unix)]
#[test]
fn a_link_is_never_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, victim) = (folder.path().join("security.log"), folder.path().join("victim"));
    std::os::unix::fs::symlink(&victim, &path).unwrap();
    let error = SecurityLog::builder().file(on(&path)).start().unwrap_err().to_string();
    assert!(error.contains("security.log") && error.contains("no plain file"), "{error}");
    fs::remove_file(&path).unwrap();

    // One that comes later.
    let heard = Heard::with(|builder| builder.file(on(&path)));
    heard.while_it(|| say(1));
    drop(heard.text());
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&victim, &path).unwrap();
    heard.while_it(|| say(2));
    drop(heard.text());
    assert!(!victim.exists() && heard.log.status().fails);
    assert_eq!(heard.log.status().lost, 1);
    fs::remove_file(&path).unwrap();
    heard.while_it(|| say(3));
    drop(heard.text());
    let lines = read(&path);
    assert_eq!((&lines[0]["number"], &lines[1]["event"]), (&json!(3), &json!("log.lost")));
    assert_eq!((&lines[1]["lost"], heard.log.status().fails), (&json!(1), false));
}

#[test]
fn mistakes_are_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |file: LogFile, part: &str| {
        let error = SecurityLog::builder().file(file).start().unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    fails(LogFile::new(folder.path()), "no plain file");
    fails(LogFile::new(folder.path().join("no/such/folder")), "such");
    fails(LogFile::new(folder.path().join("x")).max_size(LEAST - 1), "at least 65536 bytes");
    fails(LogFile::new(folder.path().join("x")).files(0), "1 to 1000");
    assert!(SecurityLog::builder().lines_per_event(0).start().is_err());
    assert!(SecurityLog::builder().queue(3).start().is_err());
    assert!(SecurityLog::builder().window(std::time::Duration::ZERO).start().is_err());
}
