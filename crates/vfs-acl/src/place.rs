//! Where all that a rule reaches lies, and how it ends: what rules are found by.

/// Where all that a rule reaches lies, and how its last name ends.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Place {
    /// A folder that is above all of it, or all of it itself; empty is the mount.
    pub(crate) folder: Box<str>,
    pub(crate) tail: Tail<Box<str>>,
    /// What is in every path that it reaches, if that is known: for where folder and tail tell too little.
    pub(crate) part: Option<Box<str>>,
}

/// How the last name of a path ends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Tail<T> {
    /// Anyhow.
    Any,
    /// This is the name.
    Name(T),
    /// From its last dot on, it is this.
    Extension(T),
    /// Anyhow, but this is somewhere in the path.
    Part(T),
}

/// What no literal text of a pattern holds.
const WILDCARDS: [char; 4] = ['*', '?', '[', ']'];

// === impl Place ===

impl Place {
    /// Of a path and all below it.
    pub(crate) fn under(folder: impl Into<Box<str>>) -> Self {
        Self { folder: folder.into(), tail: Tail::Any, part: None }
    }

    /// Of one alternative of a pattern, folded.
    pub(crate) fn of_alternative(text: &str) -> Self {
        let is_literal = |text: &str| !text.contains(WILDCARDS);
        if is_literal(text) {
            return Self::under(text);
        }
        let folder = folder_of(text);
        let name = text.rsplit('/').next().unwrap_or_default();
        let end = name.rsplit(WILDCARDS).next().unwrap_or_default();
        let tail = if is_literal(name) {
            Tail::Name(name.into())
        } else {
            extension(end).map_or(Tail::Any, |extension| Tail::Extension(extension.into()))
        };
        let part = longest_part(text.get(folder.len()..).unwrap_or_default());
        Self { folder: folder.into(), tail, part: part.map(Into::into) }
    }
}

/// The folder that all that one alternative of a pattern matches lies in.
pub(crate) fn folder_of(text: &str) -> &str {
    let literal = text.find(WILDCARDS).map_or(Some(text), |at| text.get(..at));
    literal.and_then(|literal| literal.rsplit_once('/')).map_or("", |(folder, _)| folder)
}

/// The longest literal text of a pattern that is within a name. A `/` behind `**` need not be there.
fn longest_part(text: &str) -> Option<&str> {
    let outside =
        text.split('[').map(|part| part.split_once(']').map_or(part, |(_, behind)| behind));
    let parts = outside.flat_map(|text| text.split(['*', '?', '/']));
    parts.filter(|part| !part.is_empty()).max_by_key(|part| part.len())
}

/// From the last dot on.
pub(crate) fn extension(name: &str) -> Option<&str> {
    name.rfind('.').and_then(|at| name.get(at..))
}
