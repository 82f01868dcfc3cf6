//! Who may do what with a path.

use std::{collections::HashMap, time::SystemTime};

use crate::{Acl, Action, Actions, Caller, Principal, Rule, RuleKind, VfsPath};

/// Somebody who may do something with a path.
#[derive(Clone, Debug)]
pub struct Party<'a> {
    principal: &'a Principal,
    actions: Actions,
    rules: Vec<&'a Rule>,
}

impl Acl {
    /// Whom the owner, the grants and the default of the mount let do anything with `path` at `now`: the owner first, then
    /// as the grants were given, anyone last. It looks at every rule of the mount: for people, not for every request.
    ///
    /// Each is judged by itself. A caller who is several of them (a user with a role) may still be denied by a rule
    /// about another of them; [`decide`](Self::decide) knows.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use palisade_vfs_acl::{Acl, Action, Mount, Principal, Rule, VfsPath};
    /// let acl = Acl::builder()
    ///     .mount(Mount::at("docs").owner(Principal::user("alice")))
    ///     .rule(Rule::grant("docs", Principal::role("editor"), [Action::Read, Action::Write]))
    ///     .rule(Rule::deny("docs", Principal::role("editor"), Action::Write).under("archive"))
    ///     .build()?;
    /// let path = VfsPath::parse("docs/archive/2025.md")?;
    /// let parties = acl.who_may(&path, SystemTime::UNIX_EPOCH);
    /// let told: Vec<String> = parties.iter().map(ToString::to_string).collect();
    /// assert_eq!(told, ["user `alice`: read, write, list, delete, share", "role `editor`: read"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn who_may(&self, path: &VfsPath, now: SystemTime) -> Vec<Party<'_>> {
        let Some((mount, inside)) = self.locate(path.as_str()) else { return Vec::new() };
        let inside = mount.case.spell(inside);
        let reaching = mount.rules.all().filter(|compiled| {
            let rule = &compiled.rule;
            rule.kind() == RuleKind::Grant && rule.holds_at(now) && compiled.reaches(&inside)
        });
        let mut grants: Vec<_> = reaching.collect();
        grants.sort_unstable_by_key(|compiled| compiled.rank());
        let mut parties = Parties::default();
        if let Some(owner) = &mount.owner {
            parties.add(owner, None);
        }
        let (anyone, named): (Vec<&Rule>, Vec<&Rule>) = grants
            .iter()
            .map(|compiled| &compiled.rule)
            .partition(|rule| *rule.principal() == Principal::Anyone);
        for rule in named {
            parties.add(rule.principal(), Some(rule));
        }
        // Last, and also where the default alone lets it.
        parties.add(&Principal::Anyone, None);
        for rule in anyone {
            parties.add(rule.principal(), Some(rule));
        }
        parties.judged(|principal| {
            let caller = Caller::just(principal);
            let may = |action: &Action| mount.decide(&caller, &inside, *action, now).allows();
            Action::EVERY.into_iter().filter(may).collect()
        })
    }
}

/// Those who may be allowed something, each once.
#[derive(Default)]
struct Parties<'a> {
    all: Vec<Party<'a>>,
    numbers: HashMap<&'a Principal, usize>,
}

impl<'a> Parties<'a> {
    fn add(&mut self, principal: &'a Principal, rule: Option<&'a Rule>) {
        let number = *self.numbers.entry(principal).or_insert(self.all.len());
        if let Some(party) = self.all.get_mut(number) {
            party.rules.extend(rule);
        } else {
            let rules = rule.into_iter().collect();
            self.all.push(Party { principal, actions: Actions::NONE, rules });
        }
    }

    /// Those who may do anything.
    fn judged(mut self, may: impl Fn(&Principal) -> Actions) -> Vec<Party<'a>> {
        for party in &mut self.all {
            party.actions = may(party.principal);
        }
        self.all.retain(|party| !party.actions.is_empty());
        self.all
    }
}

// === impl Party ===

impl<'a> Party<'a> {
    /// Who it is.
    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// What it may do with the path.
    pub fn actions(&self) -> Actions {
        self.actions
    }

    /// The grants to it that reach the path, in the order in which they were given. None for an owner, and for anyone by
    /// the default of the mount.
    pub fn rules(&self) -> &[&'a Rule] {
        &self.rules
    }
}

/// Shows it as `role "editor": read`.
impl std::fmt::Display for Party<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.principal, self.actions)
    }
}
