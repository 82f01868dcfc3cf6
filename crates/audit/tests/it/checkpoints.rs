//! The file of checkpoints.

use std::{
    fs,
    pin::pin,
    task::{Context, Poll, Waker},
    thread,
};

use palisade_audit::{
    Checkpoint, CheckpointError, CheckpointFile, CheckpointSink, Head, LogId, SigningKey,
    SinkError, TrustedKeys,
};
use tempfile::TempDir;

use crate::scene::{at, chain, checkpoint, log_of};

struct Desk {
    folder: TempDir,
    key: SigningKey,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), key: SigningKey::generate("audit").unwrap() }
    }

    fn file(&self) -> CheckpointFile {
        CheckpointFile::new(self.path())
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("checkpoints")
    }

    fn add(&self, checkpoint: Checkpoint) -> Result<(), SinkError> {
        self.file().append(&self.key.sign(checkpoint))
    }

    fn trusted(&self) -> TrustedKeys {
        [self.key.verifying_key()].into_iter().collect()
    }

    fn lines(&self) -> usize {
        fs::read_to_string(self.path()).unwrap().lines().count()
    }
}

#[test]
fn checkpoints_are_added_and_read_back() {
    let (desk, (log, records)) = (Desk::new(), log_of(9));
    for record in [&records[0], &records[4], &records[4], &records[8]] {
        desk.add(checkpoint(log, record)).unwrap();
    }
    assert_eq!(desk.lines(), 3, "what is the same is not written again");
    let opened = desk.file().read(&desk.trusted()).unwrap();
    let read: Vec<_> = opened.trusted.iter().map(|it| it.head().sequence()).collect();
    assert_eq!((read, opened.refused), (vec![1, 5, 9], vec![]));
}

#[test]
fn a1_a_log_that_went_back_is_an_alarm_and_the_file_stays_as_it_was() {
    let (desk, (log, records)) = (Desk::new(), log_of(9));
    desk.add(checkpoint(log, &records[8])).unwrap();
    let back = desk.add(checkpoint(log, &records[6])).unwrap_err();
    assert!(
        matches!(back, SinkError::WentBack { kept: 9, offered: 7 }) && back.is_alarm(),
        "{back}"
    );
    let anew = desk.add(checkpoint(log, &chain(Head::empty(log), 9)[8])).unwrap_err();
    assert!(matches!(anew, SinkError::Replaced { sequence: 9 }) && anew.is_alarm(), "{anew}");
    let (other, others) = log_of(20);
    let swapped = desk.add(checkpoint(other, &others[19])).unwrap_err();
    assert!(matches!(swapped, SinkError::OtherLog) && swapped.is_alarm(), "{swapped}");
    assert_eq!(desk.lines(), 1);
}

#[test]
fn a_line_without_an_end_was_never_acknowledged_and_is_taken_back() {
    let (desk, (log, records)) = (Desk::new(), log_of(9));
    let line = desk.key.sign(checkpoint(log, &records[7])).to_string();
    for torn in [&line[..5], &line[..200], &*line, &format!("{line}{line}")] {
        fs::write(desk.path(), torn).unwrap();
        desk.add(checkpoint(log, &records[3])).unwrap();
        fs::OpenOptions::new()
            .append(true)
            .open(desk.path())
            .and_then(|mut file| std::io::Write::write_all(&mut file, torn.as_bytes()))
            .unwrap();
        desk.add(checkpoint(log, &records[5])).unwrap();
        let opened = desk.file().read(&desk.trusted()).unwrap();
        assert_eq!((opened.trusted.len(), opened.refused), (2, vec![]), "{torn}");
    }
}

#[test]
fn a_file_of_something_else_is_left_as_it_is() {
    let (desk, (log, records)) = (Desk::new(), log_of(1));
    for other in ["passwords", "a\nb\n", &"x".repeat(10_000)] {
        fs::write(desk.path(), other).unwrap();
        let error = desk.add(checkpoint(log, &records[0])).unwrap_err();
        assert!(matches!(error, SinkError::Unreadable), "{error}");
        assert_eq!(fs::read_to_string(desk.path()).unwrap(), other);
    }
}

#[test]
fn a_line_that_was_changed_is_named() {
    let (desk, (log, records)) = (Desk::new(), log_of(9));
    for index in [2, 5, 8] {
        desk.add(checkpoint(log, &records[index])).unwrap();
    }
    let text = fs::read_to_string(desk.path()).unwrap();
    fs::write(desk.path(), text.replacen("sequence=6", "sequence=5", 1)).unwrap();
    let opened = desk.file().read(&desk.trusted()).unwrap();
    assert_eq!(opened.trusted.len(), 2);
    assert!(
        matches!(opened.refused[..], [(2, CheckpointError::NotSigned(_))]),
        "{:?}",
        opened.refused
    );
}

#[test]
fn several_writers_leave_whole_lines_that_go_forward() {
    let (desk, (log, records)) = (Desk::new(), log_of(40));
    thread::scope(|scope| {
        for part in records.chunks(10) {
            let desk = &desk;
            // One that comes too late is refused, and that is right.
            scope.spawn(move || part.iter().for_each(|it| drop(desk.add(checkpoint(log, it)))));
        }
    });
    let opened = desk.file().read(&desk.trusted()).unwrap();
    let read: Vec<_> = opened.trusted.iter().map(|it| it.head().sequence()).collect();
    assert!(read.is_sorted() && read.ends_with(&[40]) && opened.refused.is_empty(), "{read:?}");
}

#[test]
fn a_sink_is_asked_as_a_future_and_a_missing_folder_is_an_error() {
    let (desk, log) = (Desk::new(), LogId::random());
    let signed = || desk.key.sign(Checkpoint::new(log, Head::empty(log), at(0)));
    let keep = |file: CheckpointFile| {
        let sink: Box<dyn CheckpointSink> = Box::new(file);
        let mut kept = pin!(sink.keep(signed()));
        let Poll::Ready(kept) = kept.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a file does not wait")
        };
        kept
    };
    keep(desk.file()).unwrap();
    let lost = keep(CheckpointFile::new(desk.folder.path().join("none/checkpoints"))).unwrap_err();
    assert!(matches!(lost, SinkError::Io(_)) && !lost.is_alarm());
    assert!(lost.to_string().contains("none/checkpoints"), "{lost}");
}
