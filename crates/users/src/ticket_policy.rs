//! A ticket becomes an identity.

use std::sync::Arc;

use http::request;
use palisade_core::{
    Code, Policy, Presented, Realm, Rejection, RouteTag, SecurityContext, Verdict,
};

use crate::{Proof, Redemption, TicketBook};

const BAD_TICKET: Code = Code::new("invalid-token.ticket", "The ticket is not valid any more");

/// Learns from `?ticket=`, on routes tagged [`STREAM`](RouteTag::STREAM) alone, who is asking. Stands in front of
/// authentication, which lets a known identity pass, and behind the layer that learns the route.
#[derive(Clone, Debug)]
pub struct TicketPolicy {
    tickets: Arc<dyn TicketBook>,
    realm: Realm,
}

// === impl TicketPolicy ===

impl TicketPolicy {
    /// Takes the tickets that are in `tickets`, such as [`StreamTickets`](crate::StreamTickets).
    #[must_use]
    pub fn new(tickets: impl TicketBook + 'static) -> Self {
        Self { tickets: Arc::new(tickets), realm: Realm::default() }
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
        match self.tickets.take(ticket, route.id(), context.arrived()) {
            Redemption::Known(proof) => learn(proof, context, &self.realm).into(),
            Redemption::Wait(proof) => {
                let (context, realm) = (context.clone(), self.realm.clone());
                Verdict::Wait(Box::pin(async move { learn(proof.await?, &context, &realm) }))
            }
        }
    }
}

fn learn(proof: Option<Proof>, context: &SecurityContext, realm: &Realm) -> Result<(), Rejection> {
    let proof = proof.ok_or_else(|| realm.invalid_token(BAD_TICKET))?;
    context.learn_identity(proof.identity().clone());
    context.attach(proof);
    Ok(())
}
