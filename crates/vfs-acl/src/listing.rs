//! One page of a listing: which of the names that a store has match a pattern and are shown to a caller.

use std::{fmt, ops::ControlFlow, time::SystemTime};

use crate::{
    Acl, AclHandle, Caller, MountName, Page, Pattern, TooBroad, VfsPath, glob::Steps, handle::Taken,
};

/// One page of a listing. It does not read a store: whoever does offers it every path that may belong to the listing, in the
/// order of their bytes, and it keeps those that the caller is shown and that match.
///
/// Each name is judged before it is matched: of what the caller is not [shown](Acl::shows), neither the answer nor the
/// cursor nor the time tells anything but that it took a decision. Rules that are replaced meanwhile count from the next name
/// on, and [`finish`](Self::finish) asks about those that were kept once more.
///
/// ```
/// # use std::time::SystemTime;
/// # use palisade_core::{Identity, IdentityKind};
/// # use palisade_vfs_acl::{Acl, AclHandle, Action, Listing, Mount, Pattern, Principal, Rule, VfsPath};
/// let acl = Acl::builder()
///     .mount(Mount::at("docs"))
///     .rule(Rule::grant("docs", Principal::user("bob"), Action::List).under("plans"))
///     .build()?;
/// let (handle, bob) = (AclHandle::new(acl), Identity::new("bob", IdentityKind::Jwt));
/// let now = SystemTime::UNIX_EPOCH;
/// let store = ["docs/plans/a.md", "docs/plans/b.txt", "docs/plans/c.md", "docs/secret.md"];
/// let store = || store.iter().filter_map(|path| VfsPath::parse(path).ok());
///
/// let pattern = Pattern::new("**/*.md")?;
/// let listing = || Listing::new(&handle, &bob, pattern.clone()).at_most(1);
/// let first = listing().page(store(), || now)?;
/// assert_eq!(first.paths()[0].as_str(), "docs/plans/a.md");
/// let second = listing().after(first.next().ok_or("the end")?).page(store(), || now)?;
/// assert_eq!(second.paths()[0].as_str(), "docs/plans/c.md");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it lists what it is offered"]
pub struct Listing<'a> {
    handle: AclHandle,
    taken: Taken,
    caller: Caller<'a>,
    pattern: Pattern,
    below: Option<VfsPath>,
    after: Option<VfsPath>,
    most: usize,
    left: Steps,
    found: Vec<VfsPath>,
    /// The last path that the caller may see of those that were looked at, whether it matched or not.
    seen: Option<VfsPath>,
    end: End,
}

/// Why it ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// The store has no more.
    Store,
    /// The page is full.
    Full,
    /// No steps are left.
    Steps,
}

/// Names on a page, unless somebody says otherwise.
const MOST: usize = 1_000;
/// The most names on a page.
const MOST_EVER: usize = 10_000;
/// What a page may take: so many steps of a matcher, a fraction of a second.
const STEPS: u64 = 10_000_000;
/// What a decision about a name takes of them.
const DECISION: usize = 50;

// === impl Listing ===

impl<'a> Listing<'a> {
    /// Lists what `pattern` matches, given from the top on, in all mounts.
    pub fn new(handle: &AclHandle, caller: impl Into<Caller<'a>>, pattern: Pattern) -> Self {
        Self {
            handle: handle.clone(),
            taken: handle.take(),
            caller: caller.into(),
            pattern,
            below: None,
            after: None,
            most: MOST,
            left: Steps(STEPS),
            found: Vec::new(),
            seen: None,
            end: End::Store,
        }
    }

    /// Lists what lies below `folder` alone, and matches the pattern from there on.
    pub fn below(mut self, folder: VfsPath) -> Self {
        self.below = Some(folder);
        self
    }

    /// Goes on behind `cursor`: what [`Page::next`] said. It is a path as any other, so it may come from a client.
    pub fn after(mut self, cursor: &VfsPath) -> Self {
        self.after = Some(cursor.clone());
        self
    }

    /// Ends the page at so many names: 1 at least, 10 000 at most. Default: 1 000.
    pub fn at_most(mut self, names: usize) -> Self {
        self.most = names.clamp(1, MOST_EVER);
        self
    }

    /// Ends the page when so much was done: a decision is 50 steps, a letter that is compared is one. Default: 10 million,
    /// some tens of milliseconds.
    pub fn within_steps(mut self, steps: u64) -> Self {
        self.left = Steps(steps);
        self
    }

    /// What the store has to be asked for: all below each of these folders, in this order. They are the mounts that the caller
    /// may see, as far as the pattern reaches into them; what lies in others need not be read.
    pub fn scopes(&mut self, now: SystemTime) -> Vec<VfsPath> {
        self.taken.refresh(&self.handle);
        let visible = self.taken.acl.mounts_seen_by(self.caller, now).map(MountName::path);
        let mut scopes: Vec<VfsPath> = match self.reach() {
            None => visible.cloned().collect(),
            Some(reach) => {
                let around = self.taken.acl.mount_of(&reach);
                let inner =
                    visible.filter(|mount| mount.is_within(&reach) || Some(*mount) == around);
                inner
                    .map(|mount| if mount.is_within(&reach) { mount } else { &reach })
                    .cloned()
                    .collect()
            }
        };
        // In the order of the bytes of what is in them.
        let inside = |scope: &VfsPath| format!("{scope}/");
        scopes.sort_by_cached_key(inside);
        scopes.dedup_by(|next, kept| next.is_within(kept));
        scopes
    }

    /// The folder that all it can list lies in.
    fn reach(&self) -> Option<VfsPath> {
        let head = self.pattern.head();
        match (&self.below, head) {
            (below, "") => below.clone(),
            (None, head) => VfsPath::parse(head).ok(),
            (Some(below), head) => below.join(head).ok(),
        }
    }

    /// Looks at the next path that the store has. It breaks when the page ends: then nothing more need be offered. What is
    /// not behind the one before is passed over.
    pub fn offer(&mut self, path: &VfsPath, now: SystemTime) -> ControlFlow<()> {
        if self.end != End::Store {
            return ControlFlow::Break(());
        }
        let last = self.seen.as_ref().or(self.after.as_ref());
        let Some(text) = self.inside(path).filter(|_| last.is_none_or(|last| path > last)) else {
            return ControlFlow::Continue(());
        };
        self.taken.refresh(&self.handle);
        if self.left.take(DECISION).is_none() {
            return self.ends(End::Steps);
        }
        if !self.taken.acl.shows(self.caller, path, now) {
            return ControlFlow::Continue(());
        }
        let Some(matches) = self.pattern.matches_within(text, &mut self.left) else {
            return self.ends(End::Steps);
        };
        self.seen = Some(path.clone());
        if matches {
            self.found.push(path.clone());
        }
        if self.found.len() == self.most { self.ends(End::Full) } else { ControlFlow::Continue(()) }
    }

    /// How many names it keeps so far: who reads a store keeps what else is known of these alone.
    pub fn kept(&self) -> usize {
        self.found.len()
    }

    /// What the pattern is asked about, if the path lies below the folder that is listed.
    fn inside<'p>(&self, path: &'p VfsPath) -> Option<&'p str> {
        let text = path.as_str();
        match &self.below {
            None => Some(text),
            Some(folder) => text.strip_prefix(folder.as_str())?.strip_prefix('/'),
        }
    }

    fn ends(&mut self, end: End) -> ControlFlow<()> {
        self.end = end;
        ControlFlow::Break(())
    }

    /// The page. What was kept and is not shown any more at `now` is not on it.
    ///
    /// # Errors
    ///
    /// If all steps were used up before anything was seen that the caller may know of: no cursor could go on.
    pub fn finish(mut self, now: SystemTime) -> Result<Page, TooBroad> {
        if self.end == End::Steps && self.seen.is_none() {
            return Err(TooBroad);
        }
        self.taken.refresh(&self.handle);
        let acl: &Acl = &self.taken.acl;
        let shown = |path: &VfsPath| acl.shows(self.caller, path, now);
        self.found.retain(shown);
        let next = match self.end {
            End::Store => None,
            // A name that is not shown any more is no cursor either.
            _ => self.seen.filter(shown).or_else(|| self.found.last().cloned()).or(self.after),
        };
        Ok(Page::new(self.found, next))
    }

    /// Offers all of `paths` until the page ends, and finishes it. `now` is asked for each.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn page(
        mut self,
        paths: impl IntoIterator<Item = VfsPath>,
        mut now: impl FnMut() -> SystemTime,
    ) -> Result<Page, TooBroad> {
        for path in paths {
            if self.offer(&path, now()).is_break() {
                break;
            }
        }
        let at = now();
        self.finish(at)
    }
}

impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing")
            .field("pattern", &self.pattern)
            .field("below", &self.below)
            .field("after", &self.after)
            .field("found", &self.found.len())
            .finish_non_exhaustive()
    }
}
