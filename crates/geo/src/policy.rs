//! Tells the layers further in which country a request comes from.

use std::{fmt, net::IpAddr, sync::Arc, time::SystemTime};

use http::request;
use palisade_core::{
    ClientIp, Code, Locate, Policy, Rejection, RejectionKind, SecurityContext, Verdict, Whereabouts,
};

use crate::special::is_private;

const UNKNOWN_COUNTRY: Code = Code::new("blocked.unknown-country", "Access is blocked");
const ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The service cannot answer at the moment");

/// What becomes of a request of which nobody can say which country it comes from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum UnknownCountry {
    /// It goes on. With a provider that is asked in the background, the first request of an address is always one of these.
    #[default]
    Allow,
    /// It is refused: 403 `blocked.unknown-country`. With a provider that is asked in the background, this is the first request
    /// of every address, and every request of an address that is not known while the provider fails or the budget is used up.
    Deny,
}

/// Whether a country is needed for an address at a time.
type Needed = dyn Fn(IpAddr, SystemTime) -> bool + Send + Sync;

/// Lets the [`SecurityContext`] learn the country, from what is known now. See the [crate docs](crate) for its rules.
#[derive(Clone)]
pub struct GeoPolicy {
    locate: Arc<dyn Locate>,
    unknown: UnknownCountry,
    needed: Option<Arc<Needed>>,
}

// === impl GeoPolicy ===

impl GeoPolicy {
    /// Asks `locate`, usually a [`Geo`](crate::Geo).
    pub fn new(locate: impl Locate + 'static) -> Self {
        Self { locate: Arc::new(locate), unknown: UnknownCountry::Allow, needed: None }
    }

    /// Does this with requests of unknown countries. Default: [`UnknownCountry::Allow`].
    #[must_use]
    pub fn unknown(mut self, unknown: UnknownCountry) -> Self {
        self.unknown = unknown;
        self
    }

    /// Refuses an unknown country only where this says that it is needed, for the client's address at the time of the request:
    /// where nobody is blocked by country, nobody is to be refused for having none. Default: it always is.
    ///
    /// `palisade::stack` asks the blocklist: whether it blocks countries, and the address is not on its safelist.
    #[must_use]
    pub fn needed_when(
        mut self,
        needed: impl Fn(IpAddr, SystemTime) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.needed = Some(Arc::new(needed));
        self
    }

    fn refuses(&self, address: IpAddr, context: &SecurityContext) -> bool {
        let is_needed =
            || self.needed.as_ref().is_none_or(|it| it(address, context.arrived().wall()));
        self.unknown == UnknownCountry::Deny && !is_private(address) && is_needed()
    }
}

impl Policy for GeoPolicy {
    fn name(&self) -> &'static str {
        "geo"
    }

    fn check(&self, _: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let Some(address) = context.client_ip().map(ClientIp::addr) else {
            return match self.unknown {
                UnknownCountry::Allow => Verdict::Pass,
                // Whoever wired this without a client address would refuse everybody or nobody, and not know.
                UnknownCountry::Deny => Rejection::new(RejectionKind::Internal, ADDRESS_UNKNOWN)
                    .reason("unknown countries are refused, but no layer outside learnt the client's address")
                    .into(),
            };
        };
        let why = match self.locate.locate(address) {
            Whereabouts::At(location) => {
                if let Some(country) = location.country {
                    context.learn_country(country);
                    return Verdict::Pass;
                }
                "nobody knows its country"
            }
            Whereabouts::NotYet => "its country is not known yet",
            _ => "nobody knows its country",
        };
        if self.refuses(address, context) {
            // No violation, as any refusal by a list.
            return Rejection::new(RejectionKind::Forbidden, UNKNOWN_COUNTRY).reason(why).into();
        }
        Verdict::Pass
    }
}

impl fmt::Debug for GeoPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { locate, unknown, needed } = self;
        let needed = needed.is_some();
        let mut shown = f.debug_struct("GeoPolicy");
        shown.field("locate", locate).field("unknown", unknown).field("needed", &needed).finish()
    }
}
