//! The rules of one mount, found by whom they are about and by the folder they begin at.

use std::{collections::HashMap, time::SystemTime};

use palisade_core::ConfigError;

use crate::{
    Action, Caller, CasePolicy, Pattern, Principal, Rule, VfsPath, path::is_within, rule::Reach,
};

/// The rules of one mount, in the order in which they win.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    by_precedence: Vec<CompiledRule>,
    users: HashMap<Box<str>, ByFolder>,
    roles: HashMap<Box<str>, ByFolder>,
    organisations: HashMap<Box<str>, ByFolder>,
    anyone: ByFolder,
}

/// A rule with its reach compiled.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) rule: Rule,
    reach: CompiledReach,
}

#[derive(Debug)]
enum CompiledReach {
    Mount,
    /// A path as it is compared.
    Under(Box<str>),
    Matching(Pattern),
}

/// The numbers of rules, by the folder that all they reach lies in; ascending in each folder.
#[derive(Debug, Default)]
struct ByFolder {
    folders: HashMap<Box<str>, Vec<usize>>,
    /// The number of segments of the longest folder: beyond it no lookup can find anything.
    depth: usize,
}

// === impl Rules ===

impl Rules {
    /// Compiles the rules of a mount with this case policy. `rules` are in the order in which they were given.
    pub(crate) fn compile(mut rules: Vec<Rule>, case: CasePolicy) -> Result<Self, ConfigError> {
        // Stable: among rules of a kind the one given first is the one named.
        rules.sort_by_key(Rule::kind);
        let mut compiled = Self::default();
        for (number, rule) in rules.into_iter().enumerate() {
            let rule = CompiledRule::compile(rule, case)?;
            compiled.list_for(rule.rule.principal()).insert(rule.folder(), number);
            compiled.by_precedence.push(rule);
        }
        Ok(compiled)
    }

    fn list_for(&mut self, principal: &Principal) -> &mut ByFolder {
        match principal {
            Principal::User(subject) | Principal::UserOf { subject, .. } => {
                self.users.entry(subject.clone()).or_default()
            }
            Principal::Role(name) => self.roles.entry(name.clone()).or_default(),
            Principal::Organisation(name) => self.organisations.entry(name.clone()).or_default(),
            Principal::Anyone => &mut self.anyone,
        }
    }

    /// All of them, in the order in which they win.
    pub(crate) fn all(&self) -> impl Iterator<Item = &CompiledRule> {
        self.by_precedence.iter()
    }

    /// The rule that wins among those that apply. `inside` is a path as it is compared.
    pub(crate) fn first_applying(
        &self,
        caller: &Caller<'_>,
        inside: &str,
        action: Action,
        now: SystemTime,
    ) -> Option<&Rule> {
        let user = caller.subject().and_then(|subject| self.users.get(subject));
        let organisation = caller.organisation().and_then(|name| self.organisations.get(name));
        let roles = caller.roles().filter_map(|role| self.roles.get(role));
        let lists = [user, organisation, Some(&self.anyone)].into_iter().flatten().chain(roles);
        let mut best: Option<(usize, &Rule)> = None;
        for numbers in lists.flat_map(|list| list.along(inside)) {
            let better =
                numbers.iter().take_while(|number| best.is_none_or(|(at, _)| **number < at));
            let found = better
                .filter_map(|number| self.by_precedence.get(*number).map(|rule| (*number, rule)))
                .find(|(_, rule)| rule.applies(caller, inside, action, now));
            best = found.map(|(number, compiled)| (number, &compiled.rule)).or(best);
        }
        best.map(|(_, rule)| rule)
    }
}

// === impl CompiledRule ===

impl CompiledRule {
    fn compile(rule: Rule, case: CasePolicy) -> Result<Self, ConfigError> {
        let reach = match rule.reach() {
            Reach::Mount => CompiledReach::Mount,
            Reach::Under(path) => {
                let parsed = VfsPath::parse(path)
                    .map_err(|error| error.in_config("path of a rule", path))?;
                CompiledReach::Under(case.fold(parsed.as_str()).into())
            }
            Reach::Matching(pattern) => CompiledReach::Matching(Pattern::with_case(pattern, case)?),
        };
        Ok(Self { rule, reach })
    }

    /// The folder that all it reaches lies in.
    fn folder(&self) -> Box<str> {
        match &self.reach {
            CompiledReach::Mount => Box::default(),
            CompiledReach::Under(path) => path.clone(),
            CompiledReach::Matching(pattern) => pattern.head().into(),
        }
    }

    /// Whether it reaches `inside`, a path as it is compared.
    pub(crate) fn reaches(&self, inside: &str) -> bool {
        match &self.reach {
            CompiledReach::Mount => true,
            CompiledReach::Under(folder) => is_within(inside, folder),
            CompiledReach::Matching(pattern) => pattern.matches_folded(inside),
        }
    }

    /// Whether it says something about this question.
    pub(crate) fn applies(
        &self,
        caller: &Caller<'_>,
        inside: &str,
        action: Action,
        now: SystemTime,
    ) -> bool {
        // Cheap ones first.
        self.rule.actions().contains(action)
            && self.rule.holds_at(now)
            && self.rule.principal().includes(caller)
            && self.reaches(inside)
    }
}

// === impl ByFolder ===

impl ByFolder {
    fn insert(&mut self, folder: Box<str>, number: usize) {
        let depth = if folder.is_empty() { 0 } else { folder.split('/').count() };
        self.depth = self.depth.max(depth);
        self.folders.entry(folder).or_default().push(number);
    }

    /// The numbers along `path`: of the top, of each folder on the way, of the path itself.
    fn along<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a [usize]> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let on_the_way = ends.take(self.depth).filter(|end| *end > 0);
        let folders = [0].into_iter().chain(on_the_way).filter_map(|end| path.get(..end));
        folders.filter_map(|folder| self.folders.get(folder)).map(Vec::as_slice)
    }
}
