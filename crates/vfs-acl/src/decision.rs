//! The decision: whether, and because of what.

use std::{fmt, time::SystemTime};

use crate::{
    Acl, Action, Actions, Caller, MountName, Rule, RuleKind, VfsPath, acl::CompiledMount,
    case::Spelling, compiled_rule::Question,
};

/// Whether a caller may do something with a path, and what decided it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decision<'a> {
    because: Because<'a>,
    mount: Option<&'a MountName>,
}

/// What decided. Earlier variants win over later ones.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Because<'a> {
    /// A denial.
    Deny(&'a Rule),
    /// A revocation.
    Revocation(&'a Rule),
    /// The caller owns the mount.
    Owner,
    /// A grant.
    Grant(&'a Rule),
    /// The mount lets anyone do this.
    MountDefault,
    /// Nothing says that the caller may.
    NothingGranted,
    /// The path lies in no mount.
    NoMount,
}

impl Acl {
    /// Decides whether `caller` may do `action` with `path` at `now`.
    pub fn decide<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        path: &VfsPath,
        action: Action,
        now: SystemTime,
    ) -> Decision<'a> {
        let Some((mount, inside)) = self.locate(path.as_str()) else {
            return Decision { because: Because::NoMount, mount: None };
        };
        let caller = caller.into();
        let because = mount.decide(&caller, &mount.case.spell(inside), action, now);
        Decision { because, mount: Some(&mount.name) }
    }

    /// All that `caller` may do with `path` at `now`.
    pub fn actions<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        path: &VfsPath,
        now: SystemTime,
    ) -> Actions {
        let Some((mount, inside)) = self.locate(path.as_str()) else { return Actions::NONE };
        let (caller, inside) = (caller.into(), mount.case.spell(inside));
        let may = |action: &Action| mount.decide(&caller, &inside, *action, now).allows();
        Action::EVERY.into_iter().filter(may).collect()
    }

    /// Whether a listing shows the name of `path` to `caller`: who may list the folder it lies in sees it, unless the name
    /// itself was denied or revoked for listing. Of a mount, wherever it stands, whoever may do anything in it sees the name.
    pub fn shows<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        path: &VfsPath,
        now: SystemTime,
    ) -> bool {
        let Some((mount, inside)) = self.locate(path.as_str()) else { return false };
        let caller = caller.into();
        if inside.is_empty() {
            return mount.is_visible(&caller, now);
        }
        let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
        let list =
            |inside: &str| mount.decide(&caller, &mount.case.spell(inside), Action::List, now);
        list(folder).allows() && !list(inside).takes()
    }

    /// Whether `caller` may know that there is such a path: may read it, list it, or see its name in a listing.
    pub fn may_know<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        path: &VfsPath,
        now: SystemTime,
    ) -> bool {
        let caller = caller.into();
        let may = self.actions(caller, path, now);
        may.contains(Action::Read) || may.contains(Action::List) || self.shows(caller, path, now)
    }
}

impl CompiledMount {
    /// Denial over revocation over owner over grant over default over nothing.
    pub(crate) fn decide(
        &self,
        caller: &Caller<'_>,
        inside: &Spelling<'_>,
        action: Action,
        now: SystemTime,
    ) -> Because<'_> {
        let rule = self.rules.first_applying(&Question { caller, inside, action, now });
        match rule.map(|rule| (rule.kind(), rule)) {
            Some((RuleKind::Deny, rule)) => Because::Deny(rule),
            Some((RuleKind::Revocation, rule)) => Because::Revocation(rule),
            _ if self.is_owned_by(caller) => Because::Owner,
            Some((RuleKind::Grant, rule)) => Because::Grant(rule),
            None if self.default.actions().contains(action) => Because::MountDefault,
            None => Because::NothingGranted,
        }
    }

    pub(crate) fn is_owned_by(&self, caller: &Caller<'_>) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.includes(caller))
    }
}

// === impl Decision ===

impl<'a> Decision<'a> {
    /// Whether the caller may.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.because.allows()
    }

    /// What decided.
    #[must_use]
    pub fn because(&self) -> Because<'a> {
        self.because
    }

    /// The mount that decided, if the path lies in one.
    #[must_use]
    pub fn mount(&self) -> Option<&'a MountName> {
        self.mount
    }
}

impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_allowed() { "allowed: " } else { "refused: " })?;
        match (self.because, self.mount) {
            (Because::Deny(rule) | Because::Revocation(rule) | Because::Grant(rule), _) => {
                rule.fmt(f)
            }
            (Because::Owner, Some(mount)) => write!(f, "owns `{mount}`"),
            (Because::MountDefault, Some(mount)) => write!(f, "default of `{mount}`"),
            (Because::NothingGranted, Some(mount)) => write!(f, "nothing granted on `{mount}`"),
            _ => f.write_str("in no mount"),
        }
    }
}

// === impl Because ===

impl<'a> Because<'a> {
    /// The rule that decided, if it was one.
    #[must_use]
    pub fn rule(self) -> Option<&'a Rule> {
        match self {
            Self::Deny(rule) | Self::Revocation(rule) | Self::Grant(rule) => Some(rule),
            _ => None,
        }
    }

    /// Whether this allows.
    #[must_use]
    pub fn allows(self) -> bool {
        matches!(self, Self::Owner | Self::Grant(_) | Self::MountDefault)
    }

    /// Whether a rule took it away.
    #[must_use]
    pub fn takes(self) -> bool {
        matches!(self, Self::Deny(_) | Self::Revocation(_))
    }

    /// The name in logs and in the trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deny(_) => "deny",
            Self::Revocation(_) => "revocation",
            Self::Owner => "owner",
            Self::Grant(_) => "grant",
            Self::MountDefault => "mount-default",
            Self::NothingGranted => "nothing-granted",
            Self::NoMount => "no-mount",
        }
    }
}
