//! `Content-Security-Policy` (CSP 3): what a page may load, run and be framed by.

mod directive;
mod hash;
mod host;
mod source;
mod template;

use std::{fmt, str::FromStr};

use palisade_core::ConfigError;

use self::source::Kind;
pub use self::{directive::Directive, source::Source};
pub(crate) use self::{
    host::{origin_fault, reference_fault},
    template::Template,
};

/// A `Content-Security-Policy`: directives in the order they were given, each with its sources in theirs.
///
/// Built of text that is checked word by word, or read whole with [`parse`](str::parse). `'nonce'` stands for the nonce of
/// each answer.
///
/// ```
/// use palisade_secure_headers::{Csp, Directive};
///
/// let csp = Csp::new()
///     .directive(Directive::DefaultSrc, ["'self'"])?
///     .directive(Directive::ScriptSrc, ["'self'", "'nonce'", "cdn.jsdelivr.net"])?;
/// assert_eq!(csp, "default-src 'self'; script-src 'self' 'nonce' cdn.jsdelivr.net".parse::<Csp>()?);
///
/// let mistake = Csp::new().directive(Directive::DefaultSrc, ["self"]).unwrap_err();
/// assert!(mistake.to_string().contains("did you mean"));
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Csp {
    directives: Vec<(Directive, Vec<Source>)>,
}

// === impl Csp ===

impl Csp {
    /// No directive, which allows everything. An empty policy is not sent.
    #[must_use]
    pub const fn new() -> Self {
        Self { directives: Vec::new() }
    }

    /// Says what `directive` allows. Where the directive is already there, it keeps its place and gets these sources.
    ///
    /// # Errors
    ///
    /// If a source is none, or means nothing in this directive, or contradicts the others.
    pub fn directive<S: AsRef<str>>(
        mut self,
        directive: Directive,
        sources: impl IntoIterator<Item = S>,
    ) -> Result<Self, ConfigError> {
        let mut list: Vec<Source> = Vec::new();
        for source in sources {
            let source = directive.source(source.as_ref())?;
            if !list.contains(&source) {
                list.push(source);
            }
        }
        directive.accepts(&list)?;
        match self.directives.iter_mut().find(|(known, _)| *known == directive) {
            Some((_, sources)) => *sources = list,
            None => self.directives.push((directive, list)),
        }
        Ok(self)
    }

    /// Adds one source to what `directive` allows; `'none'` gives way to it.
    ///
    /// Where the directive is not there it is added with this source alone, and `default-src` no longer speaks for it.
    ///
    /// # Errors
    ///
    /// As [`directive`](Self::directive).
    pub fn allow(self, directive: Directive, source: impl AsRef<str>) -> Result<Self, ConfigError> {
        let known = self.sources(directive).unwrap_or_default();
        let kept = known.iter().filter(|known| **known != Source::NONE);
        let list: Vec<_> =
            kept.map(Source::as_str).chain([source.as_ref()]).map(String::from).collect();
        self.directive(directive, list)
    }

    /// Lets the one inline script or style run whose text this is, by its hash: for pages that are the same for everybody
    /// and have no nonce, so that caches may keep them. What the text is, [`Source::sha256_of`] says.
    ///
    /// ```
    /// use palisade_secure_headers::{Csp, Directive};
    ///
    /// let csp: Csp = "script-src 'none'".parse()?;
    /// let csp = csp.allow_inline(Directive::ScriptSrc, "alert('Hello, world.');")?;
    /// assert_eq!(csp.to_string(), "script-src 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
    /// # Ok::<_, palisade_core::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `directive` is not about scripts or styles, or allows everything inline by `'unsafe-inline'`: beside a hash a browser
    /// ignores that, and what ran until now would not.
    pub fn allow_inline(self, directive: Directive, text: &str) -> Result<Self, ConfigError> {
        let sources = self.sources(directive).unwrap_or_default();
        let strict = |source: &Source| matches!(source.kind(), Kind::Nonce | Kind::Hash);
        if sources.contains(&Source::UNSAFE_INLINE) && !sources.iter().any(strict) {
            return Err(ConfigError::new(format!("hash for `{directive}`"), text).expected(
                "no `'unsafe-inline'` in it, which a browser ignores beside a hash: drop it, and allow each inline text by its own",
            ));
        }
        self.allow(directive, Source::sha256_of(text))
    }

    /// Drops a directive.
    #[must_use]
    pub fn without(mut self, directive: Directive) -> Self {
        self.directives.retain(|(known, _)| *known != directive);
        self
    }

    /// Lets every site put the page into a frame: `frame-ancestors *`.
    #[must_use]
    pub fn framed_by_anyone(mut self) -> Self {
        let anyone = || vec![Source::ANY];
        match self.directives.iter_mut().find(|(known, _)| *known == Directive::FrameAncestors) {
            Some((_, sources)) => *sources = anyone(),
            None => self.directives.push((Directive::FrameAncestors, anyone())),
        }
        self
    }

    /// The directives, in order.
    pub fn directives(&self) -> impl ExactSizeIterator<Item = (Directive, &[Source])> {
        self.directives.iter().map(|(directive, sources)| (*directive, sources.as_slice()))
    }

    /// What `directive` allows, if the policy speaks of it.
    #[must_use]
    pub fn sources(&self, directive: Directive) -> Option<&[Source]> {
        self.directives().find(|(known, _)| *known == directive).map(|(_, sources)| sources)
    }

    /// Whether a directive uses the answer's nonce.
    #[must_use]
    pub fn uses_nonce(&self) -> bool {
        self.directives.iter().any(|(_, sources)| sources.contains(&Source::NONCE))
    }

    /// Whether it has no directive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    /// The policy to try out beside one that holds: without what browsers ignore there and complain about (CSP 3
    /// sections 6.3.2 and 4.2).
    pub(crate) fn tried_out(self) -> Self {
        self.without(Directive::Sandbox).without(Directive::UpgradeInsecureRequests)
    }

    /// Reads one of our own presets. Each is tested byte for byte; if one were ever wrong, it would allow nothing.
    pub(crate) fn preset(text: &'static str) -> Self {
        let nothing = || Self { directives: vec![(Directive::DefaultSrc, vec![Source::NONE])] };
        text.parse().unwrap_or_else(|_| nothing())
    }
}

/// Reads a policy as it stands in the header, with `'nonce'` for the nonce.
impl FromStr for Csp {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(ConfigError::new("content security policy", text)
                .expected("one line without control characters"));
        }
        let mut csp = Self::new();
        for part in text.split(';') {
            let mut words = part.split_ascii_whitespace();
            let Some(name) = words.next() else { continue };
            let directive: Directive = name.parse()?;
            if csp.sources(directive).is_some() {
                return Err(ConfigError::new("content security policy", text).expected(format!(
                    "each directive once: a browser ignores the second `{directive}`"
                )));
            }
            csp = csp.directive(directive, words)?;
        }
        Ok(csp)
    }
}

/// Shows the policy with `'nonce'` for the nonce; it reads back as the same policy.
impl fmt::Display for Csp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (directive, sources)) in self.directives().enumerate() {
            f.write_str(if nth == 0 { "" } else { "; " })?;
            f.write_str(directive.as_str())?;
            sources.iter().try_for_each(|source| write!(f, " {source}"))?;
        }
        Ok(())
    }
}
