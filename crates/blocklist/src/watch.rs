//! Watches the folder of the file: by the system's events, and by looking twice a second.

use std::{
    ffi::OsString,
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

use crate::{BlocklistFile, includes::folder_of, stamp::Stamp};

/// How often lists that nobody reads any more are freed, and what was counted is told, however seldom it looks.
const SWEEP: Duration = Duration::from_millis(500);

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

/// Watches the folder: a file that is replaced by a rename is another file, and a watch on the old one would stay with it.
struct FolderWatcher {
    folder: PathBuf,
    /// The name of the file in it.
    name: Option<OsString>,
    wake: SyncSender<Wake>,
    /// What watches, and the folder that it watches.
    watched: Option<(RecommendedWatcher, Stamp)>,
}

// === impl BlocklistWatch ===

impl BlocklistWatch {
    pub(crate) fn start(file: BlocklistFile, interval: Duration) -> io::Result<Self> {
        let (wake, woken) = sync_channel(QUEUE);
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (stop, wake) = (Arc::clone(&stop), wake.clone());
            thread::Builder::new().name("palisade-blocklist".to_owned()).spawn(move || {
                let mut watcher = FolderWatcher::new(file.path(), wake);
                while !stop.load(Ordering::Acquire) {
                    // Tried again at each look: the folder may be made later, or again.
                    watcher.watch();
                    look(&file, wait(&file, &woken, interval));
                }
            })?
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

/// Waits until something may have happened, or until it is time to look. Sweeps meanwhile.
fn wait(file: &BlocklistFile, woken: &Receiver<Wake>, interval: Duration) -> Wake {
    let mut left = interval;
    loop {
        let step = left.min(SWEEP);
        match woken.recv_timeout(step) {
            // One save is several events: one reading is enough for all that came so far.
            Ok(first) => return woken.try_iter().fold(first, Wake::stronger),
            Err(RecvTimeoutError::Timeout) if left > step => left = left.saturating_sub(step),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Wake::Look,
        }
        file.sweep();
    }
}

/// Sees what happened.
fn look(file: &BlocklistFile, woken: Wake) {
    if woken == Wake::File || file.may_have_changed() {
        // The failure is logged and in the status; there is nobody here to tell.
        drop(file.reload());
    }
    file.sweep();
}

// === impl FolderWatcher ===

impl FolderWatcher {
    fn new(path: &Path, wake: SyncSender<Wake>) -> Self {
        let name = path.file_name().map(ToOwned::to_owned);
        Self { folder: folder_of(path), name, wake, watched: None }
    }

    /// Watches the folder that has the path now, if it is not watched already.
    fn watch(&mut self) {
        let folder = Stamp::of(&self.folder);
        let is_watched = self.watched.as_ref().zip(folder.as_ref());
        if is_watched.is_some_and(|((_, watched), folder)| watched.is_same_file(folder)) {
            return;
        }
        // A watch on a folder that was removed stays with that one.
        self.watched = None;
        self.watched = folder.and_then(|folder| Some((self.watcher()?, folder)));
    }

    fn watcher(&self) -> Option<RecommendedWatcher> {
        let (name, wake) = (self.name.clone(), self.wake.clone());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let is_ours = |path: &PathBuf| path.file_name() == name.as_deref();
            let why = match event {
                Ok(event) if !is_change(event.kind) => return,
                Ok(event) if event.paths.iter().any(is_ours) => Wake::File,
                _ => Wake::Look,
            };
            // A full queue wakes it as well, and the next look finds what it says nothing of.
            let _ = wake.try_send(why);
        })
        .ok()?;
        watcher.watch(&self.folder, RecursiveMode::NonRecursive).ok()?;
        Some(watcher)
    }
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
