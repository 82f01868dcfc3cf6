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
        let mut parties: Vec<Party<'_>> = Vec::new();
        let mut known: HashMap<&Principal, usize> = HashMap::new();
        let mut add = |principal, rule: Option<_>| {
            let at = *known.entry(principal).or_insert(parties.len());
            match parties.get_mut(at) {
                Some(party) => party.rules.extend(rule),
                None => parties.push(Party {
                    principal,
                    actions: Actions::NONE,
                    rules: rule.into_iter().collect(),
                }),
            }
        };
        mount.owner.iter().for_each(|owner| add(owner, None));
        let of_anyone = |rule: &Rule| *rule.principal() == Principal::Anyone;
        let (anyone, named): (Vec<&Rule>, Vec<&Rule>) =
            grants.iter().map(|compiled| &compiled.rule).partition(|rule| of_anyone(rule));
        named.into_iter().for_each(|rule| add(rule.principal(), Some(rule)));
        add(&Principal::Anyone, None);
        anyone.into_iter().for_each(|rule| add(rule.principal(), Some(rule)));
        for party in &mut parties {
            let caller = Caller::just(party.principal);
            let may = |action: &Action| mount.decide(&caller, &inside, *action, now).allows();
            party.actions = Action::EVERY.into_iter().filter(may).collect();
        }
        parties.retain(|party| !party.actions.is_empty());
        parties
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
