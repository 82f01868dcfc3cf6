//! The tree of segments that patterns are looked up in.

use std::{cmp::Reverse, collections::BTreeMap, ops::Range};

use crate::{captures::Captures, pattern::Segment};

/// Patterns as a tree, one level per segment, with a value for each shape.
///
/// A lookup goes down by the most specific child and comes back where that leads nowhere. As this is a tree and the
/// segment at a level is fixed by the path, no node is entered twice: the work is bounded by [`Trie::most_steps`],
/// whatever the path.
#[derive(Debug)]
pub(crate) struct Trie<V> {
    root: Node<V>,
}

#[derive(Debug)]
struct Node<V> {
    literals: BTreeMap<Box<str>, Self>,
    /// In the order they are tried.
    affixed: BTreeMap<Affix, Self>,
    param: Option<Box<Self>>,
    catch_all: Option<V>,
    end: Option<V>,
}

/// The text around a parameter. Ordered by what is tried first: more text, then more of it in front.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Affix {
    text_len: Reverse<usize>,
    prefix_len: Reverse<usize>,
    prefix: Box<str>,
    suffix: Box<str>,
}

/// One lookup.
#[derive(Debug)]
pub(crate) struct Walk<'p> {
    path: &'p str,
    pub(crate) captures: Captures,
    pub(crate) steps: usize,
}

// === impl Trie ===

impl<V> Trie<V> {
    /// The place of the value of this shape.
    pub(crate) fn place(&mut self, segments: &[Segment]) -> &mut Option<V> {
        let mut node = &mut self.root;
        for segment in segments {
            node = match segment {
                Segment::Literal(text) => node.literals.entry(text.clone()).or_default(),
                Segment::Affixed { prefix, suffix, .. } => {
                    node.affixed.entry(Affix::new(prefix, suffix)).or_default()
                }
                Segment::Param(_) => node.param.get_or_insert_default(),
                Segment::CatchAll(_) => return &mut node.catch_all,
            };
        }
        &mut node.end
    }

    /// The value of the most specific shape that matches the path of `walk`.
    pub(crate) fn find(&self, walk: &mut Walk<'_>) -> Option<&V> {
        if !walk.path.starts_with('/') {
            return None;
        }
        self.root.find(Some(1), walk)
    }

    /// The value of the shape that `template` spells, in axum's way to write patterns.
    #[cfg(feature = "matched-path")]
    pub(crate) fn spelt(&self, template: &str) -> Option<&V> {
        let mut node = &self.root;
        for segment in template.strip_prefix('/')?.split('/') {
            let Some((prefix, rest)) = segment.split_once('{') else {
                node = node.literals.get(segment)?;
                continue;
            };
            let (name, suffix) = rest.split_once('}')?;
            node = match (prefix, name.chars().next()?, suffix) {
                ("", '*', "") => return node.catch_all.as_ref(),
                // A brace that stands for itself, and a catch-all behind text: no pattern has them.
                (_, '{' | '*', _) => return None,
                ("", _, "") => node.param.as_deref()?,
                _ => node.affixed.get(&Affix::new(prefix, suffix))?,
            };
        }
        node.end.as_ref()
    }

    /// More steps than this no lookup takes.
    pub(crate) fn most_steps(&self) -> usize {
        self.root.most_steps()
    }

    /// The values of catch-alls that parameters leave nothing to, each with the value of the first such parameter.
    pub(crate) fn unreachable(&self) -> Vec<(&V, &V)> {
        let mut found = Vec::new();
        self.root.unreachable(&mut found);
        found
    }
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

// === impl Node ===

impl<V> Node<V> {
    fn find(&self, at: Option<usize>, walk: &mut Walk<'_>) -> Option<&V> {
        walk.step();
        let Some(start) = at else { return self.end.as_ref() };
        let (segment, range, next) = walk.segment(start)?;
        if let Some(child) = self.literals.get(segment)
            && let Some(found) = child.find(next, walk)
        {
            return Some(found);
        }
        if segment.is_empty() {
            return None;
        }
        for (affix, child) in &self.affixed {
            walk.step();
            if let Some(range) = affix.inside(segment, &range)
                && let Some(found) = walk.through(child, next, &range)
            {
                return Some(found);
            }
        }
        if let Some(child) = &self.param
            && let Some(found) = walk.through(child, next, &range)
        {
            return Some(found);
        }
        let found = self.catch_all.as_ref()?;
        walk.captures.push(&(start..walk.path.len()));
        Some(found)
    }

    fn children(&self) -> impl Iterator<Item = &Self> {
        let param = self.param.as_deref();
        self.literals.values().chain(self.affixed.values()).chain(param)
    }

    fn most_steps(&self) -> usize {
        let own = self.affixed.len().saturating_add(1);
        self.children().map(Self::most_steps).fold(own, usize::saturating_add)
    }

    /// Whether every rest of a path, none included, is matched from here on.
    fn covers_all(&self) -> bool {
        let slash = self.literals.get("").is_some_and(|child| child.end.is_some());
        let deeper = || self.catch_all.is_some() || self.param_covers_all();
        self.end.is_some() && slash && deeper()
    }

    fn param_covers_all(&self) -> bool {
        self.param.as_ref().is_some_and(|child| child.covers_all())
    }

    fn unreachable<'t>(&'t self, found: &mut Vec<(&'t V, &'t V)>) {
        if self.param_covers_all() {
            let param = self.param.as_ref().and_then(|child| child.end.as_ref());
            found.extend(self.catch_all.as_ref().zip(param));
        }
        for child in self.children() {
            child.unreachable(found);
        }
    }
}

impl<V> Default for Node<V> {
    fn default() -> Self {
        Self {
            literals: BTreeMap::new(),
            affixed: BTreeMap::new(),
            param: None,
            catch_all: None,
            end: None,
        }
    }
}

// === impl Affix ===

impl Affix {
    fn new(prefix: &str, suffix: &str) -> Self {
        Self {
            text_len: Reverse(prefix.len().saturating_add(suffix.len())),
            prefix_len: Reverse(prefix.len()),
            prefix: prefix.into(),
            suffix: suffix.into(),
        }
    }

    /// Where the parameter stands, if the text is around it and something is left.
    fn inside(&self, segment: &str, range: &Range<usize>) -> Option<Range<usize>> {
        let inside = segment.strip_prefix(&*self.prefix)?.strip_suffix(&*self.suffix)?;
        let start = range.start.saturating_add(self.prefix.len());
        (!inside.is_empty()).then(|| start..start.saturating_add(inside.len()))
    }
}

// === impl Walk ===

impl<'p> Walk<'p> {
    pub(crate) fn new(path: &'p str) -> Self {
        Self { path, captures: Captures::default(), steps: 0 }
    }

    fn step(&mut self) {
        self.steps = self.steps.saturating_add(1);
    }

    /// The segment that starts at `start`, where it stands, and where the next one starts.
    fn segment(&self, start: usize) -> Option<(&'p str, Range<usize>, Option<usize>)> {
        let rest = self.path.get(start..)?;
        let segment = rest.split('/').next()?;
        let end = start.saturating_add(segment.len());
        let next = (end < self.path.len()).then(|| end.saturating_add(1));
        Some((segment, start..end, next))
    }

    /// Goes on at `child` with `range` captured.
    fn through<'t, V>(
        &mut self,
        child: &'t Node<V>,
        next: Option<usize>,
        range: &Range<usize>,
    ) -> Option<&'t V> {
        self.captures.push(range);
        let found = child.find(next, self);
        if found.is_none() {
            self.captures.pop();
        }
        found
    }
}
