//! Who keeps tickets.

use std::fmt;

use palisade_core::{BoxFuture, Moment, Rejection};

use crate::{Proof, StreamTickets};

/// Keeps tickets for streams: [`StreamTickets`] in memory, or what several processes share, so that a ticket of one opens a
/// stream of another.
pub trait TicketBook: fmt::Debug + Send + Sync {
    /// Takes a ticket, and says who was proven when it was issued. Whatever comes of it, the ticket is used up.
    ///
    /// Anybody may bring anything: what asks elsewhere makes sure first that it is a ticket at all. It must not block, and what it
    /// gives to wait for must come to an end.
    fn take(&self, ticket: &str, route: &str, now: Moment) -> Redemption;
}

/// What became of a ticket; none if it does not count.
#[expect(clippy::exhaustive_enums, reason = "it is known, or it is not known yet")]
pub enum Redemption {
    /// The answer.
    Known(Option<Proof>),
    /// The answer is yet to come; a refusal if nobody knows it.
    Wait(BoxFuture<Result<Option<Proof>, Rejection>>),
}

// === impl TicketBook ===

impl TicketBook for StreamTickets {
    fn take(&self, ticket: &str, route: &str, now: Moment) -> Redemption {
        Redemption::Known(self.redeem(ticket, route, now))
    }
}

// === impl Redemption ===

impl fmt::Debug for Redemption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(proof) => f.debug_tuple("Known").field(proof).finish(),
            Self::Wait(_) => f.write_str("Wait"),
        }
    }
}
