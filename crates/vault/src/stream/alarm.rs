//! Tells of an object that is refused: once, however many of its chunks are.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Context, KeyVersion, OpenError, alert};

/// What is told of an object that is refused, and whether it was.
#[derive(Debug)]
pub(super) struct Alarm {
    /// Tenant, table, column, row and purpose.
    texts: [String; 5],
    revision: Option<u64>,
    version: KeyVersion,
    was_rung: AtomicBool,
}

impl Alarm {
    pub(super) fn new(context: &Context<'_>, version: KeyVersion) -> Self {
        let Context { tenant, table, column, row, purpose, revision } = *context;
        let texts = [tenant, table, column, row, purpose].map(str::to_owned);
        Self { texts, revision, version, was_rung: AtomicBool::new(false) }
    }

    /// Whether some chunk was refused.
    pub(super) fn was_rung(&self) -> bool {
        self.was_rung.load(Ordering::Relaxed)
    }

    /// Tells that the chunk `number` is not what was sealed.
    pub(super) fn ring(&self, number: u64) -> OpenError {
        let error = OpenError::Tampered;
        if !self.was_rung.swap(true, Ordering::Relaxed) {
            let [tenant, table, column, row, purpose] = &self.texts;
            let revision = self.revision;
            let context = Context { tenant, table, column, row, purpose, revision };
            alert::of(&error, &context, Some(self.version), Some(number));
        }
        error
    }
}
