//! The API keys of this server: in memory for requests, kept in the database for all instances on it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use palisade::{
    authn_api_key::{ApiKeys, KeyId, KeyRecord, TakenOver},
    core::{Clock, ConfigError, SECURITY_TARGET},
};
use palisade_database::{Act, ApiKeyRow, ApiKeys as _, Caller, Database, DatabaseError};

use crate::{api_key_file, settings::Settings};

/// So many are read at once.
const PAGE: u32 = 1000;

/// The API keys of this server. Clones share them.
#[derive(Clone, Debug)]
pub struct ApiKeyTable {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    keys: ApiKeys,
    database: Database,
    /// The revision that is in force.
    seen: AtomicI64,
    /// Whether every key of the database could be read.
    is_current: AtomicBool,
    /// When keys were last used, as far as the database knows.
    noted: Mutex<HashMap<KeyId, SystemTime>>,
}

/// What the database is to keep of a key.
#[derive(Clone, Debug)]
pub struct KeptApiKey(ApiKeyRow);

// === impl ApiKeyTable ===

impl ApiKeyTable {
    /// Those of `database`; none is in force before they are taken over.
    ///
    /// # Errors
    ///
    /// None, as long as the format of the keys is one.
    pub fn new(
        settings: &Settings,
        database: &Database,
        clock: &Clock,
    ) -> Result<Self, ConfigError> {
        let keys =
            ApiKeys::builder(api_key_file::format(settings)?).clock(clock.clone()).build()?;
        let inner = Inner {
            keys,
            database: database.clone(),
            seen: AtomicI64::new(i64::MIN),
            is_current: AtomicBool::new(true),
            noted: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The keys.
    pub fn keys(&self) -> &ApiKeys {
        &self.inner.keys
    }

    /// Whether every key of the database could be read: one that could not be is refused.
    pub fn is_current(&self) -> bool {
        self.inner.is_current.load(Ordering::Relaxed)
    }

    /// Takes over what somebody changed since it was last looked.
    ///
    /// # Errors
    ///
    /// If the database does not answer. The keys stay as they are.
    pub async fn refresh(&self) -> Result<TakenOver, DatabaseError> {
        let mut act = self.inner.database.read_as(Caller::service()).await?;
        if act.api_keys_revision().await? == self.inner.seen.load(Ordering::Relaxed) {
            return Ok(TakenOver::Same);
        }
        self.take_over(&mut act).await
    }

    /// Writes down when keys were last used, and learns of what other instances wrote down.
    ///
    /// # Errors
    ///
    /// If the database does not answer. It is written down the next time.
    pub async fn note_uses(&self) -> Result<(), DatabaseError> {
        let uses = self.unnoted();
        // What others wrote down is no change that is counted, and learnt with the next look.
        self.inner.seen.store(i64::MIN, Ordering::Relaxed);
        if uses.is_empty() {
            return Ok(());
        }
        let mut act = self.inner.database.act_as(Caller::service()).await?;
        for (id, at) in &uses {
            act.note_api_key_use(id.as_str(), milliseconds(*at)).await?;
        }
        act.commit().await?;
        self.noted(|noted| noted.extend(uses));
        Ok(())
    }

    async fn take_over(&self, act: &mut Act) -> Result<TakenOver, DatabaseError> {
        // In this order: what is changed here or there meanwhile is seen with the next look.
        let taking_over = self.keys().take_over();
        let revision = act.api_keys_revision().await?;
        let (mut records, mut after, mut unreadable) = (Vec::new(), None::<String>, 0_u64);
        loop {
            let rows = act.api_keys(after.as_deref(), PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id.clone());
            for row in rows {
                match read(&row) {
                    Ok(record) => records.push(record),
                    Err(error) => {
                        unreadable = unreadable.saturating_add(1);
                        tracing::error!(target: SECURITY_TARGET, event = "api-keys.unreadable", key = &*row.id, %error, "a key of the database cannot be read, and is refused");
                    }
                }
            }
        }
        let taken = taking_over.finish(records);
        if taken != TakenOver::Outdated {
            self.inner.seen.store(revision, Ordering::Relaxed);
            self.inner.is_current.store(unreadable == 0, Ordering::Relaxed);
        }
        Ok(taken)
    }

    /// Uses that the database does not know of.
    fn unnoted(&self) -> Vec<(KeyId, SystemTime)> {
        let uses = self.keys().list().into_iter().filter_map(|key| Some((key.id, key.last_used?)));
        self.noted(|noted| uses.filter(|(id, at)| noted.get(id) != Some(at)).collect())
    }

    /// Nothing in here can be left half written, so a poisoned lock is as good as another.
    fn noted<T>(&self, see: impl FnOnce(&mut HashMap<KeyId, SystemTime>) -> T) -> T {
        see(&mut self.inner.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// === impl KeptApiKey ===

impl KeptApiKey {
    /// What is to be stored of it.
    pub(crate) fn new(record: &KeyRecord) -> Self {
        let (id, body) = (record.id().to_string(), record.text().to_owned());
        let revision = i64::try_from(record.revision()).unwrap_or(i64::MAX);
        Self(ApiKeyRow { id, body, revision, last_used: None })
    }

    /// Writes it.
    pub(crate) async fn keep(&self, act: &mut Act) -> Result<(), DatabaseError> {
        act.put_api_key(&self.0).await
    }
}

fn read(row: &ApiKeyRow) -> Result<KeyRecord, ConfigError> {
    let record = KeyRecord::read(&row.body, u64::try_from(row.revision).unwrap_or_default())?;
    if record.id().as_str() != row.id {
        return Err(ConfigError::new("API key", &*row.id).expected("what is stored of this id"));
    }
    Ok(match row.last_used.and_then(|at| u64::try_from(at).ok()) {
        Some(at) => {
            record.used(UNIX_EPOCH.checked_add(Duration::from_millis(at)).unwrap_or(UNIX_EPOCH))
        }
        None => record,
    })
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
