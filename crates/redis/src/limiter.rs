//! The store of a rate limiter that instances share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_core::{KeyedHash, Moment};
use palisade_ratelimit::{Charge, Charged, Outage, SharedStore, Standing};

use crate::{
    Leases, Redis, RedisOptions, Take, Tallied, Tally,
    failure::NONSENSE,
    lease::Terms,
    lease_table::{LeaseTable, Share},
    names::Names,
    refusals::Refusals,
};

/// Counts requests where all instances see them. See the [crate docs](crate).
///
/// A handle: clones are the same limiter.
#[derive(Clone, Debug)]
pub struct RedisLimiter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    tally: Arc<dyn Tally>,
    names: Names,
    hash: KeyedHash,
    leases: Option<LeaseTable>,
    refusals: Refusals,
    calls: AtomicU64,
    leased: AtomicU64,
    remembered: AtomicU64,
}

/// How requests were answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LimiterStats {
    /// Calls that were sent, for requests and ahead of them.
    pub calls: u64,
    /// Requests that were admitted from leases, without a call.
    pub leased: u64,
    /// Requests that were refused without a call, because Redis had said until when it would refuse.
    pub remembered: u64,
    /// Clients and quotas that have a lease or may soon get one.
    pub keys: usize,
}

/// One charge on its way.
struct Asked {
    id: u64,
    take: Take,
    _ahead: Option<Ahead>,
}

/// What is asked for ahead counts against the lease until this is dropped: with the answer, or with the request that nobody waits
/// for any more.
struct Ahead {
    inner: Arc<Inner>,
    id: u64,
    number: u32,
}

// === impl RedisLimiter ===

impl RedisLimiter {
    /// Counts in Redis, each request by one call: exactly.
    #[must_use]
    pub fn new(redis: &Redis) -> Self {
        Self::build(Arc::new(redis.clone()), redis.options(), None)
    }

    /// Counts in Redis, and takes ahead for clients that keep asking, so that most of their requests need no call. What all
    /// instances admit together may exceed the quota by a bound: see the [crate docs](crate#leases).
    #[must_use]
    pub fn with_leases(redis: &Redis, leases: Leases) -> Self {
        let limiter = Self::build(Arc::new(redis.clone()), redis.options(), Some(leases));
        let (weak, clock) = (Arc::downgrade(&limiter.inner), redis.options().clock.clone());
        drop(redis.runtime().spawn(async move {
            // What is over is given back soon after, whether or not its client ever comes again.
            let mut turns = tokio::time::interval(leases.ttl.max(Duration::from_millis(50)));
            turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                turns.tick().await;
                let Some(inner) = weak.upgrade() else { return };
                Self { inner }.give_back(clock.now());
            }
        }));
        limiter
    }

    /// Counts in a tally of the caller's: a model, in a test. Whoever has leases there calls [`give_back`](Self::give_back) himself.
    #[must_use]
    pub fn over(tally: Arc<dyn Tally>, leases: Option<Leases>) -> Self {
        Self::build(tally, &RedisOptions::default(), leases)
    }

    fn build(tally: Arc<dyn Tally>, options: &RedisOptions, leases: Option<Leases>) -> Self {
        let inner = Inner {
            tally,
            names: Names::new(options),
            hash: KeyedHash::random(),
            leases: leases.map(LeaseTable::new),
            refusals: Refusals::new(),
            calls: AtomicU64::new(0),
            leased: AtomicU64::new(0),
            remembered: AtomicU64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// How requests were answered so far.
    #[must_use]
    pub fn stats(&self) -> LimiterStats {
        let Inner { calls, leased, remembered, leases, .. } = &*self.inner;
        LimiterStats {
            calls: calls.load(Ordering::Relaxed),
            leased: leased.load(Ordering::Relaxed),
            remembered: remembered.load(Ordering::Relaxed),
            keys: leases.as_ref().map_or(0, LeaseTable::len),
        }
    }

    /// Gives back what was taken ahead and not used in time. Happens by itself with Redis; whoever drives the time himself
    /// may call it.
    pub fn give_back(&self, now: Moment) {
        let Some(table) = &self.inner.leases else { return };
        let back = table.tidy(now);
        if back.is_empty() || self.inner.tally.unavailable().is_some() {
            return;
        }
        let inner = Arc::clone(&self.inner);
        self.inner.tally.background(Box::pin(async move {
            for take in back {
                // What cannot be given back comes back by itself, as the quota does.
                let _lost = inner.ask(vec![take]).await;
            }
        }));
    }
}

impl SharedStore for RedisLimiter {
    fn charge(&self, charges: &[Charge<'_>], arrived: Moment) -> Charged {
        let inner = &self.inner;
        if let Some(standings) = never(charges) {
            return Charged::Now(Ok(standings));
        }
        let shares: Vec<Share> = charges.iter().map(|charge| inner.share(charge)).collect();
        let table = inner.leases.as_ref().filter(|table| {
            charges.iter().all(|charge| table.leases.share_of(charge.quota) >= charge.cost.get())
        });
        if let Some(served) = table.and_then(|table| table.serve(&shares, arrived)) {
            inner.leased.fetch_add(1, Ordering::Relaxed);
            self.refill(&served.low, arrived);
            return Charged::Now(Ok(served.standings));
        }
        let request = inner.request(&shares);
        if let Some(standings) = inner.refusals.recall(request, arrived) {
            inner.remembered.fetch_add(1, Ordering::Relaxed);
            return Charged::Now(Ok(standings));
        }
        if let Some(outage) = inner.tally.unavailable() {
            return Charged::Now(Err(outage));
        }
        let asked = charges.iter().zip(shares).map(|(charge, share)| {
            let take = Take::new(inner.names.of(charge), charge.quota, charge.cost.get())?;
            Some(inner.ahead(charge, share.id, take, (table, arrived)))
        });
        let Some(asked) = asked.collect::<Option<Vec<_>>>() else {
            return Charged::Now(Err(NONSENSE));
        };
        let inner = Arc::clone(inner);
        Charged::Later(Box::pin(async move { inner.count(request, asked, arrived).await }))
    }
}

impl RedisLimiter {
    /// Asks for more, while the requests that come meanwhile use what is left.
    fn refill(&self, low: &[u64], now: Moment) {
        if low.is_empty() || self.inner.tally.unavailable().is_some() {
            return;
        }
        let refill = |id: &u64| {
            let (number, take) = self.inner.leases.as_ref()?.refill(*id, now)?;
            let ahead = Ahead { inner: Arc::clone(&self.inner), id: *id, number };
            Some(Asked { id: *id, take, _ahead: Some(ahead) })
        };
        let asked: Vec<Asked> = low.iter().filter_map(refill).collect();
        if asked.is_empty() {
            return;
        }
        let inner = Arc::clone(&self.inner);
        self.inner.tally.background(Box::pin(async move {
            let takes = asked.iter().map(|asked| asked.take.clone()).collect();
            let Ok(answers) = inner.ask(takes).await else { return };
            inner.granted(asked, answers, now);
        }));
    }
}

// === impl Inner ===

impl Inner {
    async fn ask(&self, takes: Vec<Take>) -> Result<Vec<Tallied>, Outage> {
        let quotas = takes.len();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let answers = self.tally.take(takes).await?;
        if answers.len() == quotas { Ok(answers) } else { Err(NONSENSE) }
    }

    async fn count(
        self: Arc<Self>,
        request: u64,
        asked: Vec<Asked>,
        sent: Moment,
    ) -> Result<Vec<Standing>, Outage> {
        let answers = self.ask(asked.iter().map(|asked| asked.take.clone()).collect()).await?;
        // What was taken ahead may be sent, here.
        let standing = |tallied: &Tallied| {
            let remaining = tallied.remaining.saturating_add(tallied.ahead);
            Tallied { remaining, ..*tallied }.standing()
        };
        let standings: Vec<Standing> = answers.iter().map(standing).collect();
        if standings.iter().any(Standing::is_refused) {
            self.refusals.remember(request, sent, &standings);
        }
        self.granted(asked, answers, sent);
        Ok(standings)
    }

    /// Notes what Redis said of leases, and gives back at once what is too much.
    fn granted(self: &Arc<Self>, asked: Vec<Asked>, answers: Vec<Tallied>, sent: Moment) {
        let Some(table) = &self.leases else { return };
        for (Asked { id, take, _ahead }, tallied) in asked.into_iter().zip(answers) {
            let back = table.answered(id, sent, tallied, take.ahead);
            if back > 0 {
                let (inner, undo) = (Arc::clone(self), Take { cost: 0, ahead: 0, back, ..take });
                self.tally.background(Box::pin(async move {
                    let _lost = inner.ask(vec![undo]).await;
                }));
            }
        }
    }

    /// Adds to what a request takes what goes with it: ahead for others, and back what is over.
    fn ahead(
        self: &Arc<Self>,
        charge: &Charge<'_>,
        id: u64,
        take: Take,
        (table, now): (Option<&LeaseTable>, Moment),
    ) -> Asked {
        let Some(table) = table else { return Asked { id, take, _ahead: None } };
        let terms = || Terms {
            share: table.leases.share_of(charge.quota),
            ttl: table.leases.ttl_of(charge.quota),
            take: Arc::new(Take { cost: 0, ..take.clone() }),
        };
        let (number, back) = table.ask(id, now, terms);
        let ahead = (number > 0).then(|| Ahead { inner: Arc::clone(self), id, number });
        Asked { id, take: Take { ahead: number.into(), back, ..take }, _ahead: ahead }
    }

    fn share(&self, charge: &Charge<'_>) -> Share {
        let quota = charge.quota;
        let quota = (quota.limit(), quota.window(), quota.burst());
        Share { id: self.hash.of(&(charge.name, charge.key, quota)), cost: charge.cost.get() }
    }

    /// What a request asks for as a whole: what was refused is this and nothing less.
    fn request(&self, shares: &[Share]) -> u64 {
        let shares: Vec<_> = shares.iter().map(|share| (share.id, share.cost)).collect();
        self.hash.of(&shares)
    }
}

// === impl Ahead ===

impl Drop for Ahead {
    fn drop(&mut self) {
        if let Some(table) = &self.inner.leases {
            table.settled(self.id, self.number);
        }
    }
}

/// How everybody stands if one of the quotas is of nothing, or the request is more than one ever has room for: no need to ask. There
/// is no good time to come again; a window is an honest pause.
fn never(charges: &[Charge<'_>]) -> Option<Vec<Standing>> {
    let closed =
        |charge: &Charge<'_>| charge.quota.limit() == 0 || charge.cost.get() > charge.quota.burst();
    let standing = |charge: &Charge<'_>| {
        let window = charge.quota.window();
        if closed(charge) {
            Standing::refused(window, window)
        } else {
            // Not known, and not asked for: nothing is promised.
            Standing::admitted(0, Duration::ZERO)
        }
    };
    charges.iter().any(closed).then(|| charges.iter().map(standing).collect())
}
