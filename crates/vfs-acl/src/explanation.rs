//! Why a decision fell as it did, and what would change it.

use std::{fmt, time::SystemTime};

use crate::{
    Acl, Action, Caller, Decision, MountName, Rule, RuleKind, VfsPath, acl::CompiledMount,
    case::Spelling, compiled_rule::CompiledRule,
};

/// Why a decision fell as it did, and what would change it. Shown as text it is one fact a line.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    caller: Caller<'a>,
    path: VfsPath,
    action: Action,
    decision: Decision<'a>,
    overruled: Vec<&'a Rule>,
    missed: Vec<(&'a Rule, Miss)>,
    changes: Vec<Change<'a>>,
}

/// Why a rule about the caller says nothing about this question.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Miss {
    /// It ended.
    Ended,
    /// It is about other actions.
    OtherAction,
    /// It does not reach the path.
    OtherPath,
}

/// One of the changes that, made together, turn the decision round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Change<'a> {
    /// Take this rule away.
    Lift(&'a Rule),
    /// Let this grant, which ended, hold again.
    Renew(&'a Rule),
    /// Grant the action on this mount.
    Grant(&'a MountName),
    /// Revoke on this mount.
    Revoke(&'a MountName),
    /// Make a mount the path lies in, and grant the action there.
    Mount,
}

/// How many rules the text lists of each sort.
const LISTED: usize = 10;

impl Acl {
    /// Decides as [`decide`](Self::decide) does, and says why. It looks at every rule of the mount about the caller: for
    /// people, not for every request.
    pub fn explain<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        path: &VfsPath,
        action: Action,
        now: SystemTime,
    ) -> Explanation<'a> {
        let caller = caller.into();
        let decision = self.decide(caller, path, action, now);
        let mut explanation = Explanation {
            caller,
            path: path.clone(),
            action,
            decision,
            overruled: Vec::new(),
            missed: Vec::new(),
            changes: Vec::new(),
        };
        match self.locate(path.as_str()) {
            Some((mount, inside)) => {
                explanation.look_at(mount, &mount.case.spell(inside), now);
            }
            None => explanation.changes.push(Change::Mount),
        }
        explanation
    }
}

// === impl Explanation ===

impl<'a> Explanation<'a> {
    fn look_at(&mut self, mount: &'a CompiledMount, inside: &Spelling<'_>, now: SystemTime) {
        let (caller, action) = (self.caller, self.action);
        let mut applying = Vec::new();
        for compiled in mount.rules.about(&caller) {
            match miss(compiled, inside, action, now) {
                None => applying.push(&compiled.rule),
                Some(miss) => self.missed.push((&compiled.rule, miss)),
            }
        }
        if self.decision.is_allowed() {
            self.changes.push(Change::Revoke(&mount.name));
        } else {
            let against = applying.iter().filter(|rule| rule.kind() != RuleKind::Grant);
            self.changes.extend(against.map(|rule| Change::Lift(rule)));
            let is_granted = mount.is_owned_by(&caller)
                || mount.default.actions().contains(action)
                || applying.iter().any(|rule| rule.kind() == RuleKind::Grant);
            if !is_granted {
                self.changes.push(self.grant(mount));
            }
        }
        let decisive = self.decision.because().rule();
        self.overruled = applying
            .into_iter()
            .filter(|rule| decisive.is_none_or(|by| !std::ptr::eq(by, *rule)))
            .collect();
    }

    /// The grant that is missing: one that only ended, or a new one.
    fn grant(&self, mount: &'a CompiledMount) -> Change<'a> {
        let ended = self
            .missed
            .iter()
            .find(|(rule, miss)| rule.kind() == RuleKind::Grant && *miss == Miss::Ended);
        ended.map_or(Change::Grant(&mount.name), |(rule, _)| Change::Renew(rule))
    }

    /// The decision.
    pub fn decision(&self) -> Decision<'a> {
        self.decision
    }

    /// The rules that apply too and were not needed or not strong enough.
    pub fn overruled(&self) -> &[&'a Rule] {
        &self.overruled
    }

    /// The rules of the mount about this caller that say nothing about the question.
    pub fn missed(&self) -> &[(&'a Rule, Miss)] {
        &self.missed
    }

    /// The changes that, made together, turn the decision round.
    pub fn changes(&self) -> &[Change<'a>] {
        &self.changes
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caller, path, action, decision, overruled, missed, changes } = self;
        writeln!(f, "{caller}: {action} `{path}`")?;
        writeln!(f, "{decision}")?;
        for rule in overruled.iter().take(LISTED) {
            writeln!(f, "also applies: {rule}")?;
        }
        for (rule, miss) in missed.iter().take(LISTED) {
            writeln!(f, "does not apply, {miss}: {rule}")?;
        }
        let left_out = overruled
            .len()
            .saturating_sub(LISTED)
            .saturating_add(missed.len().saturating_sub(LISTED));
        if left_out > 0 {
            writeln!(f, "and {left_out} more rules about this caller")?;
        }
        for (index, change) in changes.iter().enumerate() {
            let word = if index == 0 { "to change it" } else { "and" };
            writeln!(f, "{word}: {change}")?;
        }
        Ok(())
    }
}

/// Why a rule about the caller does not apply, if it does not. A rule that only ended comes last: renewing it is enough.
fn miss(
    compiled: &CompiledRule,
    inside: &Spelling<'_>,
    action: Action,
    now: SystemTime,
) -> Option<Miss> {
    if !compiled.rule.actions().contains(action) {
        Some(Miss::OtherAction)
    } else if !compiled.reaches(inside) {
        Some(Miss::OtherPath)
    } else if !compiled.rule.holds_at(now) {
        Some(Miss::Ended)
    } else {
        None
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => "ended",
            Self::OtherAction => "other actions",
            Self::OtherPath => "other paths",
        })
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lift(rule) => write!(f, "take away the {rule}"),
            Self::Renew(rule) => write!(f, "renew the {rule}"),
            Self::Grant(mount) => write!(f, "grant it on `{mount}`"),
            Self::Revoke(mount) => write!(f, "revoke on `{mount}`"),
            Self::Mount => f.write_str("make a mount there and grant it"),
        }
    }
}
