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
    refused_anyway: Option<Arc<Needed>>,
}

// === impl GeoPolicy ===

impl GeoPolicy {
    /// Asks `locate`, usually a [`Geo`](crate::Geo).
    pub fn new(locate: impl Locate + 'static) -> Self {
        Self {
            locate: Arc::new(locate),
            unknown: UnknownCountry::Allow,
            needed: None,
            refused_anyway: None,
        }
    }

    /// Does this with requests of unknown countries. Default: [`UnknownCountry::Allow`].
    #[must_use]
    pub fn unknown(mut self, unknown: UnknownCountry) -> Self {
        self.unknown = unknown;
        self
    }

    /// Asks about an address that is not known yet, and refuses an unknown country, only where this says that the country is
    /// needed, for the client's address at the time of the request: where nobody is blocked by country, nobody is to be asked
    /// about, nor refused for having none. What is known is learnt all the same. Default: it always is.
    ///
    /// `palisade::stack` asks the blocklist, where nobody else is named: whether it blocks countries, and the address is not on
    /// its safelist.
    #[must_use]
    pub fn needed_when(
        mut self,
        needed: impl Fn(IpAddr, SystemTime) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.needed = Some(Arc::new(needed));
        self
    }

    /// The same, unless it was said already.
    #[must_use]
    pub fn or_needed_when(
        self,
        needed: impl Fn(IpAddr, SystemTime) -> bool + Send + Sync + 'static,
    ) -> Self {
        if self.needed.is_some() { self } else { self.needed_when(needed) }
    }

    /// Asks nobody about addresses of which this says that they are refused further in whatever their country is: who is blocked
    /// must not use up what others may ask. Default: none is.
    ///
    /// `palisade::stack` asks the blocklist and the bans.
    #[must_use]
    pub fn refused_anyway_when(
        mut self,
        refused: impl Fn(IpAddr, SystemTime) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.refused_anyway = Some(Arc::new(refused));
        self
    }

    fn needs(&self, address: IpAddr, context: &SecurityContext) -> bool {
        self.needed.as_ref().is_none_or(|it| it(address, context.arrived().wall()))
    }

    fn is_refused_anyway(&self, address: IpAddr, context: &SecurityContext) -> bool {
        self.refused_anyway.as_ref().is_some_and(|it| it(address, context.arrived().wall()))
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
        let is_needed = self.needs(address, context);
        let known = if is_needed && !self.is_refused_anyway(address, context) {
            self.locate.locate(address)
        } else {
            self.locate.known(address)
        };
        let why = match known {
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
        if is_needed && self.unknown == UnknownCountry::Deny && !is_private(address) {
            // No violation, as any refusal by a list.
            return Rejection::new(RejectionKind::Forbidden, UNKNOWN_COUNTRY).reason(why).into();
        }
        Verdict::Pass
    }
}

impl fmt::Debug for GeoPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { locate, unknown, needed, refused_anyway } = self;
        let mut shown = f.debug_struct("GeoPolicy");
        shown.field("locate", locate).field("unknown", unknown);
        shown.field("needed", &needed.is_some());
        shown.field("refused_anyway", &refused_anyway.is_some()).finish()
    }
}
