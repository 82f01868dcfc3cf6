//! `Strict-Transport-Security` (RFC 6797): this host is asked over TLS alone from now on.

use std::{fmt, time::Duration};

use palisade_core::ConfigError;

/// One year: what the preload list asks for, and OWASP ASVS 5 section 3.4.1.
const ONE_YEAR: Duration = Duration::from_secs(31_536_000);

/// `Strict-Transport-Security`: tells a browser to ask this host over TLS alone.
///
/// The constructors make you decide about subdomains: a host under yours that has no TLS can no longer be reached by who
/// has seen the header.
///
/// ```
/// use std::time::Duration;
/// use palisade_secure_headers::Hsts;
///
/// let year = Duration::from_secs(31_536_000);
/// assert_eq!(Hsts::including_subdomains(year).to_string(), "max-age=31536000; includeSubDomains");
/// assert_eq!(Hsts::excluding_subdomains(year).to_string(), "max-age=31536000");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hsts {
    max_age: Duration,
    subdomains: Subdomains,
    preload: Preload,
    when: HstsWhen,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Subdomains {
    Included,
    Excluded,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Preload {
    Asked,
    NotAsked,
}

/// On which answers [`Hsts`] is sent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum HstsWhen {
    /// On answers to requests that are known to have come over TLS, and on no others (RFC 6797 section 7.2): by
    /// [`SecurityContext::transport`](palisade_core::SecurityContext::transport), which knows of the service's own socket
    /// where that inserts [`Transport`](palisade_core::Transport), and of the client's by the word of a trusted proxy.
    /// What a handler set is taken away from the others.
    #[default]
    SecureTransport,
    /// On every answer. For a service that cannot know and all of whose answers leave over TLS, as behind a proxy that
    /// ends TLS and does not say so; over plain HTTP a browser ignores the header (RFC 6797 section 8.1).
    Always,
}

// === impl Hsts ===

impl Hsts {
    /// For this host and every host under it.
    #[must_use]
    pub const fn including_subdomains(max_age: Duration) -> Self {
        Self::new(max_age, Subdomains::Included)
    }

    /// For this host alone.
    #[must_use]
    pub const fn excluding_subdomains(max_age: Duration) -> Self {
        Self::new(max_age, Subdomains::Excluded)
    }

    /// Makes browsers forget what they were told before (`max-age=0`).
    #[must_use]
    pub const fn forget() -> Self {
        Self::excluding_subdomains(Duration::ZERO)
    }

    /// Asks to be built into browsers as a host of TLS alone. Getting off that list takes months.
    ///
    /// # Errors
    ///
    /// If subdomains are excluded or the time is under one year: the list would not take it.
    pub fn preload(mut self) -> Result<Self, ConfigError> {
        if self.subdomains == Subdomains::Excluded || self.max_age < ONE_YEAR {
            return Err(ConfigError::new("hsts value to preload", self.to_string())
                .expected("at least one year, with subdomains included")
                .meant("max-age=31536000; includeSubDomains; preload"));
        }
        self.preload = Preload::Asked;
        Ok(self)
    }

    /// Says on which answers it is sent. Default: [`HstsWhen::SecureTransport`].
    #[must_use]
    pub const fn when(mut self, when: HstsWhen) -> Self {
        self.when = when;
        self
    }

    /// On which answers it is sent.
    #[must_use]
    pub const fn sent_when(&self) -> HstsWhen {
        self.when
    }

    const fn new(max_age: Duration, subdomains: Subdomains) -> Self {
        Self { max_age, subdomains, preload: Preload::NotAsked, when: HstsWhen::SecureTransport }
    }
}

/// Shows the header's value.
impl fmt::Display for Hsts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "max-age={}", self.max_age.as_secs())?;
        if self.subdomains == Subdomains::Included {
            f.write_str("; includeSubDomains")?;
        }
        if self.preload == Preload::Asked {
            f.write_str("; preload")?;
        }
        Ok(())
    }
}
