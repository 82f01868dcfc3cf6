//! A change of a key in two steps, for keys that somebody else keeps: what he stores and what is in force go together.

use std::{sync::Arc, time::Duration};

use crate::{
    ApiKey, ApiKeys, Issued, KeyError, KeyId, KeyRecord, NewKey,
    entry::{Entry, Table},
    stored::Stored,
    time,
};

/// A change that is known and not in force yet; `T` is what comes of it. Dropping it leaves all as it is.
///
/// A change and the transaction that stores it go like this; whatever fails, the key is as before:
///
/// ```
/// # use palisade_authn_api_key::{ApiKeys, KeyFormat, KeyRecord, NewKey};
/// # struct Transaction;
/// # impl Transaction {
/// #     fn store(&self, _: &KeyRecord) -> Result<(), std::io::Error> { Ok(()) }
/// #     fn commit(self) -> Result<(), std::io::Error> { Ok(()) }
/// # }
/// # let keys = ApiKeys::builder(KeyFormat::new("acme", "live")?).build()?;
/// # let transaction = Transaction;
/// let planned = keys.plan_create(NewKey::owned_by("exporter"))?;
/// transaction.store(planned.record())?;        // refused: nothing happened
/// let in_force = planned.put_in_force()?;
/// transaction.commit()?;                       // failed: what is in force is undone
/// let issued = in_force.settle();              // shown to the owner, once
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a plan does nothing until it is put in force"]
pub struct PlannedKey<T> {
    keys: ApiKeys,
    record: KeyRecord,
    answer: T,
}

/// A change that is in force and can still be undone: dropping it without [`settle`](Self::settle) puts back what was there
/// before, unless something else was taken over in the meantime.
#[derive(Debug)]
#[must_use = "a change that is dropped before it is settled is undone"]
pub struct UnsettledKey<T> {
    in_force: InForce,
    record: KeyRecord,
    answer: T,
}

/// Undone when it is dropped, as long as there is a change in it.
#[derive(Debug)]
struct InForce {
    keys: ApiKeys,
    change: Option<Change>,
}

#[derive(Debug)]
struct Change {
    id: KeyId,
    before: Option<Arc<Entry>>,
    after: Arc<Entry>,
}

// === impl ApiKeys ===

impl ApiKeys {
    /// Plans a key. For keys that somebody else keeps, as all plans are: no file is written.
    ///
    /// # Errors
    ///
    /// If the order makes no sense, or there is no room.
    pub fn plan_create(&self, order: NewKey) -> Result<PlannedKey<Issued>, KeyError> {
        let (key, text) = self.draw(order)?;
        let record = KeyRecord::new(Stored::new(key.clone(), &text), 1)?;
        Ok(PlannedKey { keys: self.clone(), record, answer: Issued { key, text } })
    }

    /// Plans another secret for a key. The one it has is good for the time of the `overlap`, as after [`rotate`](Self::rotate).
    ///
    /// # Errors
    ///
    /// If there is no such key, or the overlap has no end that can be written.
    pub fn plan_rotate(
        &self,
        id: KeyId,
        overlap: Duration,
    ) -> Result<PlannedKey<Issued>, KeyError> {
        let now = time::at(self.now());
        let until = if overlap.is_zero() { None } else { Some(time::after(now, overlap)?) };
        let text = self.text_for(id);
        let PlannedKey { keys, record, answer: key } =
            self.plan_edit(id, |stored| stored.rotate(&text, until))?;
        Ok(PlannedKey { keys, record, answer: Issued { key, text } })
    }

    /// Plans that a key is disabled.
    ///
    /// # Errors
    ///
    /// If there is no such key.
    #[doc(alias = "revoke")]
    pub fn plan_disable(&self, id: KeyId) -> Result<PlannedKey<ApiKey>, KeyError> {
        let now = time::at(self.now());
        self.plan_edit(id, |stored| {
            stored.key.disabled.get_or_insert(now);
        })
    }

    /// Plans that a key which was disabled is good again.
    ///
    /// # Errors
    ///
    /// If there is no such key.
    pub fn plan_enable(&self, id: KeyId) -> Result<PlannedKey<ApiKey>, KeyError> {
        self.plan_edit(id, |stored| stored.key.disabled = None)
    }

    fn plan_edit(
        &self,
        id: KeyId,
        edit: impl FnOnce(&mut Stored),
    ) -> Result<PlannedKey<ApiKey>, KeyError> {
        let entry = self.entry(id).ok_or(KeyError::Unknown)?;
        let mut stored = entry.stored();
        edit(&mut stored);
        let key = stored.key.clone();
        let record = KeyRecord::new(stored, entry.revision().saturating_add(1))?;
        Ok(PlannedKey { keys: self.clone(), record, answer: key })
    }
}

// === impl PlannedKey ===

impl<T> PlannedKey<T> {
    /// What is to be stored.
    pub fn record(&self) -> &KeyRecord {
        &self.record
    }

    /// Puts it in force, in memory alone.
    ///
    /// # Errors
    ///
    /// [`KeyError::Changed`] if the key was changed since it was planned. It is as it was then.
    pub fn put_in_force(self) -> Result<UnsettledKey<T>, KeyError> {
        let Self { keys, record, answer } = self;
        let id = record.id();
        let (before, after) = keys.alter(|table| {
            let before = table.get(&id).map(Arc::clone);
            let known = before.as_ref().map_or(0, |entry| entry.revision());
            if known.saturating_add(1) != record.revision() {
                return Err(KeyError::Changed);
            }
            let after = Arc::new(Entry::recorded(&record, before.as_deref()));
            table.insert(id, Arc::clone(&after));
            Ok((before, after))
        })?;
        let in_force = InForce { keys, change: Some(Change { id, before, after }) };
        Ok(UnsettledKey { in_force, record, answer })
    }
}

// === impl UnsettledKey ===

impl<T> UnsettledKey<T> {
    /// What is to be stored.
    pub fn record(&self) -> &KeyRecord {
        &self.record
    }

    /// Lets it stand, and says what came of it.
    pub fn settle(self) -> T {
        let Self { mut in_force, answer, .. } = self;
        in_force.settle();
        answer
    }
}

// === impl InForce ===

impl InForce {
    fn settle(&mut self) {
        let Some(Change { id, after, .. }) = self.change.take() else { return };
        self.keys.alter(|table| {
            // What was read before it was stored may have been taken over meanwhile.
            if table.get(&id).is_none_or(|entry| entry.revision() < after.revision()) {
                table.insert(id, after);
            }
        });
    }
}

impl Drop for InForce {
    fn drop(&mut self) {
        let Some(Change { id, before, after }) = self.change.take() else { return };
        self.keys.alter(|table: &mut Table| {
            let is_there = table.get(&id).is_some_and(|entry| Arc::ptr_eq(entry, &after));
            match before {
                _ if !is_there => {}
                Some(before) => drop(table.insert(id, before)),
                None => drop(table.remove(&id)),
            }
        });
    }
}
