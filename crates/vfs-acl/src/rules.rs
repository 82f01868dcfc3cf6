//! The rules of one mount, in parts: a change makes one part anew and shares the others.

use std::{collections::HashMap, sync::Arc};

use palisade_core::{ConfigError, KeyedHash};

use crate::{
    Caller, CasePolicy, Principal, Rule,
    compiled_rule::{CompiledRule, Question},
    shard::{Entry, Shard},
};

/// The rules of one mount.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    hash: KeyedHash,
    case: CasePolicy,
    /// By the hash of the principal; as many as a power of two.
    shards: Vec<Arc<Shard>>,
    /// The rules about anyone, which every decision asks.
    anyone: Arc<Shard>,
    count: usize,
    /// The order of the next rule.
    next: u64,
}

/// What is to be changed of the rules of a mount.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) lifted: Vec<Rule>,
    pub(crate) added: Vec<Rule>,
}

/// Rules in a shard when shards are made.
const IN_A_SHARD: usize = 256;
/// Rules in a shard, on average, from which on more shards are made.
const FULL: usize = 1024;

/// Rules, each with the hash of the principal it is about.
type Hashed = Vec<(u64, CompiledRule)>;

/// What is to be changed of one shard. The rules that are added have their orders.
#[derive(Debug, Default)]
struct Part {
    lifted: Vec<Rule>,
    added: Vec<(u64, Rule)>,
}

// === impl Rules ===

impl Rules {
    /// None yet.
    pub(crate) fn new(case: CasePolicy, hash: KeyedHash) -> Self {
        let (shards, anyone) = (vec![Arc::default()], Arc::default());
        Self { hash, case, shards, anyone, count: 0, next: 0 }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// All of them, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &CompiledRule> {
        [&self.anyone].into_iter().chain(&self.shards).flat_map(|shard| shard.rules())
    }

    /// Those about the caller, in the order in which they win.
    pub(crate) fn about(&self, caller: &Caller<'_>) -> Vec<&CompiledRule> {
        let rules = self.entries(caller).flat_map(Entry::rules);
        let mut about: Vec<&CompiledRule> =
            rules.filter(|compiled| compiled.rule.principal().includes(caller)).collect();
        about.sort_by_key(|compiled| compiled.rank());
        about.dedup_by_key(|compiled| compiled.rank());
        about
    }

    /// Those about the caller that take, in no order.
    pub(crate) fn taking<'a>(&'a self, caller: &Caller<'_>) -> impl Iterator<Item = &'a Rule> {
        let takes = |compiled: &&CompiledRule| compiled.rule.takes();
        let rules =
            self.entries(caller).flat_map(move |entry| entry.rules().iter().take_while(takes));
        rules.map(|compiled| &compiled.rule).filter(move |rule| rule.principal().includes(caller))
    }

    /// Those about the caller that give, in no order.
    pub(crate) fn giving<'a>(&'a self, caller: &Caller<'_>) -> impl Iterator<Item = &'a Rule> {
        let gives = |compiled: &&CompiledRule| !compiled.rule.takes();
        let rules = self
            .entries(caller)
            .flat_map(move |entry| entry.rules().iter().rev().take_while(gives));
        rules.map(|compiled| &compiled.rule).filter(move |rule| rule.principal().includes(caller))
    }

    /// The rule that wins among those that apply.
    pub(crate) fn first_applying(&self, question: &Question<'_>) -> Option<&Rule> {
        let entries = self.entries(question.caller);
        let best = entries.fold(None, |best, entry| entry.better(best, question, &self.hash));
        best.map(|compiled| &compiled.rule)
    }

    /// The rules that may be about `caller`, by principal.
    fn entries<'a>(&'a self, caller: &Caller<'_>) -> impl Iterator<Item = Entry<'a>> {
        let user = caller.subject().map(|subject| self.key(Sort::User, subject));
        let organisation = caller.organisation().map(|name| self.key(Sort::Organisation, name));
        let roles = caller.roles().map(|role| self.key(Sort::Role, role));
        let keys = user.into_iter().chain(organisation).chain(roles);
        let named = keys.filter_map(|key| self.shards.get(self.shard_of(key))?.find(key));
        self.anyone.find(0).into_iter().chain(named)
    }

    fn key(&self, sort: Sort, name: &str) -> u64 {
        self.hash.of(&(sort, name))
    }

    fn key_of(&self, principal: &Principal) -> Option<u64> {
        match principal {
            Principal::User(subject) | Principal::UserOf { subject, .. } => {
                Some(self.key(Sort::User, subject))
            }
            Principal::Role(name) => Some(self.key(Sort::Role, name)),
            Principal::Organisation(name) => Some(self.key(Sort::Organisation, name)),
            Principal::Anyone => None,
        }
    }

    fn shard_of(&self, key: u64) -> usize {
        let last = self.shards.len().saturating_sub(1);
        usize::try_from(key >> 32).unwrap_or_default() & last
    }

    /// The same with a change. What it does not touch is shared.
    pub(crate) fn changed(&self, changes: Changes) -> Result<Self, ConfigError> {
        let (mut next, added) = (self.clone(), changes.added.len());
        let mut parts: HashMap<Option<usize>, Part> = HashMap::new();
        next.count = self.count.saturating_add(added);
        if next.count > self.shards.len().saturating_mul(FULL) {
            next.make_shards(next.count.div_ceil(IN_A_SHARD));
        }
        for rule in changes.lifted {
            let part = next.key_of(rule.principal()).map(|key| next.shard_of(key));
            parts.entry(part).or_default().lifted.push(rule);
        }
        for rule in changes.added {
            let part = next.key_of(rule.principal()).map(|key| next.shard_of(key));
            parts.entry(part).or_default().added.push((next.next, rule));
            next.next = next.next.saturating_add(1);
        }
        for (part, changes) in parts {
            next.change(part, changes)?;
        }
        Ok(next)
    }

    /// The same where case counts otherwise.
    pub(crate) fn with_case(&self, case: CasePolicy) -> Result<Self, ConfigError> {
        let mut all: Vec<&CompiledRule> = self.all().collect();
        all.sort_by_key(|compiled| compiled.rank());
        let added = all.into_iter().map(|compiled| compiled.rule.clone()).collect();
        Self::new(case, self.hash.clone()).changed(Changes { lifted: Vec::new(), added })
    }

    /// Spreads the rules over so many shards, or a few more.
    fn make_shards(&mut self, count: usize) {
        let old = std::mem::take(&mut self.shards);
        let count = count.checked_next_power_of_two().unwrap_or(1);
        self.shards = vec![Arc::default(); count];
        let mut spread: Vec<Hashed> = (0..count).map(|_| Vec::new()).collect();
        for rule in old.iter().flat_map(|shard| shard.rules()) {
            let key = self.key_of(rule.rule.principal()).unwrap_or_default();
            if let Some(part) = spread.get_mut(self.shard_of(key)) {
                part.push((key, rule.clone()));
            }
        }
        let shards = spread.into_iter().map(|rules| Shard::of(rules, self.case, &self.hash));
        self.shards = shards.map(Arc::new).collect();
    }

    /// Makes one shard anew: that one, or the one of the rules about anyone.
    fn change(&mut self, part: Option<usize>, changes: Part) -> Result<(), ConfigError> {
        let old = match part {
            Some(number) => self.shards.get(number),
            None => Some(&self.anyone),
        };
        let old = old.map(|shard| shard.rules()).unwrap_or_default();
        let mut lifted: HashMap<&Rule, bool> = HashMap::new();
        lifted.extend(changes.lifted.iter().map(|rule| (rule, false)));
        let mut rules = Vec::with_capacity(old.len().saturating_add(changes.added.len()));
        for compiled in old {
            if let Some(found) = lifted.get_mut(&compiled.rule) {
                *found = true;
                self.count = self.count.saturating_sub(1);
            } else {
                let key = self.key_of(compiled.rule.principal()).unwrap_or_default();
                rules.push((key, compiled.clone()));
            }
        }
        if let Some((missing, _)) = lifted.into_iter().find(|(_, found)| !found) {
            return Err(ConfigError::new("rule to take away", missing.to_string())
                .expected("a rule that is there"));
        }
        for (order, rule) in changes.added {
            let key = self.key_of(rule.principal()).unwrap_or_default();
            rules.push((key, CompiledRule::compile(rule, order, self.case)?));
        }
        let shard = Arc::new(Shard::of(rules, self.case, &self.hash));
        match part.map(|number| self.shards.get_mut(number)) {
            Some(Some(place)) => *place = shard,
            Some(None) => {}
            None => self.anyone = shard,
        }
        Ok(())
    }
}

/// Of whom a name is.
#[derive(Clone, Copy, Debug, Hash)]
enum Sort {
    User,
    Role,
    Organisation,
}
