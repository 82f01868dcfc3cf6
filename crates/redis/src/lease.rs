//! What an instance took ahead from one quota of one client.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use palisade_ratelimit::Standing;

use crate::{Take, Tallied};

/// How long an answer is waited for before ahead is asked again.
const ANSWER: Duration = Duration::from_secs(1);

/// What an instance took ahead from one quota of one client. `left` and what is under way never exceed the share together, whatever
/// answers come when: that is what the bound on all instances rests on.
#[derive(Debug)]
pub(crate) struct Lease {
    terms: Terms,
    left: u32,
    /// What was asked for ahead, and is neither answered nor given up.
    under_way: u32,
    ends: Instant,
    /// What to take ahead next time: it grows while it is used up before it ends.
    size: u32,
    used: u32,
    /// When Redis was asked last, by a request or ahead of one.
    pub(crate) asked: Instant,
    /// Until when nothing more is asked ahead: an answer is under way, or there was nothing to take.
    quiet_until: Instant,
    /// What Redis said last: left behind what was taken, and when it is whole.
    remaining: u32,
    whole_at: Instant,
}

/// What does not change about a lease.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// The most of it.
    pub(crate) share: u32,
    pub(crate) ttl: Duration,
    /// To ask for more, or give back: costs nothing, takes nothing.
    pub(crate) take: Arc<Take>,
}

/// One request out of a lease.
pub(crate) struct Used {
    pub(crate) standing: Standing,
    /// More should be asked for before it is used up.
    pub(crate) low: bool,
}

// === impl Lease ===

impl Lease {
    pub(crate) fn new(terms: Terms, now: Instant) -> Self {
        Self {
            terms,
            left: 0,
            under_way: 0,
            ends: now,
            size: 0,
            used: 0,
            asked: now,
            quiet_until: now,
            remaining: 0,
            whole_at: now,
        }
    }

    /// Takes one request out, if it is there.
    pub(crate) fn take(&mut self, cost: u32, now: Instant) -> Option<Used> {
        if now >= self.ends {
            return None;
        }
        self.left = self.left.checked_sub(cost)?;
        self.used = self.used.saturating_add(cost);
        let remaining = self.left.saturating_add(self.remaining);
        let reset = self.whole_at.saturating_duration_since(now);
        let low = self.left <= self.size / 4 && now >= self.quiet_until;
        Some(Used { standing: Standing::admitted(remaining, reset), low })
    }

    /// Puts back what a request took that another quota refused.
    pub(crate) fn put_back(&mut self, cost: u32) {
        let room = self.terms.share.saturating_sub(self.under_way);
        self.left = self.left.saturating_add(cost).min(room);
        self.used = self.used.saturating_sub(cost);
    }

    /// A request goes to Redis: what it should take ahead, and what it gives back.
    pub(crate) fn ask(&mut self, now: Instant) -> (u32, u64) {
        let back = self.end(now);
        if now < self.quiet_until {
            return (0, back);
        }
        let busy = now.saturating_duration_since(self.asked) <= self.terms.ttl;
        // A client that asks once in a while leaves nothing lying about; one that keeps asking soon has the whole share.
        self.size = if busy { self.grown() } else { self.used.min(self.terms.share) };
        (self.more(now), back)
    }

    /// The lease runs low: what to take ahead.
    pub(crate) fn refill(&mut self, now: Instant) -> (u32, Take) {
        self.size = self.grown();
        let ahead = self.more(now);
        (ahead, Take { ahead: ahead.into(), ..(*self.terms.take).clone() })
    }

    /// So many that were asked for ahead are not under way any more.
    pub(crate) fn settled(&mut self, ahead: u32) {
        self.under_way = self.under_way.saturating_sub(ahead);
    }

    /// Redis answered what was asked at `sent`. Returns what is too much and must go back.
    pub(crate) fn answered(&mut self, sent: Instant, tallied: Tallied, asked_ahead: u64) -> u64 {
        let granted = u32::try_from(tallied.ahead).unwrap_or(u32::MAX);
        let room = self.terms.share.saturating_sub(self.left);
        let kept = granted.min(room);
        self.left = self.left.saturating_add(kept);
        if kept > 0 {
            self.ends = later(sent, self.terms.ttl);
        }
        self.remaining = u32::try_from(tallied.remaining).unwrap_or(u32::MAX);
        self.whole_at = later(sent, tallied.reset);
        if asked_ahead > 0 {
            // Nothing to take: not asked again before some came back.
            let pause = self.terms.take.interval().saturating_mul(FEW).min(ANSWER);
            self.quiet_until = if granted == 0 { later(sent, pause) } else { sent };
        }
        tallied.ahead.saturating_sub(kept.into())
    }

    /// Ends it if it is over: what to give back then.
    pub(crate) fn end(&mut self, now: Instant) -> u64 {
        if now < self.ends { 0 } else { std::mem::take(&mut self.left).into() }
    }

    /// What to give back, as it is said to Redis, if it is over.
    pub(crate) fn over(&mut self, now: Instant) -> Option<Take> {
        let back = self.end(now);
        (back > 0).then(|| Take { back, ..(*self.terms.take).clone() })
    }

    /// Whether nothing is known that is of use.
    pub(crate) fn is_idle(&self, now: Instant) -> bool {
        // One that is forgotten while something is under way would forget that, too.
        self.left == 0
            && self.under_way == 0
            && now.saturating_duration_since(self.asked) > later_than(self.terms.ttl)
    }

    fn grown(&self) -> u32 {
        self.size.saturating_mul(4).max(4).min(self.terms.share)
    }

    fn more(&mut self, now: Instant) -> u32 {
        (self.asked, self.used) = (now, 0);
        let more = self.size.saturating_sub(self.left).saturating_sub(self.under_way);
        if more > 0 {
            self.quiet_until = later(now, ANSWER);
            self.under_way = self.under_way.saturating_add(more);
        }
        more
    }
}

/// So many must have come back before more is asked for.
const FEW: u32 = 8;

fn later(now: Instant, time: Duration) -> Instant {
    now.checked_add(time).unwrap_or(now)
}

fn later_than(ttl: Duration) -> Duration {
    ttl.saturating_mul(2)
}
