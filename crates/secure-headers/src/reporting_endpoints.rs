//! `Reporting-Endpoints` (W3C Reporting API): where browsers send what they have to report.

use std::fmt;

use palisade_core::ConfigError;

use crate::csp::reference_fault;

/// `Reporting-Endpoints`: names addresses that reports are sent to. `report-to csp` of a policy means the one called `csp`.
///
/// A browser reads it over TLS alone: Chromium 156 does not over plain HTTP on loopback either. One that does not know it
/// sends a policy's reports where `report-uri` says: [`HeaderSet::report_csp`](crate::HeaderSet::report_csp) writes all three.
///
/// ```
/// use palisade_secure_headers::ReportingEndpoints;
///
/// let endpoints = ReportingEndpoints::new()
///     .endpoint("csp", "/api/csp-reports")?
///     .endpoint("default", "https://reports.example.org/all")?;
/// assert_eq!(
///     endpoints.to_string(),
///     r#"csp="/api/csp-reports", default="https://reports.example.org/all""#
/// );
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReportingEndpoints {
    endpoints: Vec<(Box<str>, Box<str>)>,
}

// === impl ReportingEndpoints ===

impl ReportingEndpoints {
    /// No endpoint. An empty list is not sent.
    #[must_use]
    pub const fn new() -> Self {
        Self { endpoints: Vec::new() }
    }

    /// Sends the reports of `name` to `address`: a path on this host, `https://…`, or `http://` on loopback. The one called
    /// `default` also gets what no policy names an endpoint for: deprecations, interventions, crashes.
    ///
    /// Where the name is already there, it keeps its place and gets this address.
    ///
    /// # Errors
    ///
    /// If `name` is no key of a structured dictionary, or `address` is none that a browser would send a report to.
    pub fn endpoint(mut self, name: &str, address: &str) -> Result<Self, ConfigError> {
        check_name(name)?;
        check_address(address)?;
        match self.endpoints.iter_mut().find(|(known, _)| **known == *name) {
            Some((_, known)) => *known = address.into(),
            None => self.endpoints.push((name.into(), address.into())),
        }
        Ok(self)
    }

    /// Where the reports of `name` go.
    #[must_use]
    pub fn address_of(&self, name: &str) -> Option<&str> {
        let found = self.endpoints.iter().find(|(known, _)| **known == *name);
        found.map(|(_, address)| &**address)
    }

    /// Whether it names no endpoint.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty()
    }
}

/// Shows the header's value, a structured dictionary of strings.
impl fmt::Display for ReportingEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (name, address)) in self.endpoints.iter().enumerate() {
            // No address holds what a string would have to escape.
            write!(f, "{}{name}=\"{address}\"", if nth == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Checks the name of an endpoint: a key of a structured dictionary (RFC 9651 section 3.1.2).
///
/// # Errors
///
/// If it is none.
pub(crate) fn check_name(text: &str) -> Result<(), ConfigError> {
    let fits =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte);
    let is_name = |text: &str| {
        let first = text.bytes().next();
        first.is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'*')
            && text.bytes().all(fits)
    };
    if is_name(text) {
        return Ok(());
    }
    let error = ConfigError::new("name of a reporting endpoint", text)
        .expected("lower-case letters, digits and `_-.*`, beginning with a letter");
    let meant = text.trim_matches(['"', '\'']).to_ascii_lowercase();
    Err(if is_name(&meant) { error.meant(meant) } else { error })
}

/// A browser sends reports to origins it calls potentially trustworthy, and to no others.
fn check_address(text: &str) -> Result<(), ConfigError> {
    let error = || ConfigError::new("address of a reporting endpoint", text);
    if let Some(fault) = reference_fault(text) {
        let error = error().expected(fault);
        let names_host = text.split('/').next().is_some_and(|first| first.contains('.'));
        let meant = match text.strip_prefix("//") {
            Some(_) => format!("https:{text}"),
            None if names_host => format!("https://{text}"),
            None => format!("/{text}"),
        };
        let slip = reference_fault(&meant).is_none() && !text.contains(':');
        return Err(if slip { error.meant(meant) } else { error });
    }
    match text.strip_prefix("http://") {
        Some(rest) if !is_loopback(rest) => Err(error()
            .expected("`https://`: over plain HTTP a browser sends reports to loopback alone")
            .meant(format!("https://{rest}"))),
        _ => Ok(()),
    }
}

/// Whether `host[:port][/path]` is this machine (W3C Secure Contexts section 3.1).
fn is_loopback(text: &str) -> bool {
    let host = text.split([':', '/', '?']).next().unwrap_or_default();
    let name = host.to_ascii_lowercase();
    let address = || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    name == "localhost" || name.ends_with(".localhost") || address()
}
