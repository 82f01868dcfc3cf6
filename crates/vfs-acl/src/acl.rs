//! The compiled snapshot that decides, and its builder.

use std::fmt;

use palisade_core::ConfigError;

use crate::{
    CasePolicy, DefaultAccess, Mount, MountName, Principal, Rule,
    index::Rules,
    namespace::{Namespace, Place},
    rule::Reach,
};

/// Mounts and rules, compiled. It never changes: to change something, build another and
/// [replace](crate::AclHandle::replace) it.
pub struct Acl {
    pub(crate) mounts: Vec<CompiledMount>,
    pub(crate) namespace: Namespace,
}

/// A mount with its rules.
#[derive(Debug)]
pub(crate) struct CompiledMount {
    pub(crate) name: MountName,
    pub(crate) owner: Option<Principal>,
    pub(crate) default: DefaultAccess,
    pub(crate) case: CasePolicy,
    pub(crate) rules: Rules,
}

/// Collects mounts and rules, in any order.
#[derive(Clone, Debug, Default)]
#[must_use = "it decides nothing until it is built"]
pub struct AclBuilder {
    mounts: Vec<Mount>,
    rules: Vec<Rule>,
}

/// The most mounts one snapshot takes.
const MOST_MOUNTS: usize = 10_000;
/// The most rules one snapshot takes.
const MOST_RULES: usize = 100_000;

// === impl Acl ===

impl Acl {
    /// Starts with nothing: nobody may do anything.
    pub fn builder() -> AclBuilder {
        AclBuilder::default()
    }

    /// The mounts, outer ones first.
    pub fn mounts(&self) -> impl ExactSizeIterator<Item = &MountName> {
        self.mounts.iter().map(|mount| &mount.name)
    }
}

impl fmt::Debug for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acl").field("mounts", &self.mounts.len()).finish_non_exhaustive()
    }
}

// === impl AclBuilder ===

impl AclBuilder {
    /// Adds a mount.
    pub fn mount(mut self, mount: Mount) -> Self {
        self.mounts.push(mount);
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

    /// Checks and compiles all of it.
    ///
    /// # Errors
    ///
    /// A path or a pattern that is none; two mounts at one place; a rule of a mount that is not there, of nobody, for
    /// nothing, or under a path that is a mount of its own; anyone as an owner; over 10 000 mounts or 100 000 rules.
    pub fn build(self) -> Result<Acl, ConfigError> {
        let Self { mounts, rules } = self;
        at_most("number of mounts", mounts.len(), MOST_MOUNTS)?;
        at_most("number of rules", rules.len(), MOST_RULES)?;
        let mounts = named(mounts)?;
        let namespace = placed(&mounts)?;
        let mut sorted: Vec<Vec<Rule>> = mounts.iter().map(|_| Vec::new()).collect();
        for rule in rules {
            let number = mount_of(&rule, &mounts, &namespace)?;
            check(&rule, number, &namespace)?;
            if let Some(rules) = sorted.get_mut(number) {
                rules.push(rule);
            }
        }
        let compiled = mounts.into_iter().zip(sorted).map(|((name, mount), rules)| {
            let Mount { owner, default, case, .. } = mount;
            let rules = Rules::compile(rules, case)?;
            Ok(CompiledMount { name, owner, default, case, rules })
        });
        Ok(Acl { mounts: compiled.collect::<Result<_, _>>()?, namespace })
    }
}

fn at_most(what: &str, count: usize, most: usize) -> Result<(), ConfigError> {
    if count <= most {
        return Ok(());
    }
    Err(ConfigError::new(what, count.to_string()).expected(format!("at most {most}")))
}

/// Names the mounts and puts outer ones first.
fn named(mounts: Vec<Mount>) -> Result<Vec<(MountName, Mount)>, ConfigError> {
    let mut named = Vec::with_capacity(mounts.len());
    for mount in mounts {
        let name = MountName::parse(&mount.at)
            .map_err(|error| error.in_config("path of a mount", &mount.at))?;
        match &mount.owner {
            Some(Principal::Anyone) => {
                return Err(ConfigError::new("owner of a mount", "anyone")
                    .expected("somebody; for public content, a default access or a grant"));
            }
            Some(owner) if !owner.names_somebody() => {
                return Err(ConfigError::new("owner of a mount", "").expected("a name"));
            }
            _ => named.push((name, mount)),
        }
    }
    named.sort_by_key(|(name, _)| name.path().segments().count());
    Ok(named)
}

fn placed(mounts: &[(MountName, Mount)]) -> Result<Namespace, ConfigError> {
    let mut namespace = Namespace::default();
    for (number, (name, mount)) in mounts.iter().enumerate() {
        namespace.insert(number, name, mount.case).map_err(|other| {
            let other = mounts.get(other).map_or("", |(name, _)| name.as_str());
            ConfigError::new("path of a mount", name.as_str())
                .expected(format!("one mount at a place; `{other}` stands there"))
        })?;
    }
    Ok(namespace)
}

/// The number of the mount a rule is of.
fn mount_of(
    rule: &Rule,
    mounts: &[(MountName, Mount)],
    namespace: &Namespace,
) -> Result<usize, ConfigError> {
    // By its exact name: `docs/` would be found as well, and what is checked below would look for `docs//…`.
    let named = |place: &Place<'_>| {
        let mount = mounts.get(place.mount).map(|(name, _)| name.as_str());
        place.inside.is_empty() && mount == Some(rule.mount())
    };
    let place = namespace.place(rule.mount()).filter(named);
    place.map(|place| place.mount).ok_or_else(|| {
        let wrong =
            ConfigError::new("mount of a rule", rule.mount()).expected("a mount that is there");
        let alike = |name: &&str| name.eq_ignore_ascii_case(rule.mount());
        match mounts.iter().map(|(name, _)| name.as_str()).find(alike) {
            Some(name) => wrong.meant(name),
            None => wrong,
        }
    })
}

/// Checks what a rule says beyond its reach.
fn check(rule: &Rule, mount: usize, namespace: &Namespace) -> Result<(), ConfigError> {
    if rule.actions().is_empty() {
        return Err(ConfigError::new("rule", rule.to_string()).expected("at least one action"));
    }
    if !rule.principal().names_somebody() {
        return Err(ConfigError::new("rule", rule.to_string()).expected("a principal with a name"));
    }
    if let Reach::Under(path) = rule.reach() {
        let whole = format!("{}/{path}", rule.mount());
        if namespace.place(&whole).is_some_and(|place| place.mount != mount) {
            // A denial that does nothing is worse than none.
            return Err(ConfigError::new("rule", rule.to_string())
                .expected("a path of this mount; what is there is a mount of its own"));
        }
    }
    Ok(())
}
