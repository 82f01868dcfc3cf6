//! One-time tickets for streams, whose clients can send no header.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use palisade_core::{
    Code, IdentityKind, KeyedHash, Moment, Realm, Rejection, RejectionKind, SecurityContext,
    TokenDigest,
};

use crate::{Proof, Ticket};

/// How long a ticket is good.
const LIFE: Duration = Duration::from_secs(30);
/// The most tickets of one user.
const MOST_OF_ONE: usize = 16;

const TOO_MANY: Code = Code::new("temporarily-unavailable", "Too many tickets are in use");
const TOKEN_REQUIRED: Code = Code::new("token-required", "An API key may not do this");

/// One-time tickets for streams: each good once, for 30 s, for one route and one user. Clones share them.
///
/// A browser's `EventSource` sends no `Authorization`, and a token in a URL stands in logs and histories as long as it is
/// good. A ticket stands there too, but is used up.
///
/// Who has an API key gets none: it can be sent in a header, and it is taken back where keys are kept, of which neither a
/// ticket nor the stream that it opens would learn.
///
/// Kept are digests, so that what is looked up tells nothing about a ticket. Of one user 16 tickets are kept, and the oldest
/// gives way; beyond 10 000 of all, none is issued until some are used or 30 s old.
#[derive(Clone)]
pub struct StreamTickets {
    inner: Arc<Inner>,
}

struct Inner {
    issued: Mutex<Issued>,
    most: usize,
}

type Issued = HashMap<TokenDigest, Slot, KeyedHash>;

/// What a ticket stands for.
struct Slot {
    proof: Proof,
    route: Box<str>,
    since: Moment,
}

// === impl StreamTickets ===

impl StreamTickets {
    /// Starts without tickets and with room for 10 000.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(10_000)
    }

    /// The same with room for this many tickets.
    #[must_use]
    pub fn with_capacity(tickets: usize) -> Self {
        Self { inner: Arc::new(Inner { issued: Mutex::default(), most: tickets }) }
    }

    /// Issues a ticket to who is asking, for the route whose id is `route`.
    ///
    /// # Errors
    ///
    /// 401 `credentials-required` if nobody was proven; 403 `token-required` if what proved it is no token; 503
    /// `temporarily-unavailable` if there is no room.
    pub fn issue(&self, context: &SecurityContext, route: &str) -> Result<Ticket, Rejection> {
        let anonymous = || Realm::default().credentials_required();
        let proof = Proof::of(context).ok_or_else(anonymous)?;
        if proof.identity().kind() != IdentityKind::Jwt {
            return Err(Rejection::new(RejectionKind::Forbidden, TOKEN_REQUIRED));
        }
        let ticket = Ticket::random();
        let slot = Slot { proof, route: route.into(), since: context.arrived() };
        if !self.keep(ticket.digest(), slot) {
            return Err(Rejection::new(RejectionKind::Unavailable, TOO_MANY).retry_after(LIFE));
        }
        Ok(ticket)
    }

    /// Takes a ticket, and says who was proven when it was issued. Whatever comes of it, the ticket is used up.
    #[must_use]
    pub fn redeem(&self, ticket: &str, route: &str, now: Moment) -> Option<Proof> {
        if ticket.len() != Ticket::CHARACTERS {
            return None;
        }
        let slot = self.lock().remove(&TokenDigest::of(ticket))?;
        (slot.is_good(now) && *slot.route == *route).then_some(slot.proof)
    }

    /// How many are kept, good or not.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn keep(&self, digest: TokenDigest, slot: Slot) -> bool {
        let mut issued = self.lock();
        issued.retain(|_, other| other.is_good(slot.since));
        let own = issued.iter().filter(|(_, other)| other.proof.is_of_user_of(&slot.proof));
        let own: Vec<(Instant, TokenDigest)> =
            own.map(|(digest, other)| (other.since.instant(), *digest)).collect();
        if own.len() >= MOST_OF_ONE
            && let Some((_, oldest)) = own.iter().min()
        {
            issued.remove(oldest);
        }
        let has_room = issued.len() < self.inner.most;
        if has_room {
            issued.insert(digest, slot);
        }
        has_room
    }

    /// A holder of this lock only moves values; none can leave them half done.
    fn lock(&self) -> MutexGuard<'_, Issued> {
        self.inner.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for StreamTickets {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for StreamTickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTickets").field("count", &self.count()).finish()
    }
}

// === impl Slot ===

impl Slot {
    /// A ticket never outlives the credential it stands for.
    fn is_good(&self, now: Moment) -> bool {
        now.since(self.since) < LIFE
            && self.proof.identity().expiry().is_none_or(|end| now.wall() < end)
    }
}
