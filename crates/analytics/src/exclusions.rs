//! Which requests are not recorded.

use http::Method;
use palisade_core::{ConfigError, Route, RouteTag};

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

/// Rules about what is not recorded: static files, documentation UIs, widgets.
///
/// By default: a GET or HEAD for a path whose last segment ends in the extension of a static file, any request below
/// `/docs`, `/reference`, `/swagger`, `/scalar`, `/widgets`, `/assets` or `/static`, and any route with
/// [`RouteTag::UNTRACKED`].
///
/// ```
/// use palisade_analytics::Exclusions;
/// let exclusions = Exclusions::default().prefix("/internal/health")?.extension("pdf")?;
/// # Ok::<(), palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exclusions {
    extensions: Vec<Box<str>>,
    prefixes: Vec<Box<str>>,
    tag: Option<RouteTag>,
}

// === impl Exclusions ===

impl Exclusions {
    /// Excludes nothing, not even a route that is tagged.
    #[must_use]
    pub const fn none() -> Self {
        Self { extensions: Vec::new(), prefixes: Vec::new(), tag: None }
    }

    /// Adds the extension of a file, without its dot. Upper and lower case are the same.
    ///
    /// # Errors
    ///
    /// If it is anything but ASCII letters and digits.
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
        Ok(self)
    }

    /// Adds a path: it and all below it. `/docs` covers `/docs` and `/docs/a`, and not `/docsearch`.
    ///
    /// # Errors
    ///
    /// If it does not start with a slash, ends with one, or holds a query or a pattern. `/` is refused too: it would
    /// turn the analytics off.
    pub fn prefix(mut self, prefix: &str) -> Result<Self, ConfigError> {
        if !prefix.starts_with('/') || prefix.ends_with('/') || prefix.contains(['?', '#', '*']) {
            return Err(ConfigError::new("path prefix", prefix)
                .expected("a path with a slash in front and none at its end (`/docs`)"));
        }
        self.prefixes.push(prefix.into());
        Ok(self)
    }

    /// Adds the routes with `tag`. A second call replaces the first.
    #[must_use]
    pub fn tagged(mut self, tag: RouteTag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// Whether a request with this method, path and route is left out.
    pub(crate) fn cover(&self, method: &Method, path: &str, route: Option<&Route>) -> bool {
        self.cover_route(route) || self.cover_prefix(path) || self.cover_file(method, path)
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
            tag: Some(RouteTag::UNTRACKED),
        }
    }
}
