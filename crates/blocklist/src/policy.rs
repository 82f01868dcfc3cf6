//! The decision about the address, the token and the country; a newcomer starts here.

use std::net::IpAddr;

use http::request;
use palisade_core::{ClientIp, Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict};

use crate::{Blocklist, Hit, SharedBlocklist};

/// The code of every refusal by a list.
const BLOCKED: Code = Code::new("blocked", "Access is blocked");
const ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The service cannot answer at the moment");

/// Refuses whose address, token or country is on the list. See the [crate docs](crate) for an example.
#[derive(Clone, Debug)]
pub struct BlocklistPolicy {
    list: SharedBlocklist,
}

impl BlocklistPolicy {
    /// Judges by `list`, and by whatever replaces it.
    pub fn new(list: impl Into<SharedBlocklist>) -> Self {
        Self { list: list.into() }
    }
}

impl Policy for BlocklistPolicy {
    fn name(&self) -> &'static str {
        "blocklist"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let list = self.list.load();
        let client = context.client_ip().map(ClientIp::addr);
        if client.is_none() && list.blocks_ips() {
            // Whoever wired this without a client address would have a list that blocks nobody, and not know.
            return Rejection::new(RejectionKind::Internal, ADDRESS_UNKNOWN)
                .reason("the list blocks addresses, but no layer outside it learnt the client's")
                .into();
        }
        let safe = client.and_then(|addr| {
            let safe = list.safe_ip(addr, context.arrived().wall())?;
            Some((addr, safe))
        });
        let hit = blocked(&list, client, head, context);
        match (safe, hit) {
            (Some((addr, safe)), hit) => {
                context.note(self.name(), "safelist");
                self.list.let_through(addr, &safe, hit.as_ref(), context.arrived());
                Verdict::Pass
            }
            (None, Some(hit)) => self.list.refuse(&hit),
            (None, None) => Verdict::Pass,
        }
    }
}

/// The first entry that is about the request: its address, its token, its country.
fn blocked<'a>(
    list: &'a Blocklist,
    client: Option<IpAddr>,
    head: &request::Parts,
    context: &SecurityContext,
) -> Option<Hit<'a>> {
    let at = context.arrived().wall();
    let address = client.and_then(|addr| list.blocked_ip(addr, at));
    address
        .or_else(|| {
            let credential = list.blocks_tokens().then(|| context.credential(head).one())??;
            credential.token().digests().find_map(|digest| list.blocked_token(digest, at))
        })
        .or_else(|| {
            let country = context.country()?;
            list.blocked_country(country, at)
        })
}

/// No violation: who is blocked by hand is not to be banned by counting how often he was told.
pub(crate) fn refusal(hit: &Hit<'_>) -> Verdict {
    let reason = format!("{}: {hit}", hit.kind());
    Rejection::new(RejectionKind::Forbidden, BLOCKED).reason(reason).into()
}
