//! The handle: makes keys, changes them, judges them, tells about them.

use std::{
    fmt, io, iter,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use palisade_core::{Clock, ConfigError, Moment, TokenDigest};

use crate::{
    ApiKey, ApiKeysBuilder, Issued, KeyError, KeyFault, KeyFormat, KeyId, KeyText, NewKey,
    TakenOver, Verified,
    entry::{Entry, Table, sorted},
    key_file::KeyFile,
    key_format,
    last_used::LastUsed,
    stored::{Secrets, Stored},
    time,
};

/// The keys, shared by the policy and the admin API. Clones share them.
///
/// A request takes no lock. A change is made to what is in the file, and on disk first, but for one that takes a key away,
/// which counts at once even where it cannot be written: until it is written, by any later change, no
/// [`reload`](Self::reload) brings the key back, and [`is_written`](Self::is_written) says that it is not.
#[derive(Clone)]
pub struct ApiKeys {
    inner: Arc<Inner>,
}

struct Inner {
    format: KeyFormat,
    max_keys: usize,
    clock: Clock,
    table: ArcSwap<Table>,
    /// Held by whoever changes the table.
    file: Mutex<Option<KeyFile>>,
    /// Whether nothing is owed to the file. Changed by whoever holds it, and read without.
    is_written: AtomicBool,
    /// How many changes were made here, of keys that somebody else keeps. Changed by whoever holds the file.
    alterations: AtomicU64,
    /// What a key of an unknown id is compared with.
    decoy: Secrets,
}

/// Where a change is made first.
#[derive(Clone, Copy)]
enum First {
    /// What gives: nobody is shown a key that a restart forgets.
    Disk,
    /// What takes this key away: it must not depend on a disk, but for a write of this process that is under way.
    Memory(KeyId),
}

// === impl ApiKeys ===

impl ApiKeys {
    /// Starts with no keys, in memory alone, of this format.
    pub fn builder(format: KeyFormat) -> ApiKeysBuilder {
        ApiKeysBuilder::new(format)
    }

    pub(crate) fn new(
        format: KeyFormat,
        file: Option<KeyFile>,
        max_keys: usize,
        clock: Clock,
    ) -> Self {
        let decoy = Secrets::new(&format.draw(KeyId::random()));
        let (table, file) = (ArcSwap::default(), Mutex::new(file));
        let (is_written, alterations) = (AtomicBool::new(true), AtomicU64::new(0));
        let inner = Inner { format, max_keys, clock, table, file, is_written, alterations, decoy };
        Self { inner: Arc::new(inner) }
    }

    /// Judges a key, as the policy does. A valid one counts as used.
    ///
    /// # Errors
    ///
    /// Why it is not valid. It must not reach who presented it.
    pub fn verify(&self, text: &str, now: Moment) -> Result<Verified, KeyFault> {
        self.verify_with(text, || TokenDigest::of(text), now)
    }

    /// The same for who may know the digest of the text already, such as that of a [`Token`](palisade_core::Token). It is
    /// asked for once, whosever key it is, and never for what is not written like a key.
    ///
    /// # Errors
    ///
    /// Why the key is not valid. It must not reach who presented it.
    pub fn verify_with(
        &self,
        text: &str,
        digest: impl FnOnce() -> TokenDigest,
        now: Moment,
    ) -> Result<Verified, KeyFault> {
        let id = key_format::read(text)?;
        let digest = digest();
        let table = self.inner.table.load();
        let entry = table.get(&id);
        // From here on all do the same, whether there is such a key or not, and whosever it is.
        let secrets = entry.map_or(&self.inner.decoy, |entry| entry.secrets());
        let found = secrets.find(&digest);
        if !self.inner.format.is_of(text) {
            return Err(KeyFault::Foreign(id));
        }
        let identity = entry.ok_or(KeyFault::Unknown(id))?.judge(found, now)?;
        Ok(Verified { id, identity })
    }

    /// Makes a key. Its text is in what is returned, and nowhere else. Blocks.
    ///
    /// # Errors
    ///
    /// If the order makes no sense, there is no room, or the file cannot be written. There is no new key then.
    pub fn create(&self, order: NewKey) -> Result<Issued, KeyError> {
        let now = time::at(self.inner.clock.now());
        let key = order.into_key(KeyId::random(), now)?;
        self.change(First::Disk, |table| {
            let (key, text) = self.draw_in(table, &key)?;
            let entry = Entry::new(Stored::new(key.clone(), &text), LastUsed::default());
            table.insert(key.id, Arc::new(entry));
            Ok(Issued { key, text })
        })
    }

    /// Gives a key another secret. The one it has is good for the time of the `overlap`; the one before that, if any, is
    /// good no longer. Without an overlap the old one ends for good: no clock that is set back revives it. A key that is
    /// disabled or has expired stays so. Blocks.
    ///
    /// # Errors
    ///
    /// If there is no such key, the overlap has no end that can be written, or the file cannot be written. The key has the
    /// secret it had then.
    pub fn rotate(&self, id: KeyId, overlap: Duration) -> Result<Issued, KeyError> {
        let now = time::at(self.inner.clock.now());
        let until = if overlap.is_zero() { None } else { Some(time::after(now, overlap)?) };
        let text = self.inner.format.draw(id);
        let key = self.edit(First::Disk, id, |stored| stored.rotate(&text, until))?;
        Ok(Issued { key, text })
    }

    /// Disables a key, at once. Blocks.
    ///
    /// # Errors
    ///
    /// If there is no such key; or the file cannot be written: the key is disabled all the same, and a restart forgets it
    /// unless a later change or [`flush`](Self::flush) is written.
    #[doc(alias = "revoke")]
    pub fn disable(&self, id: KeyId) -> Result<ApiKey, KeyError> {
        let now = time::at(self.inner.clock.now());
        self.edit(First::Memory(id), id, |stored| {
            stored.key.disabled.get_or_insert(now);
        })
    }

    /// Enables a key that was disabled. Blocks.
    ///
    /// # Errors
    ///
    /// If there is no such key, or the file cannot be written. The key is disabled as it was then.
    pub fn enable(&self, id: KeyId) -> Result<ApiKey, KeyError> {
        self.edit(First::Disk, id, |stored| stored.key.disabled = None)
    }

    /// Deletes a key, at once. Blocks.
    ///
    /// # Errors
    ///
    /// If there is no such key; or the file cannot be written: the key is gone all the same, and a restart forgets it
    /// unless a later change or [`flush`](Self::flush) is written. A reload before that finds it disabled.
    pub fn delete(&self, id: KeyId) -> Result<ApiKey, KeyError> {
        self.change(First::Memory(id), |table| {
            let entry = table.remove(&id).ok_or(KeyError::Unknown)?;
            Ok(entry.stored().key)
        })
    }

    /// All keys, the oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<ApiKey> {
        self.stored().into_iter().map(|stored| stored.key).collect()
    }

    /// Takes over what somebody else wrote into the file. A missing file changes nothing. Returns whether there was something
    /// to take over, now or at a change since the last reload. Blocks.
    ///
    /// # Errors
    ///
    /// Why the file cannot be used. The keys stay as they are.
    pub fn reload(&self) -> Result<bool, ConfigError> {
        let mut file = self.file();
        let Some(file) = file.as_mut() else { return Ok(false) };
        self.take_over_file(file)?;
        Ok(file.tell())
    }

    /// Whether the file says of every key that was taken away that it was. Until it does, a restart brings the key back; a
    /// [`flush`](Self::flush) makes up for what failed. Takes no lock.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.inner.is_written.load(Ordering::Relaxed)
    }

    /// Writes the file anew: when keys were last used, and what could not be written so far. Of use before the end, and now
    /// and then. Blocks.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn flush(&self) -> Result<(), KeyError> {
        self.change(First::Disk, |_| Ok(()))
    }

    fn edit(
        &self,
        first: First,
        id: KeyId,
        edit: impl Fn(&mut Stored),
    ) -> Result<ApiKey, KeyError> {
        self.change(first, |table| {
            let entry = table.get_mut(&id).ok_or(KeyError::Unknown)?;
            *entry = Arc::new(entry.changed(&edit));
            Ok(entry.stored().key)
        })
    }

    /// Makes a change to the keys as they are in the file, with nobody else between the look at it and its replacement.
    fn change<T>(
        &self,
        first: First,
        change: impl Fn(&mut Table) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        let made = self.take_away(first, &change);
        // Waited for with nothing else in hand: what takes a key away does not stand in line for another process.
        let lock = self.file().as_ref().map(KeyFile::lock);
        let alone = lock.map(|lock| lock.wait()).transpose()?;
        let mut file = self.file();
        if let Some(file) = file.as_mut() {
            self.take_over_file(file).map_err(io::Error::other)?;
        }
        let mut table = Table::clone(&self.inner.table.load_full());
        // Once more, whatever was made: what was taken over since, here or by another thread, may have brought the key back,
        // or may be without it.
        let made = change(&mut table).or_else(|error| made.ok_or(error))?;
        if let (Some(file), Some(alone)) = (file.as_mut(), alone.as_ref()) {
            file.write(&table, alone)?;
            self.inner.is_written.store(true, Ordering::Relaxed);
        }
        self.inner.table.store(Arc::new(table));
        Ok(made)
    }

    /// Makes a change that takes a key away in memory, where there is such a key.
    fn take_away<T>(
        &self,
        first: First,
        change: impl Fn(&mut Table) -> Result<T, KeyError>,
    ) -> Option<T> {
        let First::Memory(id) = first else { return None };
        let mut file = self.file();
        let made = match (self.make(&change), file.as_mut()) {
            (Err(KeyError::Unknown), Some(file)) => {
                // Somebody else may have made it. Who only reads needs no lock: the file is replaced as a whole.
                self.take_over_file(file).ok()?;
                self.make(&change)
            }
            (made, _) => made,
        };
        let made = made.ok()?;
        if let Some(file) = file.as_mut() {
            file.owe(id, time::at(self.inner.clock.now()));
            self.inner.is_written.store(false, Ordering::Relaxed);
        }
        Some(made)
    }

    /// Makes a change in memory. Asked with the file in hand.
    fn make<T>(&self, change: impl Fn(&mut Table) -> Result<T, KeyError>) -> Result<T, KeyError> {
        let mut table = Table::clone(&self.inner.table.load_full());
        let made = change(&mut table)?;
        self.inner.table.store(Arc::new(table));
        Ok(made)
    }

    /// Takes over what is in the file, if that is new.
    fn take_over_file(&self, file: &mut KeyFile) -> Result<(), ConfigError> {
        let Some(keys) = file.read(self.inner.max_keys)? else { return Ok(()) };
        let known = self.inner.table.load();
        let mut table = Table::default();
        for stored in keys {
            let id = stored.key.id;
            let last_used = known.get(&id).map(|entry| entry.last_used()).unwrap_or_default();
            table.insert(id, Arc::new(Entry::new(stored, last_used)));
        }
        self.inner.table.store(Arc::new(table));
        Ok(())
    }

    /// Draws a key that there is room for, and that no other one has the id of.
    pub(crate) fn draw(&self, order: NewKey) -> Result<(ApiKey, KeyText), KeyError> {
        let key = order.into_key(KeyId::random(), time::at(self.now()))?;
        self.draw_in(&self.inner.table.load(), &key)
    }

    fn draw_in(&self, table: &Table, key: &ApiKey) -> Result<(ApiKey, KeyText), KeyError> {
        if table.len() >= self.inner.max_keys {
            return Err(KeyError::NoRoom);
        }
        let mut ids = iter::once(key.id).chain(iter::repeat_with(KeyId::random));
        let id = ids.find(|id| !table.contains_key(id)).ok_or(KeyError::NoRoom)?;
        Ok((ApiKey { id, ..key.clone() }, self.text_for(id)))
    }

    /// Draws another secret.
    pub(crate) fn text_for(&self, id: KeyId) -> KeyText {
        self.inner.format.draw(id)
    }

    pub(crate) fn now(&self) -> Moment {
        self.inner.clock.now()
    }

    pub(crate) fn entry(&self, id: KeyId) -> Option<Arc<Entry>> {
        self.inner.table.load().get(&id).map(Arc::clone)
    }

    /// All keys as they are kept, the oldest first.
    pub(crate) fn stored(&self) -> Vec<Stored> {
        sorted(&self.inner.table.load())
    }

    /// How many changes were made by [`alter`](Self::alter).
    pub(crate) fn alterations(&self) -> u64 {
        self.inner.alterations.load(Ordering::Acquire)
    }

    /// Makes a change in memory alone, with nobody else at it.
    pub(crate) fn alter<T>(&self, alter: impl FnOnce(&mut Table) -> T) -> T {
        let alone = self.file();
        let mut table = Table::clone(&self.inner.table.load_full());
        let altered = alter(&mut table);
        self.inner.table.store(Arc::new(table));
        self.inner.alterations.fetch_add(1, Ordering::AcqRel);
        drop(alone);
        altered
    }

    /// Puts another table in the place of this one, unless there were changes since so many.
    pub(crate) fn replace(
        &self,
        since: u64,
        replace: impl FnOnce(&Table) -> Option<Table>,
    ) -> TakenOver {
        let alone = self.file();
        if self.alterations() != since {
            return TakenOver::Outdated;
        }
        let replaced = replace(&self.inner.table.load());
        let taken = if replaced.is_some() { TakenOver::Changed } else { TakenOver::Same };
        if let Some(table) = replaced {
            self.inner.table.store(Arc::new(table));
        }
        drop(alone);
        taken
    }

    /// Nothing in here can be left half written, so a poisoned lock is as good as another.
    fn file(&self) -> MutexGuard<'_, Option<KeyFile>> {
        self.inner.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeys")
            .field("format", &self.inner.format)
            .field("keys", &self.inner.table.load().len())
            .finish_non_exhaustive()
    }
}
