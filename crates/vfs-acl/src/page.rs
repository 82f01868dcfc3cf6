//! What a listing hands out.

use std::fmt;

use crate::VfsPath;

/// One page of a [listing](crate::Listing).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    paths: Vec<VfsPath>,
    next: Option<VfsPath>,
}

/// No page could be made: all that a page may take was used up by names that the caller may not see, or by one name alone.
/// A narrower folder or pattern helps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooBroad;

// === impl Page ===

impl Page {
    pub(crate) fn new(paths: Vec<VfsPath>, next: Option<VfsPath>) -> Self {
        Self { paths, next }
    }

    /// The paths, in the order of their bytes.
    pub fn paths(&self) -> &[VfsPath] {
        &self.paths
    }

    /// Behind what the next page begins, if the store may have more. It is a path that the caller was shown, or the one it
    /// came with. The next page may be empty.
    pub fn next(&self) -> Option<&VfsPath> {
        self.next.as_ref()
    }
}

// === impl TooBroad ===

impl fmt::Display for TooBroad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the listing is too broad: name a folder, or a narrower pattern")
    }
}

impl std::error::Error for TooBroad {}
