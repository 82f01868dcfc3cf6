//! What gives a suspicious request away.

use std::sync::Arc;

use palisade_core::ConfigError;

/// The bounds of a pattern: a shorter one would hit honest requests, a longer one nobody sends.
const SHORTEST: usize = 4;
const LONGEST: usize = 256;

/// Texts that stand in requests of one kind of attacker, under a stable id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signature {
    id: Arc<str>,
    kind: SignatureKind,
    patterns: Vec<Box<str>>,
    part: Part,
}

/// What a signature gives away.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignatureKind {
    /// A path that scanners try everywhere, such as `/wp-login.php`. It counts only where nothing is served under it.
    Scanner,
    /// A way out of the folder that is served. It counts at once.
    Traversal,
    /// Code for a database, a shell, a browser or a template. It counts at once.
    Injection,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    Path,
    Query,
    Both,
}

// === impl Signature ===

impl Signature {
    /// Any of these texts, in any ASCII letter case. They are looked for in the path and in the query, as they stand there
    /// and decoded once; of a [`Scanner`](SignatureKind::Scanner) in the path alone, where they begin with `/` and end
    /// where a word does.
    #[must_use]
    pub fn new<P: Into<Box<str>>>(
        id: impl Into<Arc<str>>,
        kind: SignatureKind,
        patterns: impl IntoIterator<Item = P>,
    ) -> Self {
        let patterns = patterns.into_iter().map(Into::into).collect();
        let part = if kind == SignatureKind::Scanner { Part::Path } else { Part::Both };
        Self { id: id.into(), kind, patterns, part }
    }

    /// Looks in the query alone.
    #[must_use]
    pub fn in_query(mut self) -> Self {
        self.part = Part::Query;
        self
    }

    /// Looks in the path alone.
    #[must_use]
    pub fn in_path(mut self) -> Self {
        self.part = Part::Path;
        self
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it gives away.
    #[must_use]
    pub fn kind(&self) -> SignatureKind {
        self.kind
    }

    /// The texts.
    pub fn patterns(&self) -> impl ExactSizeIterator<Item = &str> {
        self.patterns.iter().map(AsRef::as_ref)
    }

    pub(super) fn looks_in_path(&self) -> bool {
        self.part != Part::Query
    }

    pub(super) fn looks_in_query(&self) -> bool {
        self.part != Part::Path
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_id =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if self.id.is_empty() || self.id.len() > 64 || !self.id.bytes().all(is_id) {
            return Err(ConfigError::new("id of a signature", &*self.id)
                .expected("1 to 64 lower case letters, digits, `.` and `-`"));
        }
        if self.kind == SignatureKind::Scanner && self.part != Part::Path {
            return Err(ConfigError::new("signature", &*self.id)
                .expected("no scanner of queries: only of a path it is known whether anything is served there"));
        }
        if self.patterns.is_empty() {
            return Err(ConfigError::new("signature", &*self.id).expected("one pattern at least"));
        }
        self.patterns.iter().try_for_each(|pattern| check_pattern(pattern, self.kind))
    }
}

fn check_pattern(pattern: &str, kind: SignatureKind) -> Result<(), ConfigError> {
    let wrong = |expected: String| Err(ConfigError::new("pattern", pattern).expected(expected));
    if !(SHORTEST..=LONGEST).contains(&pattern.len()) {
        return wrong(format!(
            "{SHORTEST} to {LONGEST} bytes: a shorter one would hit honest requests"
        ));
    }
    if !pattern.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return wrong("visible ASCII characters and spaces".to_owned());
    }
    match kind {
        SignatureKind::Scanner if !pattern.starts_with('/') => {
            wrong("a path, which begins with `/`".to_owned())
        }
        SignatureKind::Scanner if pattern.bytes().all(|byte| byte == b'/') => {
            wrong("a path with a name in it".to_owned())
        }
        SignatureKind::Traversal | SignatureKind::Injection
            if pattern
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) =>
        {
            wrong("more than a word: honest requests hold any word".to_owned())
        }
        _ => Ok(()),
    }
}

// === impl SignatureKind ===

impl SignatureKind {
    /// The name in logs and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scanner => "scanner",
            Self::Traversal => "traversal",
            Self::Injection => "injection",
        }
    }

    /// Whether it counts whatever the answer is.
    pub(super) fn is_probe(self) -> bool {
        self != Self::Scanner
    }
}
