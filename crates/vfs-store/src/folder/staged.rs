//! A file in the making: under another name until it is whole.

use std::{
    fs::{File, TryLockError},
    io::{self, Seek, SeekFrom, Write},
    mem,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use cap_std::fs::Dir;

use super::{
    fault::Fault,
    rooms::{Rooms, new_file, sync},
};
use crate::ObjectId;

/// So often another name is tried.
const TRIES: usize = 8;

/// A file in the making. It is locked as long as its process lives, so one that is not is nobody's. Dropped, it is removed.
#[derive(Debug)]
pub(super) struct Staged {
    folder: Dir,
    name: String,
    file: Mutex<File>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// It has its own name here.
    Staged,
    /// It has the name of an object, or none.
    Gone,
}

/// How a file takes its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Naming {
    /// In the place of what has it.
    Over,
    /// Not if anything has it.
    New,
}

// === impl Staged ===

impl Staged {
    /// A new one, empty.
    pub(super) fn new(rooms: &Rooms) -> Result<Self, Fault> {
        let folder = rooms.staged()?;
        for _ in 0..TRIES {
            let name = ObjectId::draw().to_string();
            let file = new_file(&folder, &name)?.into_std();
            // Who clears the folder may have been faster: then it has no name any more.
            if file.try_lock().is_ok() && folder.symlink_metadata(&name).is_ok() {
                let (file, state) = (Mutex::new(file), Mutex::new(State::Staged));
                return Ok(Self { folder, name, file, state });
            }
        }
        Err(Fault::Io(io::Error::other("no upload keeps its name")))
    }

    /// Writes `parts` behind each other, from `offset` on.
    pub(super) fn write(&self, offset: u64, parts: &[Bytes]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        parts.iter().try_for_each(|part| file.write_all(part))
    }

    /// Makes it the object `id`, whole and at once: it is on the disk before it has the name, and the name is when this
    /// returns.
    pub(super) fn publish(&self, rooms: &Rooms, id: ObjectId, naming: Naming) -> Result<(), Fault> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).sync_all()?;
        let (shard, name) = (rooms.shard_made(id.shard())?, id.to_string());
        match naming {
            Naming::Over => {
                self.folder.rename(&self.name, &shard, &name)?;
                self.forget();
            }
            Naming::New => {
                self.folder.hard_link(&self.name, &shard, &name).map_err(taken)?;
                self.remove();
            }
        }
        Ok(sync(&shard)?)
    }

    /// Removes it, if it is nothing yet.
    pub(super) fn remove(&self) {
        if self.forget() == State::Staged {
            // What cannot be removed now is when the folder is opened again.
            let _removed = self.folder.remove_file(&self.name);
        }
    }

    fn forget(&self) -> State {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        mem::replace(&mut *state, State::Gone)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.remove();
    }
}

fn taken(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::AlreadyExists => Fault::Taken,
        _ => Fault::Io(error),
    }
}

/// Removes what uploads left behind whose process is no more, and says how many.
pub(super) fn clear(rooms: &Rooms) -> Result<u64, Fault> {
    let folder = rooms.staged()?;
    let mut removed = 0_u64;
    for entry in folder.entries()? {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else { continue };
        if is_abandoned(&folder, name)? && folder.remove_file(name).is_ok() {
            removed = removed.saturating_add(1);
        }
    }
    Ok(removed)
}

/// Whether it is an upload's, and nobody holds its lock. What else lies there is left alone.
fn is_abandoned(folder: &Dir, name: &str) -> Result<bool, Fault> {
    if name.parse::<ObjectId>().is_err() {
        return Ok(false);
    }
    let file = match super::rooms::file(folder, name) {
        Ok(file) => file,
        Err(Fault::Missing | Fault::Planted { .. }) => return Ok(false),
        Err(fault) => return Err(fault),
    };
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(Fault::Io(error)),
    }
}
