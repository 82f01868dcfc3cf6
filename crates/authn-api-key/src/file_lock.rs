//! One process at a time changes the file of keys.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
    time::Duration,
};

/// How long the lock is waited for. Who changes the file is done within milliseconds; who has it for longer was stopped, or
/// is a person with an editor.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who has it is alone in changing the file: without it, what another process writes between a look and a replacement is
/// lost.
///
/// It is the operating system's own lock, of a file beside it, `<name>.lock`, for the file itself is another one after each
/// change. It ends with the process that has it, and the empty file stays: whoever removed it would part those who wait for
/// it from those who come.
#[derive(Clone, Debug)]
pub(crate) struct FileLock {
    path: PathBuf,
    /// How many threads wait for it that nobody waits for any more.
    overdue: Arc<AtomicUsize>,
}

/// The lock is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    _file: File,
}

// === impl FileLock ===

impl FileLock {
    /// The lock of the file at `path`.
    pub(crate) fn of(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        Self { path: PathBuf::from(name), overdue: Arc::default() }
    }

    /// Waits until nobody else has it, in this process or another one, but not for ever: [`io::ErrorKind::TimedOut`] then.
    pub(crate) fn wait(&self) -> io::Result<Held> {
        self.held().map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
        })
    }

    fn held(&self) -> io::Result<Held> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = for_its_owner().open(&self.path)?;
        match file.try_lock() {
            Ok(()) => Ok(Held { _file: file }),
            Err(TryLockError::Error(error)) => Err(error),
            // Whoever has it has had it for too long already. Waiting again would leave one thread more each time.
            Err(TryLockError::WouldBlock) if self.overdue.load(Ordering::Acquire) > 0 => {
                Err(too_long())
            }
            Err(TryLockError::WouldBlock) => self.outwait(file),
        }
    }

    /// Lets a thread of its own wait: the system's call does not end before whoever has the lock lets go of it. A thread that
    /// is left behind ends then too. There are never more than callers who waited at the same time.
    fn outwait(&self, file: File) -> io::Result<Held> {
        // Without room in it, what was sent was received, and what was not is dropped by the thread: nobody keeps the lock.
        let (give, given) = sync_channel(0);
        let overdue = Arc::clone(&self.overdue);
        let wait = move || {
            let locked = file.lock().map(|()| file);
            if give.send(locked).is_err() {
                overdue.fetch_sub(1, Ordering::AcqRel);
            }
        };
        thread::Builder::new().name("palisade-api-key-lock".to_owned()).spawn(wait)?;
        let Ok(locked) = given.recv_timeout(PATIENCE) else {
            // Before the thread learns of it, which happens where `given` is dropped.
            self.overdue.fetch_add(1, Ordering::AcqRel);
            return Err(too_long());
        };
        Ok(Held { _file: locked? })
    }
}

fn too_long() -> io::Error {
    let seconds = PATIENCE.as_secs();
    let told = format!("somebody else has had this lock for more than {seconds} s");
    io::Error::new(io::ErrorKind::TimedOut, told)
}

/// Who may open it may hold it up.
fn for_its_owner() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
