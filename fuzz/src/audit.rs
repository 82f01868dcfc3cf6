//! The audit log: files of records, of checkpoints and of keys that anybody may have written.

use std::{sync::LazyLock, time::UNIX_EPOCH};

use palisade_audit::{
    Action, Actor, Checkpoint, Event, Exported, Head, LogId, Outcome, Record, SignedCheckpoint,
    SigningKey, Target, TrustedKeys, Verifier, VerifyingKey,
};

static LOG: LazyLock<Log> = LazyLock::new(Log::new);

/// A log that is whole, and its checkpoint.
struct Log {
    records: Vec<Record>,
    export: Vec<u8>,
    checkpoint: Checkpoint,
    keys: TrustedKeys,
    line: String,
}

impl Log {
    fn new() -> Self {
        let log = LogId::from_bytes([7; 32]);
        let event = || Event::new(Action::new("a.b"), Actor::system(), Outcome::Done);
        let first =
            Head::empty(log).next(event().target(Target::new("address", "::1")), UNIX_EPOCH);
        let second = first.head().next(event().reason("\"why\""), UNIX_EPOCH);
        let checkpoint = Checkpoint::new(log, second.head(), UNIX_EPOCH);
        let records = vec![first, second];
        let mut export = Vec::new();
        records.iter().for_each(|it| it.write_line(&mut export).expect("memory takes it"));
        let key = SigningKey::generate("fuzz").expect("a name");
        let line = key.sign(checkpoint.clone()).to_string();
        let keys = [key.verifying_key()].into_iter().collect();
        Self { records, export, checkpoint, keys, line }
    }
}

/// Takes the input for each of the files, and for a piece of one that is put into a good one.
pub fn audit(data: &[u8]) {
    let alone = verified(data);
    assert_eq!(alone, verified(data), "it is read in two ways");
    exchanged(data);
    let text = String::from_utf8_lossy(data);
    text.lines().for_each(line);
    let opened = LOG.keys.read(data).expect("memory is read");
    assert!(opened.trusted.is_empty(), "nobody else has the key");
}

/// Whether an export is whole, and what is in it.
fn verified(export: &[u8]) -> (bool, Vec<Record>) {
    let mut verifier = Verifier::new(&[]);
    verifier.take_export(export).expect("memory is read");
    let report = verifier.finish();
    assert_eq!(report.is_whole(), report.faults().is_empty(), "{report}");
    let records: Vec<_> = Exported::new(export).filter_map(Result::ok).collect();
    assert_eq!(report.records(), records.len() as u64);
    (report.is_whole(), records)
}

/// A good log with the input in the place of a piece of it is whole only if its records are the same.
fn exchanged(data: &[u8]) {
    let Some(([place, length], piece)) = data.split_first_chunk::<2>() else { return };
    let start = usize::from(*place) * 8 % LOG.export.len();
    let end = (start + usize::from(*length)).min(LOG.export.len());
    let export = [&LOG.export[..start], piece, &LOG.export[end..]].concat();
    let mut verifier = Verifier::new(std::slice::from_ref(&LOG.checkpoint));
    verifier.take_export(&*export).expect("memory is read");
    let read: Option<Vec<_>> = Exported::new(&*export).map(Result::ok).collect();
    let is_same = read.as_ref() == Some(&LOG.records);
    assert_eq!(verifier.finish().is_whole(), is_same, "{:?}", String::from_utf8_lossy(&export));
    let cut = usize::from(*place) % LOG.line.len();
    let line = [&LOG.line.as_bytes()[..cut], piece].concat();
    let opened = LOG.keys.open_line(&String::from_utf8_lossy(&line));
    assert_eq!(opened.is_ok(), line == LOG.line.as_bytes(), "{opened:?}");
}

/// There is one way to write what a line says, and no secret is repeated.
fn line(line: &str) {
    if let Ok(signed) = line.parse::<SignedCheckpoint>() {
        assert_eq!(signed.to_string(), line);
    }
    if let Ok(key) = line.parse::<VerifyingKey>() {
        assert_eq!(key.to_string(), line);
    }
    match line.parse::<SigningKey>() {
        Ok(key) => assert_eq!(key.to_text().expose(), line.trim()),
        Err(error) => assert!(error.to_string().len() < 200, "{error}"),
    }
}
