//! What somebody may do in a mount, as far as that can be told without a path.

use std::{collections::HashMap, fmt, time::SystemTime};

use crate::{
    Acl, Actions, Caller, CasePolicy, MountName, Reach, Rule, acl::CompiledMount, area::Area,
};

/// What somebody may do in a mount: where, what, and but for what. Shown as text it is one fact a line.
#[derive(Clone, Debug)]
pub struct Holdings<'a> {
    mount: &'a MountName,
    rules: Vec<&'a Rule>,
    held: Vec<Held<'a>>,
    left_out: usize,
}

/// What somebody may do in a part of a mount.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    reach: &'a Reach,
    actions: Actions,
    except: Vec<&'a Rule>,
}

/// More parts are left out, and counted.
const LISTED: usize = 1_000;
const WHOLE: Reach = Reach::Mount;

impl Acl {
    /// What `caller` may do in the mount `name` at `now`: all its rules about the caller that hold, and what comes of them in
    /// each part of the mount that one of them names. For people, not for every request. Nothing, if there is no such mount.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use palisade_core::{Identity, IdentityKind};
    /// # use palisade_vfs_acl::{Acl, Action, Mount, Principal, Rule};
    /// let bob = || Principal::user("bob");
    /// let acl = Acl::builder()
    ///     .mount(Mount::at("docs"))
    ///     .rule(Rule::grant("docs", bob(), [Action::Read, Action::List]))
    ///     .rule(Rule::grant("docs", bob(), Action::Write).matching("drafts/**/*.md"))
    ///     .rule(Rule::deny("docs", Principal::Anyone, Action::Read).matching("**/*.key"))
    ///     .build()?;
    /// let bob = Identity::new("bob", IdentityKind::Jwt);
    /// let holdings = acl.what_may(&bob, "docs", SystemTime::UNIX_EPOCH).ok_or("no mount")?;
    /// assert_eq!(
    ///     holdings.to_string(),
    ///     "on `docs`\n\
    ///      everywhere: read, list\n  \
    ///        but for: denial of read for anyone on `docs` matching `**/*.key`\n\
    ///      matching `drafts/**/*.md`: read, write, list\n  \
    ///        but for: denial of read for anyone on `docs` matching `**/*.key`\n"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn what_may<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        name: &str,
        now: SystemTime,
    ) -> Option<Holdings<'a>> {
        self.mount(name).map(|mount| mount.holdings(&caller.into(), now))
    }

    /// The mounts that `caller` may see at all at `now`: those where it may do anything anywhere. The others are not there
    /// for it.
    pub fn mounts_seen_by<'a>(
        &'a self,
        caller: impl Into<Caller<'a>>,
        now: SystemTime,
    ) -> impl Iterator<Item = &'a MountName> {
        let caller = caller.into();
        let visible = move |mount: &&CompiledMount| mount.is_visible(&caller, now);
        self.mounts.iter().map(|mount| &**mount).filter(visible).map(|mount| &mount.name)
    }
}

/// What gives and what takes, of the rules about a caller.
struct Sorted<'a> {
    takes: Vec<(&'a Rule, Area<'a>)>,
    gives: Vec<(&'a Rule, Area<'a>)>,
}

impl CompiledMount {
    fn sorted(&self, caller: &Caller<'_>, now: SystemTime) -> Sorted<'_> {
        let about = self.rules.about(caller).into_iter().map(|compiled| &compiled.rule);
        let hold = about.filter(|rule| rule.holds_at(now));
        let areas = hold.map(|rule| (rule, Area::of(rule, self.case)));
        let (takes, gives) = areas.partition(|(rule, _)| rule.takes());
        Sorted { takes, gives }
    }

    /// What holds everywhere, before anything is taken.
    fn given_everywhere(&self, caller: &Caller<'_>) -> Actions {
        if self.is_owned_by(caller) { Actions::ALL } else { self.default.actions() }
    }

    /// Whether the caller may do anything anywhere.
    pub(crate) fn is_visible(&self, caller: &Caller<'_>, now: SystemTime) -> bool {
        let hold = |rule: &&Rule| rule.holds_at(now);
        let area = |rule| (rule, Area::of(rule, self.case));
        let takes: Vec<_> = self.rules.taking(caller).filter(hold).map(area).collect();
        let everywhere = left(&Area::new(&WHOLE, self.case), self.given_everywhere(caller), &takes);
        let mut gives = self.rules.giving(caller).filter(hold);
        let is_left = |rule| {
            takes.is_empty() || !left(&Area::of(rule, self.case), rule.actions(), &takes).is_empty()
        };
        !everywhere.is_empty() || gives.any(is_left)
    }

    fn holdings(&self, caller: &Caller<'_>, now: SystemTime) -> Holdings<'_> {
        let Sorted { takes, gives } = self.sorted(caller, now);
        let everywhere = self.given_everywhere(caller);
        let given = Given::of(&gives, everywhere);
        let (mut held, mut left_out) = (Vec::new(), 0_usize);
        let whole = (!everywhere.is_empty()).then_some(&WHOLE);
        let mut reaches: Vec<&Reach> =
            whole.into_iter().chain(gives.iter().map(|(rule, _)| rule.reach())).collect();
        let mut known = std::collections::HashSet::new();
        reaches.retain(|reach| known.insert(*reach));
        for reach in reaches {
            if held.len() == LISTED {
                left_out = left_out.saturating_add(1);
                continue;
            }
            held.extend(part(reach, &given, &takes, self.case));
        }
        let rules = takes.iter().chain(&gives).map(|(rule, _)| *rule).collect();
        Holdings { mount: &self.name, rules, held, left_out }
    }
}

/// What is left of `actions` in an area, of which what covers it takes.
fn left(area: &Area<'_>, actions: Actions, takes: &[(&Rule, Area<'_>)]) -> Actions {
    let covering = takes.iter().filter(|(_, other)| other.covers(area));
    covering.fold(actions, |left, (rule, _)| left.without(rule.actions()))
}

/// What somebody may do in one part, if it is anything.
fn part<'a>(
    reach: &'a Reach,
    given: &Given<'_>,
    takes: &[(&'a Rule, Area<'a>)],
    case: CasePolicy,
) -> Option<Held<'a>> {
    let area = Area::new(reach, case);
    let actions = left(&area, given.to(reach, &area), takes);
    let takes_part = |(rule, other): &&(&Rule, Area<'_>)| {
        !other.covers(&area) && other.may_meet(&area) && !rule.actions().and(actions).is_empty()
    };
    let except = takes.iter().filter(takes_part).map(|(rule, _)| *rule).collect();
    (!actions.is_empty()).then_some(Held { reach, actions, except })
}

/// What grants give, by the folder that they reach all of, or by their pattern.
struct Given<'g> {
    folders: HashMap<&'g str, Actions>,
    patterns: HashMap<&'g Reach, Actions>,
}

impl<'g> Given<'g> {
    fn of(grants: &'g [(&Rule, Area<'g>)], everywhere: Actions) -> Self {
        let (mut folders, mut patterns) = (HashMap::from([("", everywhere)]), HashMap::new());
        for (rule, area) in grants {
            let place: &mut Actions = match area.whole_folder() {
                Some(folder) => folders.entry(folder).or_default(),
                None => patterns.entry(rule.reach()).or_default(),
            };
            *place = place.or(rule.actions());
        }
        Self { folders, patterns }
    }

    /// What is given in all of an area.
    fn to(&self, reach: &Reach, area: &Area<'_>) -> Actions {
        let folders = area.folders().filter_map(|folder| self.folders.get(folder));
        folders.chain(self.patterns.get(reach)).fold(Actions::NONE, |all, some| all.or(*some))
    }
}

// === impl Holdings ===

impl<'a> Holdings<'a> {
    /// The mount.
    pub fn mount(&self) -> &'a MountName {
        self.mount
    }

    /// The rules about the caller that hold, in the order in which they win.
    pub fn rules(&self) -> &[&'a Rule] {
        &self.rules
    }

    /// What the caller may do in each part of the mount that a grant names, and in all of it, if there is an owner's right
    /// or a default. A path may lie in several parts: what any of them gives counts, but for its exceptions.
    pub fn held(&self) -> &[Held<'a>] {
        &self.held
    }

    /// How many parts are left out: there are over a thousand.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

impl fmt::Display for Holdings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mount, held, left_out, .. } = self;
        writeln!(f, "on `{mount}`")?;
        if held.is_empty() {
            writeln!(f, "nothing")?;
        }
        for Held { reach, actions, except } in held {
            writeln!(f, "{reach}: {actions}")?;
            for rule in except {
                writeln!(f, "  but for: {rule}")?;
            }
        }
        if *left_out > 0 {
            writeln!(f, "and {left_out} more parts")?;
        }
        Ok(())
    }
}

// === impl Held ===

impl<'a> Held<'a> {
    /// Which part of the mount.
    pub fn reach(&self) -> &'a Reach {
        self.reach
    }

    /// What the caller may do there, but for the exceptions.
    pub fn actions(&self) -> Actions {
        self.actions
    }

    /// The denials and revocations that take some of it in some of the part.
    pub fn except(&self) -> &[&'a Rule] {
        &self.except
    }
}
