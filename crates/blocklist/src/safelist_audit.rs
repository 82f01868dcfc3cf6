//! Tells who was let through by the safelist although an entry would have refused him.

use std::{
    collections::HashMap,
    mem,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use palisade_core::{Moment, SECURITY_TARGET};

use crate::Hit;

/// Within this time all such requests of one safe entry are one event, and a count in the next.
const WINDOW: Duration = Duration::from_secs(10);

/// How many safe entries are told apart. Further ones share one event, which names none of them.
const KEPT: usize = 64;

/// All safe entries beyond those that are told apart.
const OTHERS: u64 = u64::MAX;

/// The events `blocklist.safelisted`: for each safe entry no more than one in ten seconds, whatever comes.
#[derive(Debug, Default)]
pub(crate) struct SafelistAudit {
    windows: Mutex<HashMap<u64, Window>>,
}

#[derive(Debug)]
struct Window {
    began: Moment,
    safe_entry: Box<str>,
    /// How many requests this window holds beside the one that was told.
    folded: u64,
}

/// One of these requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overruled<'a> {
    /// The entry of the safelist.
    pub(crate) safe: &'a Hit<'a>,
    /// The entry that would have refused it.
    pub(crate) hit: &'a Hit<'a>,
    pub(crate) client_ip: IpAddr,
    pub(crate) at: Moment,
}

// === impl SafelistAudit ===

impl SafelistAudit {
    /// Tells of `overruled`, or counts it where the entry `key` was told of a short time ago.
    pub(crate) fn record(&self, key: u64, overruled: Overruled<'_>) {
        let Some((safe_entry, folded)) = self.open(key, overruled) else { return };
        tracing::warn!(
            target: SECURITY_TARGET,
            event = "blocklist.safelisted",
            kind = overruled.hit.kind(),
            entry = &*overruled.hit.to_string(),
            safe_entry = &*safe_entry,
            client_ip = %overruled.client_ip,
            folded,
            "the safelist let a request through that an entry would have refused"
        );
    }

    /// Tells of what was counted and not yet told, where the window ended by `now`.
    pub(crate) fn sweep(&self, now: Moment) {
        let mut ended = Vec::new();
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, window| {
            if window.is_open(now) {
                return true;
            }
            let folded = window.begin(now);
            if folded > 0 {
                ended.push((window.safe_entry.clone(), folded));
            }
            // One that was told of begins anew, so that the next request is not an event at once.
            folded > 0
        });
        for (safe_entry, folded) in ended {
            tracing::warn!(
                target: SECURITY_TARGET,
                event = "blocklist.safelisted",
                safe_entry = &*safe_entry,
                folded,
                "the safelist let requests through that entries would have refused"
            );
        }
    }

    /// What the event is about and how many requests were counted since the last one, if it is time for another.
    fn open(&self, key: u64, overruled: Overruled<'_>) -> Option<(Box<str>, u64)> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= KEPT && !windows.contains_key(&key) {
            windows.retain(|_, window| window.folded > 0 || window.is_open(overruled.at));
        }
        let is_told_apart = windows.len() < KEPT || windows.contains_key(&key);
        let window = windows.entry(if is_told_apart { key } else { OTHERS });
        let mut is_new = false;
        let window = window.or_insert_with(|| {
            is_new = true;
            let safe_entry = if is_told_apart { overruled.safe.to_string() } else { "…".into() };
            Window { began: overruled.at, safe_entry: safe_entry.into(), folded: 0 }
        });
        if is_new {
            return Some((window.safe_entry.clone(), 0));
        }
        if window.is_open(overruled.at) {
            window.folded = window.folded.saturating_add(1);
            return None;
        }
        let folded = window.begin(overruled.at);
        Some((window.safe_entry.clone(), folded))
    }
}

// === impl Window ===

impl Window {
    fn is_open(&self, now: Moment) -> bool {
        now.since(self.began) < WINDOW
    }

    /// Begins anew at `now`, and returns what was counted and not yet told.
    fn begin(&mut self, now: Moment) -> u64 {
        self.began = now;
        mem::take(&mut self.folded)
    }
}
