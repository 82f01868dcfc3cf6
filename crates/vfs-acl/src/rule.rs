//! Rules of a mount: grants, revocations, denials.

use std::{fmt, sync::Arc, time::SystemTime};

use crate::{Actions, Principal};

/// A rule of a mount: whom it is about, what for, and how far it reaches.
///
/// ```
/// use palisade_vfs_acl::{Action, Principal, Rule};
/// let _ = Rule::grant("docs", Principal::user("alice"), [Action::Read, Action::List]).under("reports");
/// let _ = Rule::grant("docs", Principal::role("editor"), Action::Write).matching("**/*.md");
/// let _ = Rule::revoke("docs", Principal::user("mallory"));
/// let _ = Rule::deny("docs", Principal::Anyone, Action::Delete).under("archive");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[must_use = "a rule counts once it is given to an `AclBuilder`"]
pub struct Rule {
    kind: RuleKind,
    mount: Arc<str>,
    principal: Principal,
    actions: Actions,
    reach: Reach,
    until: Option<SystemTime>,
    name: Option<Box<str>>,
}

/// What a rule does. Earlier kinds win over later ones.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum RuleKind {
    /// Forbids, whatever else is said.
    Deny,
    /// Takes back every grant, and an owner's rights. The mount and its content stay.
    Revocation,
    /// Allows.
    Grant,
}

/// How far a rule reaches within its mount.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reach {
    /// All of it.
    #[default]
    Mount,
    /// A path and all below it.
    Under(Box<str>),
    /// What a pattern matches.
    Matching(Box<str>),
}

// === impl Rule ===

impl Rule {
    /// Allows `principal` these actions in `mount`.
    pub fn grant(
        mount: impl Into<Arc<str>>,
        principal: Principal,
        actions: impl Into<Actions>,
    ) -> Self {
        Self::new(RuleKind::Grant, mount.into(), principal, actions.into())
    }

    /// Takes back from `principal` whatever it was granted in `mount`, ownership included.
    pub fn revoke(mount: impl Into<Arc<str>>, principal: Principal) -> Self {
        Self::new(RuleKind::Revocation, mount.into(), principal, Actions::ALL)
    }

    /// Forbids `principal` these actions in `mount`, whatever else is said.
    pub fn deny(
        mount: impl Into<Arc<str>>,
        principal: Principal,
        actions: impl Into<Actions>,
    ) -> Self {
        Self::new(RuleKind::Deny, mount.into(), principal, actions.into())
    }

    fn new(kind: RuleKind, mount: Arc<str>, principal: Principal, actions: Actions) -> Self {
        Self { kind, mount, principal, actions, reach: Reach::Mount, until: None, name: None }
    }

    /// Restricts it to `path`, given from the mount on, and all below. Replaces an earlier restriction.
    pub fn under(mut self, path: impl Into<Box<str>>) -> Self {
        self.reach = Reach::Under(path.into());
        self
    }

    /// Restricts it to what a [pattern](crate::Pattern) matches, given from the mount on. Replaces an earlier restriction.
    ///
    /// A pattern matches no more than it says: `reports/**` is what lies below `reports`, and not `reports` itself.
    pub fn matching(mut self, pattern: impl Into<Box<str>>) -> Self {
        self.reach = Reach::Matching(pattern.into());
        self
    }

    /// Lets it end: at `time` it does not hold any more.
    pub fn until(mut self, time: SystemTime) -> Self {
        self.until = Some(time);
        self
    }

    /// Gives it a name for explanations: a ticket, an id.
    pub fn named(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What it does.
    pub fn kind(&self) -> RuleKind {
        self.kind
    }

    /// The mount it is of.
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// Whom it is about.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What for.
    pub fn actions(&self) -> Actions {
        self.actions
    }

    /// When it ends.
    pub fn expiry(&self) -> Option<SystemTime> {
        self.until
    }

    /// Its name for explanations.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: SystemTime) -> bool {
        self.until.is_none_or(|end| now < end)
    }

    /// How far it reaches.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether it takes: a denial or a revocation.
    pub(crate) fn takes(&self) -> bool {
        self.kind != RuleKind::Grant
    }

    /// Shares the texts that other rules have too.
    pub(crate) fn sharing(mut self, mount: &Arc<str>) -> Self {
        self.mount = Arc::clone(mount);
        self
    }

    pub(crate) fn share_principal(&mut self, other: &Principal) {
        match (&mut self.principal, other) {
            (own, other) if own == other => *own = other.clone(),
            (Principal::UserOf { issuer, .. }, Principal::UserOf { issuer: other, .. })
                if issuer == other =>
            {
                *issuer = Arc::clone(other);
            }
            _ => {}
        }
    }
}

/// Shows a rule as `grant of read, list to user "alice" on "docs" under "reports"`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, mount, principal, actions, reach, name, .. } = self;
        match kind {
            RuleKind::Deny => write!(f, "denial of {actions} for {principal}")?,
            RuleKind::Revocation => write!(f, "revocation for {principal}")?,
            RuleKind::Grant => write!(f, "grant of {actions} to {principal}")?,
        }
        write!(f, " on `{mount}`")?;
        if *reach != Reach::Mount {
            write!(f, " {reach}")?;
        }
        name.as_ref().map_or(Ok(()), |name| write!(f, " ({})", name.escape_debug()))
    }
}

// === impl Reach ===

/// Shows it as `under "reports"`.
impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mount => f.write_str("everywhere"),
            Self::Under(path) => write!(f, "under `{path}`"),
            Self::Matching(pattern) => write!(f, "matching `{pattern}`"),
        }
    }
}

// === impl RuleKind ===

impl RuleKind {
    /// The name in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Revocation => "revocation",
            Self::Grant => "grant",
        }
    }
}
