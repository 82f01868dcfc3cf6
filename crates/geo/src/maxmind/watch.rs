//! Watches the folder of the file: by the system's events, and by looking now and then.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::{MaxmindFile, stamp::Stamp};

/// Wake-ups beyond these say nothing new.
const QUEUE: usize = 16;
/// A file of this size is written in many steps: it is read when there was nothing for so long …
const QUIET: Duration = Duration::from_millis(100);
/// … or after so many steps.
const STEPS: usize = 100;

/// Watches a [`MaxmindFile`] until it is dropped. Made by [`MaxmindFile::watch`]. A file that is being read when it is dropped is
/// read to its end, in the background.
#[derive(Debug)]
#[must_use = "the file is watched until this is dropped"]
pub struct MaxmindWatch {
    stop: Arc<AtomicBool>,
    /// Whether the file is looked at, and read if it changed.
    looks: Arc<AtomicBool>,
    wake: SyncSender<()>,
    thread: Option<JoinHandle<()>>,
}

/// Watches the folder: a file that is replaced by a rename is another file, and a watch on the old one would stay with it.
struct FolderWatcher {
    wake: SyncSender<()>,
    /// What watches, and the folder that it watches.
    watched: Option<(RecommendedWatcher, Stamp)>,
}

// === impl MaxmindWatch ===

impl MaxmindWatch {
    pub(crate) fn start(file: MaxmindFile, interval: Duration) -> io::Result<Self> {
        let (wake, woken) = sync_channel(QUEUE);
        let (stop, looks) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let thread = {
            let (stop, looks, wake) = (Arc::clone(&stop), Arc::clone(&looks), wake.clone());
            thread::Builder::new().name("palisade-geo".to_owned()).spawn(move || {
                let mut watcher = FolderWatcher { wake, watched: None };
                let folder = folder_of(file.path()).to_owned();
                while !stop.load(Ordering::Acquire) {
                    // Tried again at each look: the folder may be made later, or again.
                    watcher.watch(&folder);
                    // Before it waits: what happened before it watched is told by nobody.
                    look(&file, &looks, &stop);
                    wait(&woken, interval, &stop);
                }
            })?
        };
        Ok(Self { stop, looks, wake, thread: Some(thread) })
    }
}

impl Drop for MaxmindWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // A full queue wakes it as well.
        let _ = self.wake.try_send(());
        // A large file takes many seconds: an end of the program does not wait for what it has no use for.
        let thread = self.thread.take().filter(|_| !self.looks.load(Ordering::SeqCst));
        if let Some(thread) = thread {
            // A panic in there was reported by the panic hook; there is nothing left to stop.
            drop(thread.join());
        }
    }
}

fn look(file: &MaxmindFile, looks: &AtomicBool, stop: &AtomicBool) {
    looks.store(true, Ordering::SeqCst);
    // After that was said: who ends it does not wait for what is read, so nothing may begin any more.
    if !stop.load(Ordering::SeqCst) {
        file.look();
    }
    looks.store(false, Ordering::SeqCst);
}

/// Waits until something happened and was over for a moment, or until it is time to look.
fn wait(woken: &Receiver<()>, interval: Duration, stop: &AtomicBool) {
    if woken.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
        return;
    }
    let goes_on = || woken.recv_timeout(QUIET).is_ok() && !stop.load(Ordering::Acquire);
    for _ in (0..STEPS).take_while(|_| goes_on()) {}
}

// === impl FolderWatcher ===

impl FolderWatcher {
    /// Watches the folder that has the path now, if it is not watched already.
    fn watch(&mut self, path: &Path) {
        let folder = Stamp::of(path);
        let is_watched = self.watched.as_ref().zip(folder.as_ref());
        if is_watched.is_some_and(|((_, watched), folder)| watched.is_same_file(folder)) {
            return;
        }
        // A watch on a folder that was removed stays with that one.
        self.watched = None;
        self.watched = folder.and_then(|folder| Some((self.watcher(path)?, folder)));
    }

    fn watcher(&self, path: &Path) -> Option<RecommendedWatcher> {
        let wake = self.wake.clone();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                // Our own reading of the file is an event too, and must not wake us. A full queue wakes it as well.
                if !event.is_ok_and(|event| event.kind.is_access()) {
                    let _ = wake.try_send(());
                }
            })
            .ok()?;
        watcher.watch(path, RecursiveMode::NonRecursive).ok()?;
        Some(watcher)
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
