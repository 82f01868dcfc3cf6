//! Which mount a path lies in: the deepest that contains it.

use std::collections::HashMap;

use palisade_core::KeyedHash;

use crate::{CasePolicy, MountName};

/// The mounts as a tree of segments.
#[derive(Debug, Default)]
pub(crate) struct Namespace {
    top: Node,
}

#[derive(Debug, Default)]
struct Node {
    below: HashMap<Box<str>, Self, KeyedHash>,
    /// How the names below are compared: as the store of the mount they lie in does, and as widely as any that tells no case.
    case: CasePolicy,
    mount: Option<usize>,
}

/// Where a path lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// The number of the mount.
    pub(crate) mount: usize,
    /// The path from the mount on; empty for the mount itself.
    pub(crate) inside: &'a str,
}

impl Namespace {
    /// Puts mount number `mount` in, or returns the number of the one that stands there. Outer mounts must come before
    /// the ones inside them.
    pub(crate) fn insert(
        &mut self,
        mount: usize,
        name: &MountName,
        case: CasePolicy,
    ) -> Result<(), usize> {
        let mut node = &mut self.top;
        for segment in name.path().segments() {
            let outer = node.case;
            node = node.below.entry(outer.fold_widely(segment).into()).or_default();
            if node.mount.is_none() {
                node.case = outer;
            }
        }
        if let Some(other) = node.mount {
            return Err(other);
        }
        node.mount = Some(mount);
        node.case = case;
        Ok(())
    }

    /// Where `path` lies, if it lies in a mount.
    pub(crate) fn place<'a>(&self, path: &'a str) -> Option<Place<'a>> {
        let mut node = &self.top;
        let mut found = None;
        let mut rest = path;
        while !rest.is_empty() {
            let (segment, behind) = rest.split_once('/').unwrap_or((rest, ""));
            let Some(next) = node.below.get(&*node.case.fold_widely(segment)) else { break };
            (node, rest) = (next, behind);
            if let Some(mount) = node.mount {
                found = Some(Place { mount, inside: rest });
            }
        }
        found
    }
}
