//! A limit where it applies.

use std::{collections::BTreeMap, sync::Arc};

use http::request;
use palisade_core::{ConfigError, Identity, SecurityContext};

use crate::{
    Fallback, Limit, Scope,
    cost::Cost,
    quota::valid_name,
    rule::{Rule, rule_name},
};

/// A limit where it applies, with a rule for each plan.
#[derive(Debug)]
pub(crate) struct Clause {
    scope: Scope,
    cost: Cost,
    default: Arc<Rule>,
    plans: BTreeMap<Box<str>, Arc<Rule>>,
}

// === impl Clause ===

impl Clause {
    /// Works a limit out; with a `fallback` where another store counts.
    pub(crate) fn new(
        scope: Scope,
        limit: Limit,
        fallback: Option<Fallback>,
    ) -> Result<Self, ConfigError> {
        // Asked in any case: it also finds a list of no routes.
        let usual = scope.name()?;
        let name = rule_name(&limit.plans.default, &usual)?;
        let mut plans = BTreeMap::new();
        for (plan, limiter) in limit.plans.others {
            let usual = format!("{name}/{}", valid_name((*plan).into())?);
            let rule = Rule::new(rule_name(&limiter, &usual)?, limiter, fallback)?;
            if plans.insert(plan.clone(), Arc::new(rule)).is_some() {
                return Err(ConfigError::new("plan of a rate limit", &*plan)
                    .expected("one that is named once"));
            }
        }
        let default = Arc::new(Rule::new(name, limit.plans.default, fallback)?);
        Ok(Self { scope, cost: limit.cost, default, plans })
    }

    /// Another one of the same limiters, without a count of references in common: for another thread.
    pub(crate) fn twin(&self) -> Self {
        let twin = |rule: &Arc<Rule>| Arc::new(rule.twin());
        Self {
            scope: self.scope.clone(),
            cost: self.cost.clone(),
            default: twin(&self.default),
            plans: self.plans.iter().map(|(plan, rule)| (plan.clone(), twin(rule))).collect(),
        }
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        std::iter::once(&self.default).chain(self.plans.values())
    }

    /// Whether a request falls under it.
    #[inline]
    pub(crate) fn covers(&self, context: &SecurityContext) -> bool {
        self.scope.covers(context.route())
    }

    /// The rule for who sent the request: by his plan, which comes with a verified identity and from nowhere else.
    #[inline]
    pub(crate) fn rule(&self, context: &SecurityContext) -> &Arc<Rule> {
        if self.plans.is_empty() {
            return &self.default;
        }
        let plan = context.identity().and_then(Identity::quota_plan);
        plan.and_then(|plan| self.plans.get(plan)).unwrap_or(&self.default)
    }

    /// How many requests this one counts as.
    #[inline]
    pub(crate) fn cost(&self, head: &request::Parts, context: &SecurityContext) -> u32 {
        self.cost.of(head, context)
    }
}
