//! What goes on between an instance and Redis, in tasks of its own.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::{StreamExt, future::select};
use palisade_autoban::{AutoBan, BanChange, BanTarget};
use palisade_core::Moment;
use palisade_ratelimit::Outage;
use tokio::{task::JoinHandle, time::timeout};

use super::{
    Inner, add,
    book::PAGE,
    progress::Progress,
    tally::{self, Batch, Sum},
};

/// How often it is looked whether something was missed.
const LOOK: Duration = Duration::from_millis(400);

/// How long violations are gathered before they are told.
const GATHER: Duration = Duration::from_millis(20);

/// The most violations that are told together, and the most calls for that at once.
const TOGETHER: usize = 1024;
const AT_ONCE: usize = 32;

/// How long to wait before listening again.
const AGAIN: Duration = Duration::from_millis(300);

/// An `AutoBan` hears of the others, and they of it, until this is dropped.
#[derive(Debug)]
#[must_use = "it ends when this is dropped"]
pub struct Following {
    tasks: [JoinHandle<()>; 3],
}

/// Whether there was anything to write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wrote {
    Nothing,
    Some,
}

// === impl Following ===

impl Following {
    pub(super) fn start(inner: &Arc<Inner>, auto_ban: &AutoBan) -> Self {
        let runtime = inner.redis.runtime();
        let own = || (Arc::clone(inner), auto_ban.clone());
        let (reading, listening, counting) = (own(), own(), own());
        Self {
            tasks: [
                runtime.spawn(keep_in_step(reading.0, reading.1)),
                runtime.spawn(listen(listening.0, listening.1)),
                runtime.spawn(count(counting.0, counting.1)),
            ],
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Reads what changed elsewhere, however little of it was published, and writes what changed here as soon as it does.
async fn keep_in_step(inner: Arc<Inner>, auto_ban: AutoBan) {
    let mut progress = Progress::default();
    let mut state = inner.redis.watch();
    loop {
        if state.has_changed().unwrap_or_default() {
            state.mark_unchanged();
            progress.doubt();
        }
        // What fails now is tried again soon: nothing is forgotten meanwhile.
        let caught_up = inner.catch_up(&auto_ban, &mut progress).await;
        // What is written counts the book on, so one that lost something would look as if it had not: it is read first.
        if !state.has_changed().unwrap_or_default() && !progress.is_in_doubt() {
            let _again = inner.write().await;
        }
        inner.not_shared.tidy(inner.now());
        if caught_up.is_err() || !progress.has_more_to_say() {
            let mut state = state.clone();
            let (news, change) = (pin!(inner.pending.news()), pin!(state.changed()));
            let _time_to_look = timeout(LOOK, select(news, change)).await;
        }
    }
}

/// Hears what is published.
async fn listen(inner: Arc<Inner>, auto_ban: AutoBan) {
    let mut state = inner.redis.watch();
    loop {
        if let Ok(mut hearing) = inner.redis.listen().await
            && let Ok(Ok(())) = timeout(AGAIN, hearing.subscribe(&inner.book.channel)).await
        {
            let mut messages = hearing.into_on_message();
            while let Some(message) = messages.next().await {
                let change = serde_json::from_slice(message.get_payload_bytes()).ok();
                inner.heard(&auto_ban, change);
            }
        }
        // Sooner, if Redis is there again.
        let _again = timeout(AGAIN, state.changed()).await;
    }
}

/// Tells the violations, and bans whom all together have seen too often.
async fn count(inner: Arc<Inner>, auto_ban: AutoBan) {
    let mut waiting = inner.waiting.lock().await;
    while let Some(first) = waiting.recv().await {
        let mut batch = Batch::default();
        batch.add(first);
        let gather = async {
            for _ in 1..TOGETHER {
                let Some(violation) = waiting.recv().await else { break };
                batch.add(violation);
            }
        };
        let _gathered = timeout(GATHER, gather).await;
        let sums = futures_util::stream::iter(batch.into_sums());
        let tell = |(target, sum)| {
            let (inner, auto_ban) = (&inner, &auto_ban);
            async move { inner.tell(auto_ban, target, sum).await }
        };
        sums.for_each_concurrent(AT_ONCE, tell).await;
    }
}

// === impl Inner ===

impl Inner {
    /// Tells what one offender did, and bans him if that was too much for all instances together.
    async fn tell(&self, auto_ban: &AutoBan, target: BanTarget, sum: Sum) {
        let Ok(evidence) = tally::count(&self.redis, &self.book, auto_ban, (&target, sum)).await
        else {
            return add(&self.counts.dropped, sum.number);
        };
        add(&self.counts.shared, sum.number);
        if let Some(evidence) = evidence {
            add(&self.counts.convicted, 1);
            auto_ban.convict(&target, evidence);
        }
    }

    /// Writes what waits.
    pub(super) async fn write(&self) -> Result<(), Outage> {
        while self.write_some().await? == Wrote::Some {}
        Ok(())
    }

    /// Writes a page of what waits.
    pub(super) async fn write_some(&self) -> Result<Wrote, Outage> {
        let changes = self.pending.some(PAGE);
        if changes.is_empty() {
            return Ok(Wrote::Nothing);
        }
        let full = self.store(&changes).await?;
        add(&self.counts.published, changes.len().saturating_sub(full));
        for change in changes.iter().filter(|change| change.ban.is_none()) {
            self.book.forget(&change.target).await?;
        }
        self.pending.written(&changes);
        Ok(Wrote::Some)
    }

    /// Returns how many found no room.
    pub(super) async fn store(&self, changes: &[BanChange]) -> Result<usize, Outage> {
        let full = self.book.store(changes).await?;
        add(&self.counts.without_room, full);
        self.not_shared.note(full, self.now());
        Ok(full)
    }

    pub(super) fn now(&self) -> Moment {
        self.redis.options().clock.now()
    }

    pub(super) fn heard(&self, auto_ban: &AutoBan, change: Option<BanChange>) {
        let Some(change) = change else {
            return add(&self.counts.unreadable, 1);
        };
        add(&self.counts.heard, 1);
        self.pending.heard(&change);
        let _applied = auto_ban.apply(change);
    }
}
