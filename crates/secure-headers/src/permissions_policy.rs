//! `Permissions-Policy` (W3C Permissions Policy): which features of the browser a page and its frames may use.

use std::{borrow::Cow, fmt};

use palisade_core::ConfigError;

use crate::csp::origin_fault;

/// `Permissions-Policy`: which features of the browser a page and its frames may use.
///
/// ```
/// use palisade_secure_headers::PermissionsPolicy;
///
/// let policy = PermissionsPolicy::new()
///     .deny("camera")?
///     .allow("payment", ["self", "https://js.stripe.com"])?;
/// assert_eq!(policy.to_string(), r#"camera=(), payment=(self "https://js.stripe.com")"#);
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PermissionsPolicy {
    features: Vec<(Cow<'static, str>, Allowlist)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Allowlist {
    /// `*`
    Everyone,
    /// `(…)`: `self` and origins, in the order given.
    Only(Vec<Box<str>>),
}

// === impl PermissionsPolicy ===

impl PermissionsPolicy {
    /// No feature is spoken of. An empty policy is not sent.
    #[must_use]
    pub const fn new() -> Self {
        Self { features: Vec::new() }
    }

    /// Nobody may use `feature`: `feature=()`.
    ///
    /// # Errors
    ///
    /// If `feature` is no name of a feature.
    pub fn deny(self, feature: &str) -> Result<Self, ConfigError> {
        self.with(feature, Allowlist::Only(Vec::new()))
    }

    /// The page and frames of its own origin may use `feature`: `feature=(self)`.
    ///
    /// # Errors
    ///
    /// If `feature` is no name of a feature.
    pub fn allow_self(self, feature: &str) -> Result<Self, ConfigError> {
        self.allow(feature, ["self"])
    }

    /// Who is listed may use `feature`: `self`, or an origin such as `https://js.stripe.com`.
    ///
    /// # Errors
    ///
    /// If `feature` is no name of a feature, or an entry is neither, or there is none.
    pub fn allow<S: AsRef<str>>(
        self,
        feature: &str,
        origins: impl IntoIterator<Item = S>,
    ) -> Result<Self, ConfigError> {
        let origins = origins.into_iter().map(|origin| member(origin.as_ref()));
        let origins: Vec<_> = origins.collect::<Result<_, _>>()?;
        if origins.is_empty() {
            return Err(ConfigError::new("allowlist of a permissions policy", "")
                .expected("at least one entry; a feature nobody may use is denied by name"));
        }
        self.with(feature, Allowlist::Only(origins))
    }

    /// Everyone may use `feature`: `feature=*`.
    ///
    /// # Errors
    ///
    /// If `feature` is no name of a feature.
    pub fn allow_everyone(self, feature: &str) -> Result<Self, ConfigError> {
        self.with(feature, Allowlist::Everyone)
    }

    /// Whether it speaks of no feature.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// Denies features by names of our own.
    pub(crate) fn denying(features: &[&'static str]) -> Self {
        let denied =
            |feature: &&'static str| (Cow::Borrowed(*feature), Allowlist::Only(Vec::new()));
        Self { features: features.iter().map(denied).collect() }
    }

    /// Allows a feature, by a name of our own, to the page's origin.
    pub(crate) fn and_self(mut self, feature: &'static str) -> Self {
        self.features.push((Cow::Borrowed(feature), Allowlist::Only(vec!["self".into()])));
        self
    }

    fn with(mut self, feature: &str, list: Allowlist) -> Result<Self, ConfigError> {
        // A key of a structured dictionary (RFC 9651 section 3.1.2), without what no feature uses.
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let first = feature.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !first || !feature.bytes().all(fits) {
            let error = ConfigError::new("feature of a permissions policy", feature)
                .expected("lower-case letters, digits and `-`, such as `geolocation`");
            let name = feature.split('=').next().unwrap_or_default().trim_ascii();
            let meant = name.to_ascii_lowercase().replace('_', "-");
            let slip = !meant.is_empty() && meant.bytes().all(fits);
            return Err(if slip { error.meant(meant) } else { error });
        }
        match self.features.iter_mut().find(|(known, _)| known == feature) {
            Some((_, known)) => *known = list,
            None => self.features.push((Cow::Owned(feature.to_owned()), list)),
        }
        Ok(self)
    }
}

/// Shows the header's value.
impl fmt::Display for PermissionsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (feature, list)) in self.features.iter().enumerate() {
            f.write_str(if nth == 0 { "" } else { ", " })?;
            match list {
                Allowlist::Everyone => write!(f, "{feature}=*")?,
                Allowlist::Only(members) => write!(f, "{feature}=({})", members.join(" "))?,
            }
        }
        Ok(())
    }
}

/// One entry as it stands in the header: `self` is a token, an origin a string.
fn member(text: &str) -> Result<Box<str>, ConfigError> {
    let error = || ConfigError::new("entry of a permissions policy", text);
    match text {
        "self" => return Ok("self".into()),
        "'self'" | "\"self\"" => {
            return Err(error().expected("`self` without quotes").meant("self"));
        }
        "*" => return Err(error().expected("`self` or an origin; everyone is allowed by name")),
        "none" | "'none'" | "()" => {
            return Err(error().expected("`self` or an origin; nobody is allowed by name"));
        }
        _ => {}
    }
    let Some(fault) = origin_fault(text) else { return Ok(format!("\"{text}\"").into()) };
    let bare = text.trim_matches(['"', '\'']).trim_end_matches('/');
    let meant = [bare.to_owned(), format!("https://{bare}")];
    let meant = meant.into_iter().find(|meant| bare.contains('.') && origin_fault(meant).is_none());
    let error = error().expected(format!("`self`, or {fault}"));
    Err(match meant {
        Some(meant) => error.meant(meant),
        None => error,
    })
}
