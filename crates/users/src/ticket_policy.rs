//! A ticket becomes an identity.

use http::request;
use palisade_core::{Code, Policy, Presented, Realm, RouteTag, SecurityContext, Verdict};

use crate::StreamTickets;

const BAD_TICKET: Code = Code::new("invalid-token.ticket", "The ticket is not valid any more");

/// Learns from `?ticket=`, on routes tagged [`STREAM`](RouteTag::STREAM) alone, who is asking. Stands in front of
/// authentication, which lets a known identity pass, and behind the layer that learns the route.
#[derive(Clone, Debug)]
pub struct TicketPolicy {
    tickets: StreamTickets,
    realm: Realm,
}

// === impl TicketPolicy ===

impl TicketPolicy {
    /// Takes the tickets that `tickets` issued.
    #[must_use]
    pub fn new(tickets: StreamTickets) -> Self {
        Self { tickets, realm: Realm::default() }
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.realm = realm;
        self
    }
}

impl Policy for TicketPolicy {
    fn name(&self) -> &'static str {
        "stream-ticket"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let stream = context.route().filter(|route| route.has_tag(RouteTag::STREAM));
        let Some(route) = stream else { return Verdict::Pass };
        let query = head.uri.query().unwrap_or_default();
        let mut tickets = query.split('&').filter_map(|pair| pair.strip_prefix("ticket="));
        let Some(ticket) = tickets.next() else { return Verdict::Pass };
        // Who keeps answers to credentials out of shared caches must know of it.
        context.see_credential();
        let is_alone = tickets.next().is_none()
            && context.identity().is_none()
            && matches!(context.credential(head), Presented::Nothing);
        if !is_alone {
            return self.realm.ambiguous_credentials().into();
        }
        let Some(proof) = self.tickets.redeem(ticket, route.id(), context.arrived()) else {
            return self.realm.invalid_token(BAD_TICKET).into();
        };
        context.learn_identity(proof.identity().clone());
        context.attach(proof);
        Verdict::Pass
    }
}
