//! Tickets for streams, kept in the database: one that this instance hands out opens a stream on any.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use palisade::{
    core::{
        Code, IdentityKind, Moment, Realm, Rejection, RejectionKind, SecurityContext, TokenDigest,
    },
    users::{Proof, Redemption, TicketBook},
};
use palisade_database::{
    Caller, Database, DatabaseError, SharedKeys as _, StreamTickets as _, TicketBounds, TicketRow,
};

use crate::ticket_seal::{TicketSeal, TicketText};

/// How long a ticket is good.
pub(crate) const LIFE: Duration = Duration::from_secs(30);
const BOUNDS: TicketBounds = TicketBounds { of_one: 16, of_all: 10_000 };
/// So many that were used here are remembered: more are not handed out in their life.
const MOST_USED: usize = 10_000;

const UNAVAILABLE: Code =
    Code::new("temporarily-unavailable", "The service cannot answer at the moment");
const TOO_MANY: Code = Code::new("temporarily-unavailable", "Too many tickets are in use");
const TOKEN_REQUIRED: Code = Code::new("token-required", "An API key may not do this");

/// One-time tickets for streams: each good once, for 30 s, for one route and one user, on all instances of one database.
///
/// The database keeps the digest of a ticket, and what it stands for, sealed by a key that is made of the ticket: who reads the
/// database has neither. What is no ticket of ours, too old, or was brought here before does not make it to the database.
#[derive(Clone)]
pub struct Tickets {
    inner: Arc<Inner>,
}

struct Inner {
    database: Database,
    seal: TicketSeal,
    /// Until when those that were brought here would be good.
    used: Mutex<HashMap<TokenDigest, SystemTime>>,
    issued: AtomicU64,
    taken: AtomicU64,
}

// === impl Tickets ===

impl Tickets {
    /// Those of `database`.
    ///
    /// # Errors
    ///
    /// If it does not answer.
    pub async fn open(database: &Database) -> Result<Self, DatabaseError> {
        let mut act = database.read_as(Caller::service()).await?;
        let seal = TicketSeal::new(act.ticket_key().await?.expose());
        let inner = Inner {
            database: database.clone(),
            seal,
            used: Mutex::default(),
            issued: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Issues a ticket to who is asking, for the route whose id is `route`.
    ///
    /// # Errors
    ///
    /// 401 `credentials-required` if nobody was proven; 403 `token-required` if what proved it is no token; 503
    /// `temporarily-unavailable` if there is no room, or the database does not answer.
    pub(crate) async fn issue(
        &self,
        context: &SecurityContext,
        route: &str,
        user_id: String,
    ) -> Result<TicketText, Rejection> {
        let proof = Proof::of(context).ok_or_else(|| Realm::default().credentials_required())?;
        if proof.identity().kind() != IdentityKind::Jwt {
            return Err(Rejection::new(RejectionKind::Forbidden, TOKEN_REQUIRED));
        }
        let ends = context.arrived().wall().checked_add(LIFE).unwrap_or(UNIX_EPOCH);
        let ticket = self.inner.seal.draw(ends);
        let sealed = self.inner.seal.seal(&ticket, &proof, route);
        let sealed =
            sealed.ok_or_else(|| Rejection::new(RejectionKind::Forbidden, TOKEN_REQUIRED))?;
        let row = TicketRow {
            digest: ticket.digest().to_string(),
            user_id,
            sealed,
            ends_at: milliseconds(ends),
        };
        if !self.keep(&row).await.map_err(|error| unavailable(&error))? {
            return Err(Rejection::new(RejectionKind::Unavailable, TOO_MANY).retry_after(LIFE));
        }
        self.inner.issued.fetch_add(1, Ordering::Relaxed);
        Ok(ticket)
    }

    /// How many were issued here, and how many were taken.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let Inner { issued, taken, .. } = &*self.inner;
        (issued.load(Ordering::Relaxed), taken.load(Ordering::Relaxed))
    }

    async fn keep(&self, row: &TicketRow) -> Result<bool, DatabaseError> {
        let mut act = self.inner.database.act_as(Caller::service()).await?;
        let kept = act.keep_ticket(row, BOUNDS).await?;
        act.commit().await?;
        Ok(kept)
    }

    async fn redeem(
        &self,
        ticket: TicketText,
        route: &str,
        now: Moment,
    ) -> Result<Option<Proof>, Rejection> {
        let taken = self.take_row(&ticket).await.map_err(|error| {
            // It may be there still.
            self.used(|used| used.remove(&ticket.digest()));
            unavailable(&error)
        })?;
        let Some(sealed) = taken else { return Ok(None) };
        let opened = self.inner.seal.open(&ticket, sealed);
        let proof = opened.filter(|(_, of)| &**of == route).map(|(proof, _)| proof);
        // It never outlives the credential it stands for.
        let is_good = |proof: &Proof| proof.identity().expiry().is_none_or(|end| now.wall() < end);
        let proof = proof.filter(is_good);
        self.inner.taken.fetch_add(u64::from(proof.is_some()), Ordering::Relaxed);
        Ok(proof)
    }

    async fn take_row(&self, ticket: &TicketText) -> Result<Option<Vec<u8>>, DatabaseError> {
        let mut act = self.inner.database.act_as(Caller::service()).await?;
        let taken = act.take_ticket(&ticket.digest().to_string()).await?;
        act.commit().await?;
        Ok(taken)
    }

    /// Whether it comes here for the first time: who brings it again and again does not have the database asked.
    fn is_new(&self, ticket: &TicketText, now: Moment) -> bool {
        self.used(|used| {
            used.retain(|_, ends| now.wall() < *ends);
            used.len() < MOST_USED && used.insert(ticket.digest(), ticket.ends()).is_none()
        })
    }

    /// Nothing in here can be left half written, so a poisoned lock is as good as another.
    fn used<T>(&self, see: impl FnOnce(&mut HashMap<TokenDigest, SystemTime>) -> T) -> T {
        see(&mut self.inner.used.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl TicketBook for Tickets {
    fn take(&self, ticket: &str, route: &str, now: Moment) -> Redemption {
        let read = self.inner.seal.read(ticket).filter(|ticket| now.wall() < ticket.ends());
        let Some(ticket) = read.filter(|ticket| self.is_new(ticket, now)) else {
            return Redemption::Known(None);
        };
        let (tickets, route) = (self.clone(), route.to_owned());
        Redemption::Wait(Box::pin(async move { tickets.redeem(ticket, &route, now).await }))
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (issued, taken) = self.counts();
        f.debug_struct("Tickets")
            .field("issued", &issued)
            .field("taken", &taken)
            .finish_non_exhaustive()
    }
}

fn unavailable(error: &DatabaseError) -> Rejection {
    Rejection::new(RejectionKind::Unavailable, UNAVAILABLE)
        .retry_after(Duration::from_secs(5))
        .reason(error.to_string())
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
