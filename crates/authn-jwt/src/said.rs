//! What a token says, before anyone knows whether it is true.

use std::time::SystemTime;

use crate::{
    Claims, TokenError, Verified,
    compact::Compact,
    issuer::Trusted,
    json::Object,
    times::{Leeway, Times},
};

/// What a token says: its content was read and its times are right. Whether it is from whom it says that it is from, its
/// signature must show.
pub(crate) struct Said<'a> {
    text: &'a str,
    members: Object<'a>,
    times: Times,
}

// === impl Said ===

impl<'a> Said<'a> {
    /// Reads what `token` says, if it is in force at `now`.
    pub(crate) fn read(
        token: &'a Compact<'_>,
        now: SystemTime,
        leeway: Leeway,
    ) -> Result<Self, TokenError> {
        let (text, members) = (token.content()?, token.claims()?);
        let times = Times::read(&members)?;
        times.check(now, leeway)?;
        Ok(Self { text, members, times })
    }

    /// Whether it would be believed, by the rules of `issuer`.
    #[cfg(feature = "remote")]
    pub(crate) fn check(&self, issuer: &Trusted) -> Result<(), TokenError> {
        issuer.check_claims(&self.members)?;
        Ok(())
    }

    /// Who it is from and what it grants, by the rules of `issuer`, once the signature was seen or somebody was asked.
    pub(crate) fn believed(self, issuer: &Trusted) -> Result<Verified, TokenError> {
        let Self { text, members, times } = self;
        let identity = issuer.identify(&members)?.expires(times.expires());
        let identity = match times.issued() {
            Some(time) => identity.issued_at(time),
            None => identity,
        };
        Ok(Verified::new(identity, Claims::new(text, &members), times))
    }
}
