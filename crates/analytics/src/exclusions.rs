//! Which requests are not recorded.

use http::Method;
use palisade_core::{ConfigError, Route, RouteTag};

use crate::pattern::Pattern;

/// The most rules, of all kinds together.
const MOST: usize = 256;

/// Extensions of static files.
const EXTENSIONS: [&str; 31] = [
    "css",
    "js",
    "mjs",
    "map",
    "wasm",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "avif",
    "ico",
    "bmp",
    "woff",
    "woff2",
    "ttf",
    "otf",
    "eot",
    "mp4",
    "webm",
    "ogg",
    "ogv",
    "mp3",
    "m4a",
    "wav",
    "flac",
    "mov",
    "m4v",
    "webmanifest",
    "cur",
];

/// Where documentation UIs, widgets and static files are usually served.
const PREFIXES: [&str; 7] =
    ["/docs", "/reference", "/swagger", "/scalar", "/widgets", "/assets", "/static"];

/// Rules about what is not recorded: static files, documentation UIs, widgets. 256 of them at most, those of the default
/// included.
///
/// By default: a GET or HEAD for a path whose last segment ends in the extension of a static file, any request below
/// `/docs`, `/reference`, `/swagger`, `/scalar`, `/widgets`, `/assets` or `/static`, and any route with
/// [`RouteTag::UNTRACKED`].
///
/// ```
/// use palisade_analytics::Exclusions;
/// let exclusions = Exclusions::default().prefix("/internal/health")?.extension("pdf")?;
/// let exclusions = Exclusions::parse("default, *.pdf, /internal/**, /embed/*/widget.html")?;
/// # Ok::<(), palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exclusions {
    extensions: Vec<Box<str>>,
    prefixes: Vec<Box<str>>,
    patterns: Vec<Pattern>,
    tag: Option<RouteTag>,
}

// === impl Exclusions ===

impl Exclusions {
    /// Excludes nothing, not even a route that is tagged.
    #[must_use]
    pub const fn none() -> Self {
        Self { extensions: Vec::new(), prefixes: Vec::new(), patterns: Vec::new(), tag: None }
    }

    /// Reads rules with commas between them: `*.png` is the extension of a file, what starts with a slash is a
    /// [`pattern`](Self::pattern), and `default` is all of the default rules, tagged routes included. Empty text excludes nothing.
    ///
    /// # Errors
    ///
    /// If a rule is none of these, or could not work.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let rules = text.split(',').map(str::trim).filter(|rule| !rule.is_empty());
        rules.take(MOST.saturating_add(1)).try_fold(Self::none(), Self::with)
    }

    fn with(self, rule: &str) -> Result<Self, ConfigError> {
        match rule.strip_prefix("*.") {
            Some(extension) => self.extension(extension),
            None if rule == "default" => {
                let default = Self::default();
                let mut all = self;
                all.extensions.extend(default.extensions);
                all.prefixes.extend(default.prefixes);
                all.tag = default.tag;
                all.within_bounds(rule)
            }
            None if rule.starts_with('/') => self.pattern(rule),
            None => Err(ConfigError::new("exclusion", rule)
                .expected("`default`, an extension (`*.png`) or a path (`/docs/**`)")),
        }
    }

    fn within_bounds(self, rule: &str) -> Result<Self, ConfigError> {
        let kinds = [self.extensions.len(), self.prefixes.len(), self.patterns.len()];
        if kinds.into_iter().fold(0, usize::saturating_add) > MOST {
            return Err(ConfigError::new("exclusion", rule).expected("256 rules at most"));
        }
        Ok(self)
    }

    /// Adds the extension of a file, without its dot. Upper and lower case are the same.
    ///
    /// # Errors
    ///
    /// If it is anything but ASCII letters and digits, or one rule too many.
    pub fn extension(mut self, extension: &str) -> Result<Self, ConfigError> {
        if extension.is_empty() || !extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let error = ConfigError::new("file extension", extension)
                .expected("ASCII letters and digits without a dot");
            return Err(match extension.strip_prefix('.') {
                Some(meant) => error.meant(meant),
                None => error,
            });
        }
        self.extensions.push(extension.into());
        self.within_bounds(extension)
    }

    /// Adds a path: it and all below it. `/docs` covers `/docs` and `/docs/a`, and not `/docsearch`.
    ///
    /// # Errors
    ///
    /// If it does not start with a slash, ends with one, or holds a query or a pattern, or is one rule too many. `/` is refused
    /// too: it would turn the analytics off.
    pub fn prefix(mut self, prefix: &str) -> Result<Self, ConfigError> {
        if !prefix.starts_with('/') || prefix.ends_with('/') || prefix.contains(['?', '#', '*']) {
            return Err(ConfigError::new("path prefix", prefix)
                .expected("a path with a slash in front and none at its end (`/docs`)"));
        }
        self.prefixes.push(prefix.into());
        self.within_bounds(prefix)
    }

    /// Adds a pattern of paths, for all methods. `*` stands for one segment or for a part of one, once in each; `**` for any
    /// number of segments, also none, once in the pattern. `/docs/**` covers `/docs`, `/docs/` and `/docs/a/b`; `/embed/*.html`
    /// covers `/embed/x.html`; `/**/health` covers `/health` and `/a/b/health`. Case counts, and paths are compared as they are
    /// sent, escapes included.
    ///
    /// # Errors
    ///
    /// If it does not start with a slash, holds a query, spaces or more wildcards than that, has more than 256 bytes, or is one
    /// rule too many. `/**` is refused too: it would turn the analytics off.
    pub fn pattern(mut self, pattern: &str) -> Result<Self, ConfigError> {
        self.patterns.push(Pattern::new(pattern)?);
        self.within_bounds(pattern)
    }

    /// Adds the routes with `tag`. A second call replaces the first.
    #[must_use]
    pub fn tagged(mut self, tag: RouteTag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// Whether a request with this method, path and route is left out.
    pub(crate) fn cover(&self, method: &Method, path: &str, route: Option<&Route>) -> bool {
        self.cover_route(route)
            || self.cover_prefix(path)
            || self.cover_file(method, path)
            || self.patterns.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether every request for this route is left out.
    pub(crate) fn cover_route(&self, route: Option<&Route>) -> bool {
        self.tag.is_some_and(|tag| route.is_some_and(|route| route.has_tag(tag)))
    }

    fn cover_prefix(&self, path: &str) -> bool {
        // The second byte tells most of them apart, without a call for each.
        let second = |text: &str| text.as_bytes().get(1).copied();
        let own = second(path);
        self.prefixes.iter().filter(|prefix| second(prefix) == own).any(|prefix| {
            let rest = path.strip_prefix(&**prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// A file is fetched; what is sent to `/x.png` with another method is no request for a file.
    fn cover_file(&self, method: &Method, path: &str) -> bool {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return false;
        }
        let last = path.bytes().rposition(|byte| matches!(byte, b'/' | b'.'));
        let Some(b'.') = last.and_then(|last| path.as_bytes().get(last)) else { return false };
        let own = last.and_then(|last| path.get(last.saturating_add(1)..)).unwrap_or_default();
        self.extensions.iter().any(|extension| extension.eq_ignore_ascii_case(own))
    }
}

impl Default for Exclusions {
    fn default() -> Self {
        Self {
            extensions: EXTENSIONS.map(Box::from).into(),
            prefixes: PREFIXES.map(Box::from).into(),
            patterns: Vec::new(),
            tag: Some(RouteTag::UNTRACKED),
        }
    }
}
