//! Watches the folder of the file: by the system's events, and by looking twice a second.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};

use crate::BlocklistFile;

/// Two looks a second, so that a change is in force within one even where no event comes: network file systems, some
/// containers, a folder that is replaced as a whole.
const LOOK: Duration = Duration::from_millis(500);

/// Wake-ups beyond these say nothing new.
const QUEUE: usize = 16;

/// Watches a [`BlocklistFile`] until it is dropped. Made by [`BlocklistFile::watch`].
#[derive(Debug)]
#[must_use = "the file is watched until this is dropped"]
pub struct BlocklistWatch {
    stop: Arc<AtomicBool>,
    wake: SyncSender<Wake>,
    thread: Option<JoinHandle<()>>,
}

/// Why the thread wakes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wake {
    /// Something happened to the file itself.
    File,
    /// Something happened in the folder, or it is to stop.
    Look,
}

// === impl BlocklistWatch ===

impl BlocklistWatch {
    pub(crate) fn start(file: BlocklistFile) -> io::Result<Self> {
        let (wake, woken) = sync_channel(QUEUE);
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (stop, wake) = (Arc::clone(&stop), wake.clone());
            thread::Builder::new()
                .name("palisade-blocklist".to_owned())
                .spawn(move || run(&file, &stop, &wake, &woken))?
        };
        Ok(Self { stop, wake, thread: Some(thread) })
    }
}

impl Drop for BlocklistWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // A full queue wakes it as well.
        let _ = self.wake.try_send(Wake::Look);
        if let Some(thread) = self.thread.take() {
            // A panic in there was reported by the panic hook; there is nothing left to stop.
            drop(thread.join());
        }
    }
}

fn run(file: &BlocklistFile, stop: &AtomicBool, wake: &SyncSender<Wake>, woken: &Receiver<Wake>) {
    let mut watcher = None;
    while !stop.load(Ordering::Acquire) {
        // Tried again at each look: the folder may be made later.
        watcher = watcher.or_else(|| watcher_of(file.path(), wake));
        let woken = match woken.recv_timeout(LOOK) {
            // One save is several events: one reading is enough for all that came so far.
            Ok(first) => woken.try_iter().fold(first, Wake::stronger),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Wake::Look,
        };
        if woken == Wake::File || file.may_have_changed() {
            // The failure is logged and in the status; there is nobody here to tell.
            drop(file.reload());
        }
    }
}

/// Watches the folder: a file that is replaced by a rename is another file, and a watch on the old one would stay with it.
fn watcher_of(path: &Path, wake: &SyncSender<Wake>) -> Option<RecommendedWatcher> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let (name, wake) = (path.file_name()?.to_owned(), wake.clone());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let why = match event {
            Ok(event) if !is_change(event.kind) => return,
            Ok(event) if event.paths.iter().any(|path| path.file_name() == Some(&name)) => {
                Wake::File
            }
            _ => Wake::Look,
        };
        // A full queue wakes it as well, and the look twice a second finds what it says nothing of.
        let _ = wake.try_send(why);
    })
    .ok()?;
    watcher.watch(&folder, RecursiveMode::NonRecursive).ok()?;
    Some(watcher)
}

/// Our own reading of the file is an event too, and must not wake us.
fn is_change(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

// === impl Wake ===

impl Wake {
    fn stronger(self, other: Self) -> Self {
        if self == Self::File { self } else { other }
    }
}
