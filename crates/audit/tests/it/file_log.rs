//! A log in a file.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::PathBuf,
};

use palisade_audit::{
    Actor, ActorKind, Checkpoint, Event, Fault, FileLog, FileLogError, Person, Record, verify,
};
use palisade_core::{Clock, ManualClock};
use tempfile::TempDir;

use crate::{
    contract::{Store, log_contract},
    scene::{at, event, person},
};

log_contract!(with_file);

fn with_file(test: &dyn Fn(&dyn Store)) {
    let desk = Desk::new();
    test(&desk.open());
}

impl Store for FileLog {
    fn append(&self, event: Event) -> Record {
        Self::append(self, event).unwrap()
    }

    fn records(&self) -> Vec<Record> {
        Self::records(self).unwrap().map(Result::unwrap).collect()
    }

    fn erase(&self, person: &Person) -> u64 {
        Self::erase(self, person, Actor::new(ActorKind::Operator)).unwrap()
    }
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("audit.ndjson")
    }

    fn open(&self) -> FileLog {
        FileLog::open(self.path(), Clock::system()).unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }
}

fn add(log: &FileLog, count: usize) {
    (0..count).for_each(|_| drop(log.append(event("alice")).unwrap()));
}

#[test]
fn a_log_goes_on_where_it_ended() {
    let desk = Desk::new();
    let log = desk.open();
    add(&log, 3);
    let (id, head) = (log.id(), log.head());
    drop(log);
    let log = desk.open();
    assert_eq!((log.id(), log.head(), log.taken_back()), (id, head, 0));
    add(&log, 2);
    let report = verify(Store::records(&log), &[Checkpoint::new(id, head, at(0))]);
    assert!(report.is_whole() && report.records() == 5, "{report}");
}

#[test]
fn a_line_that_was_interrupted_is_taken_back_and_said() {
    let desk = Desk::new();
    add(&desk.open(), 3);
    let whole = desk.text();
    for torn in ["{", r#"{"sequence":4,"time":17"#, "\0\0\0\0"] {
        OpenOptions::new()
            .append(true)
            .open(desk.path())
            .unwrap()
            .write_all(torn.as_bytes())
            .unwrap();
        let log = desk.open();
        assert_eq!(log.taken_back(), torn.len() as u64);
        assert!(log.opening().is_whole());
        assert_eq!(desk.text(), whole);
    }
    // The first line of all, too.
    fs::write(desk.path(), &whole[..40]).unwrap();
    let log = desk.open();
    add(&log, 1);
    assert_eq!(log.head().sequence(), 1);
}

#[test]
fn a_log_that_was_edited_says_so_and_is_gone_on_with() {
    let desk = Desk::new();
    add(&desk.open(), 3);
    fs::write(desk.path(), desk.text().replacen("\"done\"", "\"refused\"", 1)).unwrap();
    let log = desk.open();
    assert_eq!(log.opening().faults(), [Fault::Edited { sequence: 1 }]);
    add(&log, 1);
    let report = verify(Store::records(&log), &[]);
    assert_eq!((report.faulty(), report.records()), (1, 4), "{report}");
}

#[test]
fn a_file_of_something_else_is_left_as_it_is() {
    let desk = Desk::new();
    for other in ["passwords", "a\nb", "{\"seq", "{}\n"] {
        fs::write(desk.path(), other).unwrap();
        let opened = FileLog::open(desk.path(), Clock::system());
        // What could be the beginning of a first line is one that was interrupted.
        if other == "{\"seq" {
            assert_eq!(opened.unwrap().taken_back(), 5);
        } else {
            assert!(matches!(opened, Err(FileLogError::Foreign)), "{other}");
            assert_eq!(desk.text(), other);
        }
    }
}

#[test]
fn a_second_writer_is_turned_away_until_the_first_is_gone() {
    let desk = Desk::new();
    let log = desk.open();
    add(&log, 1);
    assert!(matches!(FileLog::open(desk.path(), Clock::system()), Err(FileLogError::Busy)));
    log.erase(&person("alice"), Actor::system()).unwrap();
    assert!(matches!(FileLog::open(desk.path(), Clock::system()), Err(FileLogError::Busy)));
    drop(log);
    desk.open();
}

#[test]
fn what_was_erased_is_nowhere_in_the_folder() {
    let desk = Desk::new();
    let log = desk.open();
    add(&log, 20);
    assert_eq!(log.erase(&person("alice"), Actor::system()).unwrap(), 20);
    for entry in fs::read_dir(desk.0.path()).unwrap() {
        let path = entry.unwrap().path();
        assert!(!fs::read_to_string(&path).unwrap().contains("alice"), "{}", path.display());
    }
    add(&log, 1);
    assert_eq!(log.head().sequence(), 22);
}

#[test]
fn a1_a_clock_that_was_stepped_back_is_told_when_the_log_is_opened() {
    let (desk, clock) = (Desk::new(), ManualClock::new());
    let log = FileLog::open(desk.path(), clock.clock()).unwrap();
    clock.step_wall(at(100));
    add(&log, 1);
    clock.step_wall(at(40));
    add(&log, 1);
    drop(log);
    let log = desk.open();
    assert!(log.opening().is_whole());
    assert_eq!((log.opening().clock().first, log.opening().clock().by), (2, 60_000));
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let log = desk.open();
    add(&log, 1);
    let mode = || fs::metadata(desk.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    log.erase(&person("alice"), Actor::system()).unwrap();
    assert_eq!(mode(), 0o600);
}
