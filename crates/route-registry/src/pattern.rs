//! The pattern of a route: literal text, parameters, affixes, a catch-all; anchored, segment by segment.

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc};

use palisade_core::ConfigError;

/// The most segments of a pattern. It bounds how deep a lookup goes.
const MAX_SEGMENTS: usize = 32;
/// The most parameters of a pattern. They are kept in place, without the heap.
pub(crate) const MAX_PARAMS: usize = 8;

/// The pattern of a route.
///
/// | segment | matches |
/// |---|---|
/// | `posts` | this text, byte for byte; `.` is a dot |
/// | `:id`, `{id}` | one segment that is not empty |
/// | `:id.xhtml`, `{id}.xhtml`, `img-{id}.png` | one segment with this text around at least one byte |
/// | `*rest`, `{*rest}`, `*` | the rest, one segment or more; last in the pattern; `*` is short for `*rest` |
///
/// A `/` at the end is part of the pattern: `/admin/` is not `/admin`, and `/admin/{*rest}` is neither of the two. The
/// query takes no part.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Pattern {
    text: Box<str>,
    segments: Vec<Segment>,
    names: Arc<[Box<str>]>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Segment {
    Literal(Box<str>),
    Affixed { prefix: Box<str>, name: Box<str>, suffix: Box<str> },
    Param(Box<str>),
    CatchAll(Box<str>),
}

// === impl Pattern ===

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// If it is malformed, names a parameter twice, or could never match a path that
    /// [`check_path`](crate::check_path) lets through.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let wrong = |expected: Cow<'_, str>| {
            ConfigError::new("route pattern", text).expected(expected.into_owned())
        };
        Self::read(text).map_err(wrong)
    }

    /// The same; the error says what is allowed.
    pub(crate) fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        let rest = text.strip_prefix('/').ok_or("a `/` at the start")?;
        let count = rest.split('/').count();
        if count > MAX_SEGMENTS {
            return Err(format!("at most {MAX_SEGMENTS} segments").into());
        }
        let mut segments = Vec::with_capacity(count);
        let mut names: Vec<Box<str>> = Vec::new();
        for (part, behind) in rest.split('/').zip((0..count).rev()) {
            if part.is_empty() && behind > 0 {
                return Err("no empty segment before the last".into());
            }
            let segment = Segment::parse(part)?;
            if behind > 0 && matches!(segment, Segment::CatchAll(_)) {
                return Err("a catch-all in the last segment alone".into());
            }
            if let Some(name) = segment.name() {
                if names.iter().any(|known| **known == *name) {
                    return Err(format!("the parameter `{name}` once").into());
                }
                names.push(name.into());
            }
            segments.push(segment);
        }
        if names.len() > MAX_PARAMS {
            return Err(format!("at most {MAX_PARAMS} parameters").into());
        }
        Ok(Self { text: text.into(), segments, names: names.into() })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of the parameters, in the order of the path.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }

    /// The pattern with `{name}` for every parameter, as `OpenAPI` writes paths.
    #[must_use]
    pub fn template(&self) -> String {
        let mut template = String::with_capacity(self.text.len());
        for segment in &self.segments {
            let (before, name, behind) = match segment {
                Segment::Literal(text) => (&**text, None, ""),
                Segment::Affixed { prefix, name, suffix } => (&**prefix, Some(name), &**suffix),
                Segment::Param(name) | Segment::CatchAll(name) => ("", Some(name), ""),
            };
            template.push('/');
            template.push_str(before);
            if let Some(name) = name {
                template.push('{');
                template.push_str(name);
                template.push('}');
            }
            template.push_str(behind);
        }
        template
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub(crate) fn shared_names(&self) -> Arc<[Box<str>]> {
        Arc::clone(&self.names)
    }

    /// The text every path of this pattern starts with, and whether that is all of it.
    pub(crate) fn lead(&self) -> (String, bool) {
        let mut lead = String::new();
        for segment in &self.segments {
            lead.push('/');
            match segment {
                Segment::Literal(text) => lead.push_str(text),
                Segment::Affixed { prefix, .. } => {
                    lead.push_str(prefix);
                    return (lead, false);
                }
                Segment::Param(_) | Segment::CatchAll(_) => return (lead, false),
            }
        }
        (lead, true)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Pattern {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::parse(text)
    }
}

// === impl Segment ===

impl Segment {
    /// Reads one segment; the error says what is allowed.
    fn parse(part: &str) -> Result<Self, &'static str> {
        if part == "*" {
            return Ok(Self::CatchAll("rest".into()));
        }
        if let Some(name) = part.strip_prefix('*') {
            return named(name).map(Self::CatchAll);
        }
        let (prefix, name, suffix) = if let Some(rest) = part.strip_prefix(':') {
            let end = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
            let (name, suffix) = rest.split_at(end);
            ("", name, suffix)
        } else if let Some((prefix, rest)) = part.split_once('{') {
            let (name, suffix) = rest.split_once('}').ok_or("a `}` behind the `{`")?;
            (prefix, name, suffix)
        } else {
            return literal(part).and_then(|text| match text {
                "." | ".." => Err("no dot segment"),
                _ => Ok(Self::Literal(text.into())),
            });
        };
        let (prefix, suffix) = (literal(prefix)?, literal(suffix)?);
        match (name.strip_prefix('*'), prefix, suffix) {
            (Some(name), "", "") => named(name).map(Self::CatchAll),
            (Some(_), ..) => Err("a catch-all alone in its segment"),
            (None, "", "") => named(name).map(Self::Param),
            (None, ..) => named(name).map(|name| Self::Affixed {
                prefix: prefix.into(),
                name,
                suffix: suffix.into(),
            }),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Affixed { name, .. } | Self::Param(name) | Self::CatchAll(name) => Some(name),
        }
    }

    pub(crate) fn in_lower_case(&self) -> Self {
        match self {
            Self::Literal(text) => Self::Literal(text.to_ascii_lowercase().into()),
            Self::Affixed { prefix, name, suffix } => Self::Affixed {
                prefix: prefix.to_ascii_lowercase().into(),
                name: name.clone(),
                suffix: suffix.to_ascii_lowercase().into(),
            },
            Self::Param(_) | Self::CatchAll(_) => self.clone(),
        }
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn named(name: &str) -> Result<Box<str>, &'static str> {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.chars().all(is_of_name) {
        Ok(name.into())
    } else {
        Err("a parameter's name of letters, digits and `_`, not starting with a digit")
    }
}

/// Takes what stands in a path as it is (RFC 3986 section 3.3), less what [`check_path`](crate::check_path) refuses and
/// less what means something in a pattern.
fn literal(text: &str) -> Result<&str, &'static str> {
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || "-._~@!$&'()+,=".contains(c) => {}
            ':' => return Err("`:name` at the start of a segment alone; elsewhere write `{name}`"),
            '{' | '}' => return Err("at most one `{name}` in a segment"),
            '*' => return Err("a catch-all `*name` alone in the last segment"),
            '%' => return Err("no escape: what must be escaped is matched by a parameter alone"),
            _ => {
                return Err("text of `A-Z a-z 0-9 - . _ ~ @ ! $ & ' ( ) + , =` between parameters");
            }
        }
    }
    Ok(text)
}
