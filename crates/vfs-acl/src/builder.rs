//! Collects mounts and rules, and compiles them into a snapshot.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use palisade_core::ConfigError;

use crate::{
    Acl, Mount, MountName, Principal, Reach, Rule, acl::CompiledMount, namespace::Namespace,
    rules::Changes,
};

/// Collects changes of mounts and rules, in any order: first mounts go, then they come or change, then rules go, then they
/// come.
#[derive(Clone, Debug)]
#[must_use = "it decides nothing until it is built"]
pub struct AclBuilder {
    base: Acl,
    unmounted: Vec<Box<str>>,
    remounted: Vec<Mount>,
    mounts: Vec<Mount>,
    lifted: Vec<Rule>,
    rules: Vec<Rule>,
    most_rules: usize,
}

/// The most mounts one snapshot takes.
const MOST_MOUNTS: usize = 100_000;
/// The most rules one snapshot takes, unless somebody says otherwise.
const MOST_RULES: usize = 10_000_000;

// === impl AclBuilder ===

impl AclBuilder {
    pub(crate) fn of(base: Acl) -> Self {
        let (unmounted, remounted, mounts) = (Vec::new(), Vec::new(), Vec::new());
        let (lifted, rules) = (Vec::new(), Vec::new());
        Self { base, unmounted, remounted, mounts, lifted, rules, most_rules: MOST_RULES }
    }

    /// Adds a mount.
    pub fn mount(mut self, mount: Mount) -> Self {
        self.mounts.push(mount);
        self
    }

    /// Gives a mount that is there another owner, default or case policy. Its rules stay.
    pub fn remount(mut self, mount: Mount) -> Self {
        self.remounted.push(mount);
        self
    }

    /// Takes a mount away, with its rules. What was in it lies in the mount around it then, if there is one.
    pub fn unmount(mut self, name: impl Into<Box<str>>) -> Self {
        self.unmounted.push(name.into());
        self
    }

    /// Adds a rule. The order of rules matters for one thing alone: among rules of a kind, the first that applies is the
    /// one that explanations name.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Adds rules.
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// Takes away every rule that is equal to this one. To take away what somebody *is granted*, whoever granted it, add a
    /// [revocation](Rule::revoke): that needs no knowledge of the grants.
    pub fn without(mut self, rule: Rule) -> Self {
        self.lifted.push(rule);
        self
    }

    /// Takes no more rules than that. Default: 10 million. A rule takes 250 bytes, mostly.
    pub fn at_most_rules(mut self, most: usize) -> Self {
        self.most_rules = most;
        self
    }

    /// Checks and compiles all of it.
    ///
    /// # Errors
    ///
    /// A path or a pattern that is none; two mounts at one place; a mount to change or take away, or a rule to take away,
    /// that is not there; a rule of a mount that is not there, of nobody, for nothing, or under a path that is a mount of its
    /// own; anyone as an owner; over 100 000 mounts, or more rules than are allowed.
    pub fn build(self) -> Result<Acl, ConfigError> {
        let Self { base, unmounted, remounted, mounts, lifted, rules, most_rules } = self;
        let mut acl = base;
        if !(unmounted.is_empty() && remounted.is_empty() && mounts.is_empty()) {
            acl = with_mounts(acl, &unmounted, remounted, mounts)?;
        }
        at_most("number of rules", acl.rules().saturating_add(rules.len()), most_rules)?;
        let mut changes: HashMap<usize, Changes> = HashMap::new();
        for rule in lifted {
            let number = mount_of(&rule, &acl)?;
            changes.entry(number).or_default().lifted.push(rule);
        }
        for rule in rules {
            let number = mount_of(&rule, &acl)?;
            check(&rule)?;
            check_reach(&rule, number, &acl.namespace)?;
            changes.entry(number).or_default().added.push(rule);
        }
        for (number, changes) in changes {
            if let Some(place) = acl.mounts.get_mut(number) {
                *place = Arc::new(changed(place, changes)?);
            }
        }
        Ok(acl)
    }
}

fn at_most(what: &str, count: usize, most: usize) -> Result<(), ConfigError> {
    if count <= most {
        return Ok(());
    }
    Err(ConfigError::new(what, count.to_string()).expected(format!("at most {most}")))
}

fn changed(mount: &CompiledMount, mut changes: Changes) -> Result<CompiledMount, ConfigError> {
    let shared = mount.name.shared();
    changes.added = changes.added.into_iter().map(|rule| rule.sharing(shared)).collect();
    let rules = mount.rules.changed(changes)?;
    Ok(CompiledMount { rules, ..mount.clone() })
}

/// The same with other mounts.
fn with_mounts(
    base: Acl,
    unmounted: &[Box<str>],
    remounted: Vec<Mount>,
    added: Vec<Mount>,
) -> Result<Acl, ConfigError> {
    let Acl { mut mounts, hash, .. } = base;
    let mut changed: Vec<MountName> = Vec::new();
    for name in unmounted {
        let at = position(&mounts, name)?;
        mounts.remove(at);
    }
    for mount in remounted {
        let at = position(&mounts, &mount.at)?;
        if let Some(place) = mounts.get_mut(at) {
            changed.push(place.name.clone());
            *place = Arc::new(remount(place, mount)?);
        }
    }
    for mount in added {
        let name = MountName::parse(&mount.at)
            .map_err(|error| error.in_config("path of a mount", &mount.at))?;
        check_owner(&mount)?;
        changed.push(name.clone());
        mounts.push(Arc::new(CompiledMount::new(name, mount, hash.clone())));
    }
    at_most("number of mounts", mounts.len(), MOST_MOUNTS)?;
    mounts.sort_by_key(|mount| mount.name.path().segments().count());
    let namespace = Arc::new(namespace(&mounts)?);
    let acl = Acl { mounts, namespace, hash };
    check_around(&changed, &acl)?;
    Ok(acl)
}

/// Checks the rules of the mounts that changed, and of those around them.
fn check_around(changed: &[MountName], acl: &Acl) -> Result<(), ConfigError> {
    let around = changed.iter().filter_map(|name| name.path().parent());
    let texts = changed.iter().map(|name| name.path().clone()).chain(around);
    let numbers = texts.filter_map(|text| Some(acl.namespace.place(text.as_str())?.mount));
    for number in numbers.collect::<BTreeSet<_>>() {
        let rules = acl.mounts.get(number).into_iter().flat_map(|mount| mount.rules.all());
        for compiled in rules {
            check_reach(&compiled.rule, number, &acl.namespace)?;
        }
    }
    Ok(())
}

fn position(mounts: &[Arc<CompiledMount>], name: &str) -> Result<usize, ConfigError> {
    let at = mounts.iter().position(|mount| mount.name.as_str() == name);
    at.ok_or_else(|| ConfigError::new("mount to change", name).expected("a mount that is there"))
}

fn remount(old: &CompiledMount, mount: Mount) -> Result<CompiledMount, ConfigError> {
    check_owner(&mount)?;
    let Mount { owner, default, case, .. } = mount;
    let rules = if case == old.case { old.rules.clone() } else { old.rules.with_case(case)? };
    Ok(CompiledMount { name: old.name.clone(), owner, default, case, rules })
}

fn check_owner(mount: &Mount) -> Result<(), ConfigError> {
    match &mount.owner {
        Some(Principal::Anyone) => Err(ConfigError::new("owner of a mount", "anyone")
            .expected("somebody; for public content, a default access or a grant")),
        Some(owner) if !owner.names_somebody() => {
            Err(ConfigError::new("owner of a mount", "").expected("a name"))
        }
        _ => Ok(()),
    }
}

fn namespace(mounts: &[Arc<CompiledMount>]) -> Result<Namespace, ConfigError> {
    let mut namespace = Namespace::default();
    for (number, mount) in mounts.iter().enumerate() {
        namespace.insert(number, &mount.name, mount.case).map_err(|other| {
            let other = mounts.get(other).map_or("", |mount| mount.name.as_str());
            ConfigError::new("path of a mount", mount.name.as_str())
                .expected(format!("one mount at a place; `{other}` stands there"))
        })?;
    }
    Ok(namespace)
}

/// The number of the mount a rule is of.
fn mount_of(rule: &Rule, acl: &Acl) -> Result<usize, ConfigError> {
    let place = acl.namespace.place(rule.mount()).filter(|place| place.inside.is_empty());
    let place = place.filter(|place| {
        // By its exact name: `docs/` would be found as well, and what is checked later would look for `docs//…`.
        acl.mounts.get(place.mount).is_some_and(|mount| mount.name.as_str() == rule.mount())
    });
    place.map(|place| place.mount).ok_or_else(|| {
        let wrong =
            ConfigError::new("mount of a rule", rule.mount()).expected("a mount that is there");
        let alike = |name: &&str| name.eq_ignore_ascii_case(rule.mount());
        match acl.mounts().map(MountName::as_str).find(alike) {
            Some(name) => wrong.meant(name),
            None => wrong,
        }
    })
}

/// Checks what a rule says beyond its reach.
fn check(rule: &Rule) -> Result<(), ConfigError> {
    if rule.actions().is_empty() {
        return Err(ConfigError::new("rule", rule.to_string()).expected("at least one action"));
    }
    if !rule.principal().names_somebody() {
        return Err(ConfigError::new("rule", rule.to_string()).expected("a principal with a name"));
    }
    Ok(())
}

/// Checks that what a rule reaches is of its mount. A denial that does nothing is worse than none.
fn check_reach(rule: &Rule, mount: usize, namespace: &Namespace) -> Result<(), ConfigError> {
    let Reach::Under(path) = rule.reach() else { return Ok(()) };
    let whole = format!("{}/{path}", rule.mount());
    if namespace.place(&whole).is_some_and(|place| place.mount != mount) {
        return Err(ConfigError::new("rule", rule.to_string())
            .expected("a path of this mount; what is there is a mount of its own"));
    }
    Ok(())
}
