//! The decision: whether, and because of what.

use std::{fmt, time::SystemTime};

use crate::{
    Acl, Action, Actions, Caller, MountName, Principal, Rule, RuleKind, VfsPath, acl::CompiledMount,
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
        let Some((mount, inside)) = self.locate(path) else {
            return Decision { because: Because::NoMount, mount: None };
        };
        let caller = caller.into();
        let because = mount.decide(&caller, &mount.case.fold(inside), action, now);
        Decision { because, mount: Some(&mount.name) }
    }

    /// All that `caller` may do with `path` at `now`.
    pub fn what_may<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        path: &VfsPath,
        now: SystemTime,
    ) -> Actions {
        let caller = caller.into();
        let may = |action: &Action| self.decide(caller, path, *action, now).is_allowed();
        Action::EVERY.into_iter().filter(may).collect()
    }

    /// Whom the owner, the grants and the default of the mount let do `action` with `path` at `now`.
    ///
    /// Each is judged by itself. A caller who is several of them (a user with a role) may still be denied by a rule
    /// about another of them; [`decide`](Self::decide) knows.
    pub fn who_may(&self, path: &VfsPath, action: Action, now: SystemTime) -> Vec<&Principal> {
        let Some((mount, _)) = self.locate(path) else { return Vec::new() };
        let granted = mount.rules.all().map(|compiled| &compiled.rule);
        let granted = granted.filter(|rule| rule.kind() == RuleKind::Grant).map(Rule::principal);
        let mut may: Vec<&Principal> = Vec::new();
        for principal in mount.owner.iter().chain(granted).chain([&Principal::Anyone]) {
            let allowed = self.decide(Caller::just(principal), path, action, now).is_allowed();
            if allowed && !may.contains(&principal) {
                may.push(principal);
            }
        }
        may
    }

    /// The mount `path` lies in, and the path from there on.
    pub(crate) fn locate<'p>(&self, path: &'p VfsPath) -> Option<(&CompiledMount, &'p str)> {
        let place = self.namespace.place(path.as_str())?;
        self.mounts.get(place.mount).map(|mount| (mount, place.inside))
    }
}

impl CompiledMount {
    /// Denial over revocation over owner over grant over default over nothing.
    fn decide(
        &self,
        caller: &Caller<'_>,
        inside: &str,
        action: Action,
        now: SystemTime,
    ) -> Because<'_> {
        let rule = self.rules.first_applying(caller, inside, action, now);
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
