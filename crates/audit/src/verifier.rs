//! Reads a log from its beginning, and finds what is wrong with it.

use std::{
    borrow::Borrow,
    io::{self, BufRead},
    iter::Peekable,
    vec,
};

use crate::{
    Checkpoint, ExportError, Exported, Fault, Hash, Head, LogId, Part, PartState, Record, Report,
};

/// Reads a log record by record, in the order of their numbers, and finds what is wrong. It remembers the last record and nothing
/// else, and any content is only ever right or wrong.
///
/// ```
/// use palisade_audit::{Action, Actor, Event, Head, LogId, Outcome, verify};
/// use palisade_core::Clock;
///
/// let (log, at) = (LogId::random(), Clock::system().now().wall());
/// let event = || Event::new(Action::new("ban.removed"), Actor::system(), Outcome::Done);
/// let first = Head::empty(log).next(event(), at);
/// let mut second = first.head().next(event(), at);
/// assert!(verify([&first, &second], &[]).is_whole());
///
/// second.action = "ban.listed".to_owned();
/// let report = verify([&first, &second], &[]);
/// assert_eq!(report.faults()[0].to_string(), "record 2 was edited");
/// ```
#[derive(Debug)]
pub struct Verifier {
    /// Those that are still to come, in the order of their records.
    checkpoints: Peekable<vec::IntoIter<Checkpoint>>,
    report: Report,
    /// The last record.
    last: u64,
    /// What the next record has for the hash of the one before it. Nothing where that one is not there.
    link: Option<Hash>,
    /// What time it was.
    time: Option<i64>,
    /// Whether the log was found to be another one than was signed: that is told once.
    is_replaced: bool,
}

/// Verifies records in the order of their numbers, against checkpoints in any order.
#[must_use]
pub fn verify<R: Borrow<Record>>(
    records: impl IntoIterator<Item = R>,
    checkpoints: &[Checkpoint],
) -> Report {
    let mut verifier = Verifier::new(checkpoints);
    records.into_iter().for_each(|record| verifier.take(record.borrow()));
    verifier.finish()
}

// === impl Verifier ===

impl Verifier {
    /// Begins with the first record of a log.
    #[must_use]
    pub fn new(checkpoints: &[Checkpoint]) -> Self {
        let mut checkpoints = checkpoints.to_vec();
        checkpoints.sort_by_key(|checkpoint| checkpoint.head().sequence());
        Self {
            checkpoints: checkpoints.into_iter().peekable(),
            report: Report::default(),
            last: 0,
            link: None,
            time: None,
            is_replaced: false,
        }
    }

    /// Begins with the record behind a checkpoint: for who has verified the log up to there, or has put what is older elsewhere.
    #[must_use]
    pub fn since(start: &Checkpoint, checkpoints: &[Checkpoint]) -> Self {
        let head = start.head();
        let later = |it: &&Checkpoint| it.head().sequence() >= head.sequence();
        let mut later: Vec<_> = checkpoints.iter().filter(later).cloned().collect();
        if !later.contains(start) {
            later.push(start.clone());
        }
        let mut verifier = Self::new(&later);
        verifier.begin(start.log());
        (verifier.last, verifier.link) = (head.sequence(), Some(head.hash()));
        verifier.time = Some(start.time());
        verifier.report.head = Some(head);
        verifier.compare(head);
        verifier
    }

    /// Takes the next record.
    pub fn take(&mut self, record: &Record) {
        self.report.records = self.report.records.saturating_add(1);
        let is_next = self.follows(record);
        self.look_into(record);
        if !is_next {
            return;
        }
        self.tell_time(record);
        let head = record.head();
        (self.last, self.link) = (head.sequence(), Some(head.hash()));
        self.report.head = Some(head);
        self.compare(head);
    }

    /// Takes a line that is no record.
    pub fn take_unreadable(&mut self, line: u64) {
        self.report.add(Fault::Unreadable { line });
    }

    /// Takes all records of an export.
    ///
    /// # Errors
    ///
    /// If it cannot be read. A line that is no record is no error, but a fault.
    pub fn take_export(&mut self, file: impl BufRead) -> io::Result<()> {
        for line in Exported::new(file) {
            match line {
                Ok(record) => self.take(&record),
                Err(ExportError::Unreadable { line }) => self.take_unreadable(line),
                Err(ExportError::Io(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Ends, and says what was found.
    #[must_use]
    pub fn finish(mut self) -> Report {
        if let Some(latest) = self.checkpoints.by_ref().last() {
            let checkpoint = latest.head().sequence();
            if checkpoint > self.last {
                self.report.add(Fault::Cut { last: self.last, checkpoint });
            }
        }
        let Report { erased: found, told, .. } = self.report;
        if found > told {
            self.report.add(Fault::ErasedUntold { found, told });
        }
        self.report
    }

    /// Whether the record's number is higher than the last one, as it should be; and tells of what is missing between the two.
    fn follows(&mut self, record: &Record) -> bool {
        let (sequence, next) = (record.sequence, self.last.saturating_add(1));
        if sequence < next || sequence == self.last {
            self.report.add(Fault::OutOfOrder { sequence, after: self.last });
            return false;
        }
        if sequence > next {
            self.report.add(Fault::Missing { from: next, to: sequence.saturating_sub(1) });
        } else if self.link.is_some_and(|link| link != record.previous) {
            self.report.add(Fault::Unlinked { sequence });
        }
        if sequence == 1 {
            self.begin(LogId::from_bytes(*record.previous.as_bytes()));
            self.compare(Head::new(0, record.previous));
        }
        true
    }

    /// Says which log it is: checkpoints of another one are none of it.
    fn begin(&mut self, log: LogId) {
        self.report.log = Some(log);
        let (ours, others): (Vec<_>, Vec<_>) =
            self.checkpoints.by_ref().partition(|checkpoint| checkpoint.log() == log);
        self.checkpoints = ours.into_iter().peekable();
        for other in others {
            self.report.add(Fault::OtherLog { checkpoint: other.head().sequence() });
        }
    }

    /// Whether the record is in itself what it should be.
    fn look_into(&mut self, record: &Record) {
        let sequence = record.sequence;
        if record.digest() != record.hash {
            self.report.add(Fault::Edited { sequence });
        }
        self.report.told = self.report.told.saturating_add(record.parts_told());
        for part in Part::ALL {
            match record.part(part) {
                PartState::Absent | PartState::Whole => {}
                PartState::Erased => self.report.erased = self.report.erased.saturating_add(1),
                PartState::Altered => self.report.add(Fault::PartEdited { sequence, part }),
            }
        }
    }

    fn tell_time(&mut self, record: &Record) {
        let back = self.time.map_or(0, |before| before.saturating_sub(record.time));
        let back = u64::try_from(back).unwrap_or(0);
        self.time = Some(record.time);
        if back == 0 {
            return;
        }
        let steps = &mut self.report.clock;
        steps.times = steps.times.saturating_add(1);
        if steps.times == 1 {
            steps.first = record.sequence;
        }
        if back > steps.by {
            (steps.largest, steps.by) = (record.sequence, back);
        }
    }

    /// Compares the log, which has come to `head`, with the checkpoints up to there.
    fn compare(&mut self, head: Head) {
        let is_due = |checkpoint: &Checkpoint| checkpoint.head().sequence() <= head.sequence();
        while let Some(checkpoint) = self.checkpoints.next_if(is_due) {
            if checkpoint.head() == head {
                self.report.checkpoints = self.report.checkpoints.saturating_add(1);
                self.report.covered = head.sequence();
                // What is written behind a checkpoint is written later.
                self.time = self.time.max(Some(checkpoint.time()));
            } else if checkpoint.head().sequence() == head.sequence() && !self.is_replaced {
                self.is_replaced = true;
                let (since, checkpoint) = (self.report.covered, head.sequence());
                self.report.add(Fault::Replaced { since, checkpoint });
            }
        }
    }
}
