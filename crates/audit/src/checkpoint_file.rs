//! A file of checkpoints, which only ever grows.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::PathBuf,
};

use palisade_core::BoxFuture;

use crate::{
    CheckpointSink, OpenedCheckpoints, SignedCheckpoint, SinkError, TrustedKeys,
    checkpoint::LONGEST_LINE, own_file,
};

/// The most bytes of the file: about 180 000 checkpoints, one every three minutes of a year.
const LIMIT: u64 = 64 * 1024 * 1024;

/// A file of checkpoints, one a line, in the order in which they were made. It is its owner's alone, and written through to the disk.
///
/// It refuses a checkpoint that says less than the last one: then the log went back, and an alarm is due. What is the same as the
/// last one is not written again. A line whose end is missing was never acknowledged, and is taken back.
///
/// On the machine of the log it helps against whoever has the database alone. Keep it, or a copy, where he cannot write.
#[derive(Clone, Debug)]
pub struct CheckpointFile {
    path: PathBuf,
}

// === impl CheckpointFile ===

impl CheckpointFile {
    /// The file at `path`. It is made when there is something to keep; its folder must be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Adds a checkpoint. Blocks until the disk has it, and waits for other processes that add one.
    ///
    /// # Errors
    ///
    /// If it is not kept. Where [`is_alarm`](SinkError::is_alarm) says so, the log was tampered with or restored.
    pub fn append(&self, checkpoint: &SignedCheckpoint) -> Result<(), SinkError> {
        let mut file = own_file::open(&self.path)?;
        // Held until the file is closed, also by the end of the process.
        file.lock()?;
        let (kept, end) = last_line(&mut file)?;
        if let Some(kept) = kept
            && is_known(&kept?, checkpoint)?
        {
            return Ok(());
        }
        let line = format!("{checkpoint}\n");
        let size = end.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        if size > LIMIT {
            return Err(SinkError::Full { limit: LIMIT });
        }
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
        if written.is_err() {
            // What is left of the line has no end, and is taken back the next time at the latest.
            drop(file.set_len(end));
        }
        Ok(written?)
    }

    /// Reads the checkpoints that one of the keys has signed.
    ///
    /// # Errors
    ///
    /// If the file is not there or cannot be read. A line that does not count is no error: it is in what is returned.
    pub fn read(&self, keys: &TrustedKeys) -> io::Result<OpenedCheckpoints> {
        keys.read(BufReader::new(File::open(&self.path)?.take(LIMIT)))
    }
}

impl CheckpointSink for CheckpointFile {
    fn keep(&self, checkpoint: SignedCheckpoint) -> BoxFuture<Result<(), SinkError>> {
        let file = self.clone();
        Box::pin(async move { file.append(&checkpoint) })
    }
}

/// Whether the last checkpoint says the same as the new one. An error, if it says more or other things.
fn is_known(kept: &SignedCheckpoint, offered: &SignedCheckpoint) -> Result<bool, SinkError> {
    let (kept, offered) = (&kept.checkpoint, &offered.checkpoint);
    if kept.log() != offered.log() {
        return Err(SinkError::OtherLog);
    }
    let (before, now) = (kept.head(), offered.head());
    if now.sequence() < before.sequence() {
        return Err(SinkError::WentBack { kept: before.sequence(), offered: now.sequence() });
    }
    if now.sequence() == before.sequence() && now != before {
        return Err(SinkError::Replaced { sequence: now.sequence() });
    }
    Ok(now == before)
}

type LastLine = Option<Result<SignedCheckpoint, SinkError>>;

/// The last line that has an end, and where that is.
fn last_line(file: &mut File) -> io::Result<(LastLine, u64)> {
    // Room for a line without an end, and for the one before it.
    let room = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX).saturating_mul(4);
    let size = file.metadata()?.len();
    let start = size.saturating_sub(room);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.take(room).read_to_end(&mut tail)?;
    let ended = tail.iter().rposition(|byte| *byte == b'\n');
    let Some((lines, torn)) = ended.and_then(|end| tail.split_at_checked(end)) else {
        // A file that has no line at all, or one that is no file of checkpoints and must not be written over.
        let is_ours =
            start == 0 && b"palisade-audit/1".starts_with(tail.get(..16).unwrap_or(&tail));
        return Ok(((!is_ours).then_some(Err(SinkError::Unreadable)), 0));
    };
    let torn = u64::try_from(torn.len()).unwrap_or(u64::MAX).saturating_sub(1);
    let line = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = str::from_utf8(line).ok().and_then(|line| line.parse().ok());
    Ok((Some(line.ok_or(SinkError::Unreadable)), size.saturating_sub(torn)))
}
