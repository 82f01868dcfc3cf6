//! The compiled snapshot that decides.

use std::{fmt, sync::Arc};

use palisade_core::KeyedHash;

use crate::{
    AclBuilder, CasePolicy, DefaultAccess, Mount, MountName, Principal, VfsPath,
    namespace::Namespace, rules::Rules,
};

/// Mounts and rules, compiled. It never changes: [`change`](Self::change) makes another, which shares with it all that stays.
#[derive(Clone)]
pub struct Acl {
    /// Outer ones first.
    pub(crate) mounts: Vec<Arc<CompiledMount>>,
    pub(crate) namespace: Arc<Namespace>,
    pub(crate) hash: KeyedHash,
}

/// A mount with its rules.
#[derive(Clone, Debug)]
pub(crate) struct CompiledMount {
    pub(crate) name: MountName,
    pub(crate) owner: Option<Principal>,
    pub(crate) default: DefaultAccess,
    pub(crate) case: CasePolicy,
    pub(crate) rules: Rules,
}

// === impl Acl ===

impl Acl {
    /// Starts with nothing: nobody may do anything.
    pub fn builder() -> AclBuilder {
        Self::default().change()
    }

    /// Starts with this. What is built then shares with this all mounts that are not changed, and of those that are, nearly
    /// all rules: a change among millions of rules takes some hundred microseconds.
    ///
    /// ```
    /// # use palisade_vfs_acl::{Acl, Action, Mount, Principal, Rule};
    /// let grant = Rule::grant("docs", Principal::user("alice"), Action::Read);
    /// let before = Acl::builder().mount(Mount::at("docs")).rule(grant.clone()).build()?;
    /// let after = before.change().without(grant).rule(Rule::revoke("docs", Principal::user("bob"))).build()?;
    /// assert_eq!((before.rules(), after.rules()), (1, 1));
    /// # Ok::<(), palisade_core::ConfigError>(())
    /// ```
    pub fn change(&self) -> AclBuilder {
        AclBuilder::of(self.clone())
    }

    /// The mounts, outer ones first.
    pub fn mounts(&self) -> impl ExactSizeIterator<Item = &MountName> {
        self.mounts.iter().map(|mount| &mount.name)
    }

    /// How many rules there are, those that ended included.
    pub fn rules(&self) -> usize {
        self.mounts.iter().map(|mount| mount.rules.len()).sum()
    }

    /// How names are compared where `path` lies, if it lies in a mount.
    pub fn case_of(&self, path: &VfsPath) -> Option<CasePolicy> {
        self.locate(path.as_str()).map(|(mount, _)| mount.case)
    }

    /// The mount that `path` lies in, and the path from there on: empty for the mount itself.
    pub fn place_of<'p>(&self, path: &'p VfsPath) -> Option<(&MountName, &'p str)> {
        self.locate(path.as_str()).map(|(mount, inside)| (&mount.name, inside))
    }

    /// Where the mount stands that `path` lies in.
    pub(crate) fn mount_of(&self, path: &VfsPath) -> Option<&VfsPath> {
        self.locate(path.as_str()).map(|(mount, _)| mount.name.path())
    }

    /// The mount a path lies in, and the path from there on.
    pub(crate) fn locate<'p>(&self, path: &'p str) -> Option<(&CompiledMount, &'p str)> {
        let place = self.namespace.place(path)?;
        self.mounts.get(place.mount).map(|mount| (&**mount, place.inside))
    }

    /// The mount of this name.
    pub(crate) fn mount(&self, name: &str) -> Option<&CompiledMount> {
        // By its exact name: `docs/` would be found as well.
        let (mount, inside) = self.locate(name)?;
        (inside.is_empty() && mount.name.as_str() == name).then_some(mount)
    }
}

impl Default for Acl {
    fn default() -> Self {
        Self { mounts: Vec::new(), namespace: Arc::default(), hash: KeyedHash::random() }
    }
}

impl fmt::Debug for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acl").field("mounts", &self.mounts.len()).finish_non_exhaustive()
    }
}

// === impl CompiledMount ===

impl CompiledMount {
    /// A mount without rules.
    pub(crate) fn new(name: MountName, mount: Mount, hash: KeyedHash) -> Self {
        let Mount { owner, default, case, .. } = mount;
        Self { name, owner, default, case, rules: Rules::new(case, hash) }
    }
}
