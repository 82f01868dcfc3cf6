//! Mounts: isolated namespaces, each with an owner and a default of its own.

use std::{fmt, sync::Arc};

use crate::{Action, Actions, CasePolicy, PathError, Principal, VfsPath};

/// The name of a mount: the path it stands at.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MountName(VfsPath);

/// A mount: everything at a path and below it, up to the mounts inside it.
///
/// It decides alone about what is in it. A mount inside another shares nothing with it: no owner, no rule, no default.
#[derive(Clone, Debug)]
#[must_use = "a mount counts once it is given to an `AclBuilder`"]
pub struct Mount {
    pub(crate) at: Box<str>,
    pub(crate) owner: Option<Principal>,
    pub(crate) default: DefaultAccess,
    pub(crate) case: CasePolicy,
}

/// What holds in a mount where no rule does.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DefaultAccess {
    /// Nobody may do anything.
    #[default]
    Nothing,
    /// Anyone may read and list, also without an identity.
    ReadForAnyone,
}

// === impl MountName ===

impl MountName {
    /// Reads the path a mount stands at.
    ///
    /// # Errors
    ///
    /// As [`VfsPath::parse`].
    pub fn parse(text: &str) -> Result<Self, PathError> {
        VfsPath::parse(text).map(Self)
    }

    /// The path.
    pub fn path(&self) -> &VfsPath {
        &self.0
    }

    pub(crate) fn shared(&self) -> &Arc<str> {
        self.0.shared()
    }

    /// The text of the path.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for MountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for MountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

// === impl Mount ===

impl Mount {
    /// A mount at `path`, without an owner, where nobody may do anything until a rule says so.
    pub fn at(path: impl Into<Box<str>>) -> Self {
        Self {
            at: path.into(),
            owner: None,
            default: DefaultAccess::Nothing,
            case: CasePolicy::Sensitive,
        }
    }

    /// Names who may do everything here, sharing included, unless it was denied or revoked.
    pub fn owner(mut self, owner: Principal) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Says what holds where no rule does. Default: [`DefaultAccess::Nothing`].
    pub fn default_access(mut self, default: DefaultAccess) -> Self {
        self.default = default;
        self
    }

    /// Says whether the store behind it tells upper case from lower case. Default: [`CasePolicy::Sensitive`].
    pub fn case(mut self, case: CasePolicy) -> Self {
        self.case = case;
        self
    }
}

// === impl DefaultAccess ===

impl DefaultAccess {
    /// What anyone may do.
    #[must_use]
    pub fn actions(self) -> Actions {
        match self {
            Self::Nothing => Actions::NONE,
            Self::ReadForAnyone => Actions::from([Action::Read, Action::List]),
        }
    }
}
