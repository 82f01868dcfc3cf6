//! The keys of a service, by version.

use std::{
    fmt,
    future::ready,
    path::Path,
    str,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use aws_lc_rs::{error::Unspecified, rand};
use palisade_core::ConfigError;
use zeroize::Zeroizing;

use crate::{
    Context, DataKey, Key, KeyProvider, KeyVersion, ProviderError, ProviderFuture, SealError,
    Wrapped, ring_text,
    ring_text::RingText,
    sealed::MARK,
    xaes::{self, Xaes},
};

const LABEL: &[u8] = b"palisade-vault wrap";

/// The keys of a service, by version: one wraps what is new, the others unwrap what is there.
///
/// As a text it is entries between commas or on lines of their own, `#` begins a comment:
///
/// ```text
/// 2:aW5zZXJ0IGEgcmVhbCBrZXkgaGVyZSwgbm90IHRoaXM=   # since May
/// 1:c29tZSBvbGRlciBrZXkgd291bGQgc3RhbmQgaGVyZS4=
/// primary=2
/// minimum=1
/// ```
///
/// The primary key is the one of the highest version, and the minimum is 1, if nothing else is said. A ring is
/// [replaced](Self::replace) while it is used.
pub struct KeyRing {
    keys: ArcSwap<Keys>,
    /// Held by who replaces them.
    replacing: Mutex<()>,
}

/// How often a key was used since it came to the ring.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct KeyUsage {
    /// Which key.
    pub version: KeyVersion,
    /// How many data keys it wrapped.
    pub wrapped: u64,
    /// How often it was asked to unwrap one: for values read, and for values wrapped again.
    pub unwrapped: u64,
}

struct Keys {
    /// The newest first.
    entries: Vec<Arc<Entry>>,
    primary: Arc<Entry>,
    minimum: KeyVersion,
}

struct Entry {
    version: KeyVersion,
    key: Key,
    cipher: Xaes,
    wrapped: AtomicU64,
    unwrapped: AtomicU64,
}

// === impl KeyRing ===

impl KeyRing {
    /// The most keys in a ring.
    pub const MAX_KEYS: usize = 100;

    /// A ring of `keys`. The one of the highest version is primary.
    ///
    /// # Errors
    ///
    /// There is none, there are too many, a version or a key is there twice.
    pub fn new(keys: impl IntoIterator<Item = (KeyVersion, Key)>) -> Result<Self, ConfigError> {
        let keys = keys.into_iter().collect();
        Self::build(RingText { keys, ..RingText::default() })
    }

    /// Reads a ring, as from the environment.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and what is not written like a ring, a key that nobody drew at random, a primary key that is not
    /// there or below the minimum. No error shows a key.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::build(RingText::parse(text)?)
    }

    /// Reads a ring from a file. It blocks.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and a file that cannot be read, has more than 64 KiB, or, on Unix, can be read by others, or
    /// be written by its group or others.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let content = ring_text::read(path)?;
        let text = str::from_utf8(&content).map_err(|_| {
            ConfigError::new("file of vault keys", path.display().to_string()).expected("UTF-8")
        })?;
        Self::parse(text)
    }

    /// Makes another key of the ring the primary one: the old one, until all instances have the new one.
    ///
    /// # Errors
    ///
    /// There is no key of this version, or it is below the minimum.
    pub fn with_primary(self, version: KeyVersion) -> Result<Self, ConfigError> {
        let keys = self.keys.load_full();
        Self::of(keys.entries.clone(), Some(version), Some(keys.minimum))
    }

    /// Refuses what is under a key older than `version`, whether it is in the ring or not.
    ///
    /// # Errors
    ///
    /// The primary key is older.
    pub fn with_minimum(self, version: KeyVersion) -> Result<Self, ConfigError> {
        let keys = self.keys.load_full();
        Self::of(keys.entries.clone(), Some(keys.primary.version), Some(version))
    }

    /// Puts `next` in place of the keys, for all who use the ring. What they are about ends with the keys it began with.
    ///
    /// # Errors
    ///
    /// A version is another key than before: what was sealed under it would be lost. Nothing is replaced then.
    pub fn replace(&self, next: Self) -> Result<(), ConfigError> {
        let _alone = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.keys.load_full();
        let next = next.keys.into_inner();
        let mut entries = Vec::with_capacity(next.entries.len());
        for entry in &next.entries {
            entries.push(match now.find(entry.version) {
                // The same key, and its counts.
                Some(known) if known.key.is(&entry.key) => known,
                Some(_) => return Err(another_key(entry.version)),
                None => entry,
            });
        }
        let entries = entries.into_iter().map(Arc::clone).collect();
        let next = Self::of(entries, Some(next.primary.version), Some(next.minimum))?;
        self.keys.store(next.keys.into_inner());
        Ok(())
    }

    /// How often each key was used since it came to the ring, the newest first. Before an old one is deleted, nothing asks for
    /// it any more.
    #[must_use]
    pub fn usage(&self) -> Vec<KeyUsage> {
        self.keys.load().entries.iter().map(|entry| entry.usage()).collect()
    }

    pub(crate) fn wrap(&self, key: &DataKey, context: &Context<'_>) -> Result<Wrapped, SealError> {
        let primary = Arc::clone(&self.keys.load().primary);
        Ok(Wrapped::new(primary.version, primary.wrap(key, context)?))
    }

    pub(crate) fn unwrap(
        &self,
        version: KeyVersion,
        wrapped: &[u8],
        context: &Context<'_>,
    ) -> Result<DataKey, ProviderError> {
        let keys = self.keys.load();
        let entry = keys.find(version).ok_or(ProviderError::UnknownKey)?;
        entry.unwrap(wrapped, context).ok_or(ProviderError::Refused)
    }

    fn build(text: RingText) -> Result<Self, ConfigError> {
        let made =
            text.keys.into_iter().map(|(version, key)| Entry::new(version, key).map(Arc::new));
        let entries: Result<Vec<_>, _> = made.collect();
        let entries = entries.map_err(|_| {
            ring("keys").expected("a cryptographic library that takes keys of 256 bits")
        })?;
        Self::of(entries, text.primary, text.minimum)
    }

    fn of(
        mut entries: Vec<Arc<Entry>>,
        primary: Option<KeyVersion>,
        minimum: Option<KeyVersion>,
    ) -> Result<Self, ConfigError> {
        if entries.len() > Self::MAX_KEYS {
            let expected = format!("at most {}", Self::MAX_KEYS);
            return Err(ring(&format!("{} keys", entries.len())).expected(expected));
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.version));
        refuse_twins(&entries)?;
        let minimum = minimum.unwrap_or(KeyVersion::FIRST);
        let newest = entries.first().ok_or_else(|| ring("no keys").expected("at least one"))?;
        let primary = primary.unwrap_or(newest.version);
        let found = entries.iter().find(|entry| entry.version == primary).cloned();
        let found = found.ok_or_else(|| {
            ring(&format!("primary={primary}")).expected("the version of a key in it")
        })?;
        if primary < minimum {
            let expected = format!("at most the primary version, {primary}");
            return Err(ring(&format!("minimum={minimum}")).expected(expected));
        }
        let keys = ArcSwap::from_pointee(Keys { entries, primary: found, minimum });
        Ok(Self { keys, replacing: Mutex::new(()) })
    }
}

impl KeyProvider for KeyRing {
    fn primary(&self) -> KeyVersion {
        self.keys.load().primary.version
    }

    fn minimum(&self) -> KeyVersion {
        self.keys.load().minimum
    }

    fn wrap_key<'a>(
        &'a self,
        key: &'a DataKey,
        context: &'a Context<'a>,
    ) -> ProviderFuture<'a, Wrapped> {
        Box::pin(ready(self.wrap(key, context).map_err(ProviderError::unavailable)))
    }

    fn unwrap_key<'a>(
        &'a self,
        version: KeyVersion,
        wrapped: &'a [u8],
        context: &'a Context<'a>,
    ) -> ProviderFuture<'a, DataKey> {
        Box::pin(ready(self.unwrap(version, wrapped, context)))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.load();
        let versions: Vec<u32> = keys.entries.iter().map(|entry| entry.version.number()).collect();
        let mut shown = f.debug_struct("KeyRing");
        shown.field("versions", &versions).field("primary", &keys.primary.version.number());
        shown.field("minimum", &keys.minimum.number()).finish_non_exhaustive()
    }
}

// === impl Keys ===

impl Keys {
    fn find(&self, version: KeyVersion) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|entry| entry.version == version)
    }
}

// === impl Entry ===

impl Entry {
    fn new(version: KeyVersion, key: Key) -> Result<Self, Unspecified> {
        let (wrapped, unwrapped) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { version, cipher: Xaes::new(key.expose())?, key, wrapped, unwrapped })
    }

    fn wrap(&self, key: &DataKey, context: &Context<'_>) -> Result<Vec<u8>, Unspecified> {
        let mut nonce = [0; xaes::NONCE];
        rand::fill(&mut nonce)?;
        // Room for the tag: a buffer that grew would leave a copy of the key behind.
        let mut text = Zeroizing::new(Vec::with_capacity(64));
        text.extend_from_slice(key.expose());
        self.cipher.seal(&nonce, &self.aad(context), &mut text)?;
        self.wrapped.fetch_add(1, Ordering::Relaxed);
        Ok([nonce.as_slice(), &text].concat())
    }

    fn unwrap(&self, wrapped: &[u8], context: &Context<'_>) -> Option<DataKey> {
        self.unwrapped.fetch_add(1, Ordering::Relaxed);
        let (nonce, text) = wrapped.split_first_chunk()?;
        let mut text = Zeroizing::new(text.to_vec());
        let key = self.cipher.open(nonce, &self.aad(context), &mut text).ok()?;
        <[u8; 32]>::try_from(&*key).ok().map(DataKey::new)
    }

    fn aad(&self, context: &Context<'_>) -> Vec<u8> {
        let version = self.version.number().to_be_bytes();
        [LABEL, &MARK, &version, &context.encoded()].concat()
    }

    fn usage(&self) -> KeyUsage {
        KeyUsage {
            version: self.version,
            wrapped: self.wrapped.load(Ordering::Relaxed),
            unwrapped: self.unwrapped.load(Ordering::Relaxed),
        }
    }
}

/// A version that is there twice, or a key under two versions, which was to be replaced and was not.
fn refuse_twins(sorted: &[Arc<Entry>]) -> Result<(), ConfigError> {
    for (place, entry) in sorted.iter().enumerate() {
        for older in sorted.iter().skip(place.saturating_add(1)) {
            if entry.version == older.version {
                let value = format!("version {} twice", entry.version);
                return Err(ring(&value).expected("every version once"));
            }
            if entry.key.is(&older.key) {
                let value = format!("one key as version {} and {}", entry.version, older.version);
                return Err(ring(&value).expected("every key once"));
            }
        }
    }
    Ok(())
}

fn another_key(version: KeyVersion) -> ConfigError {
    ring(&format!("another key of version {version}"))
        .expected("a new key under a new version: what is sealed under the old one would be lost")
}

fn ring(value: &str) -> ConfigError {
    ConfigError::new("ring of vault keys", value)
}
