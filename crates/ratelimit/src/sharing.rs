//! A policy that asks a store which instances share.

use std::{num::NonZeroU32, sync::Arc};

use palisade_core::{Rejection, SecurityContext};

use crate::{
    Charge, Key, Outage, RateLimitHeaders, SharedStore, Standing,
    due::{Due, agree, count},
    health::Health,
    readings::Readings,
    refusal,
    rule::{Reading, Rule, Standby},
};

/// A store that instances share, and whether it answers. Clones share both.
#[derive(Clone, Debug)]
pub(crate) struct Sharing {
    pub(crate) store: Arc<dyn SharedStore>,
    pub(crate) health: Arc<Health>,
    headers: RateLimitHeaders,
}

/// What the store is asked of one request.
#[derive(Debug)]
pub(crate) struct Question {
    asked: Vec<(Arc<Rule>, NonZeroU32)>,
}

/// It told of more or fewer quotas than it was asked about.
const MISCOUNTED: Outage = Outage::new("wrong-number-of-standings");

// === impl Sharing ===

impl Sharing {
    pub(crate) fn new(store: Arc<dyn SharedStore>, headers: RateLimitHeaders) -> Self {
        Self { store, health: Arc::default(), headers }
    }

    /// Takes the store's answer down, or does what each rule does without.
    pub(crate) fn settle(
        &self,
        question: &Question,
        answer: Result<Vec<Standing>, Outage>,
        context: &SecurityContext,
    ) -> Result<(), Rejection> {
        let mut readings = Readings::take(context).unwrap_or_default();
        let rules = question.asked.iter().map(|(rule, _)| rule);
        let answer = answer.and_then(|standings| {
            if question.is_answered_by(&standings) { Ok(standings) } else { Err(MISCOUNTED) }
        });
        let result = match answer {
            Ok(standings) => {
                for (rule, standing) in rules.clone().zip(standings) {
                    readings.push(Reading { rule: Arc::clone(rule), standing });
                }
                agree(rules, &readings, self.headers)
            }
            Err(outage) => {
                self.health.fails(outage, context.arrived());
                self.without(question, outage, context, &mut readings)
            }
        };
        readings.report(context);
        result
    }

    /// The same of an answer that was asked for, which shows that the store is in order.
    pub(crate) fn settle_asked(
        &self,
        question: &Question,
        answer: Result<Vec<Standing>, Outage>,
        context: &SecurityContext,
    ) -> Result<(), Rejection> {
        if answer.as_ref().is_ok_and(|standings| question.is_answered_by(standings)) {
            self.health.answers(context.arrived());
        }
        self.settle(question, answer, context)
    }

    fn without(
        &self,
        question: &Question,
        outage: Outage,
        context: &SecurityContext,
        readings: &mut Readings,
    ) -> Result<(), Rejection> {
        for (rule, _) in &question.asked {
            match rule.standby {
                Some(Standby::Closed) => readings.pass_over(rule, Some(outage)),
                Some(Standby::Open) => readings.pass_over(rule, None),
                Some(Standby::Local(_)) | None => {}
            }
        }
        if question.standbys().any(|(standby, _)| matches!(standby, Standby::Closed)) {
            return Err(refusal::unavailable(outage.reason()));
        }
        let local = question.standbys().filter_map(|(standby, cost)| match standby {
            Standby::Local(rule) => Some(Due { rule, cost: cost.get() }),
            Standby::Open | Standby::Closed => None,
        });
        let local: Vec<Due<'_>> = local.collect();
        let key = Key::of(context).ok_or_else(refusal::unknown_client)?;
        count(&local, &key, context.arrived(), readings);
        agree(local.iter().map(|due| due.rule), readings, self.headers)
    }
}

// === impl Question ===

impl Question {
    /// Asks about the rules that were not asked before. What is free is not asked about.
    pub(crate) fn new(due: &[Due<'_>], readings: &mut Readings) -> Self {
        let mut asked: Vec<(Arc<Rule>, NonZeroU32)> = Vec::new();
        for Due { rule, cost } in due {
            if readings.know(rule) {
                continue;
            }
            match NonZeroU32::new((*cost).min(rule.limiter.quota().burst())) {
                Some(cost) => asked.push((Arc::clone(rule), cost)),
                None => readings.pass_over(rule, None),
            }
        }
        Self { asked }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// What the store is to charge.
    pub(crate) fn charges<'a>(&'a self, key: Key<'a>) -> Vec<Charge<'a>> {
        let charge = |(rule, cost): &'a (Arc<Rule>, NonZeroU32)| {
            Charge::new(&rule.name, key, rule.limiter.quota(), *cost)
        };
        self.asked.iter().map(charge).collect()
    }

    /// Refuses what another gate refused for an outage and let go on, because it only reports.
    pub(crate) fn agree(due: &[Due<'_>], readings: &Readings) -> Result<(), Rejection> {
        let outage = due.iter().find_map(|due| readings.outage(due.rule));
        outage.map_or(Ok(()), |outage| Err(refusal::unavailable(outage.reason())))
    }

    fn is_answered_by(&self, standings: &[Standing]) -> bool {
        standings.len() == self.asked.len()
    }

    fn standbys(&self) -> impl Iterator<Item = (&Standby, NonZeroU32)> {
        self.asked.iter().filter_map(|(rule, cost)| Some((rule.standby.as_ref()?, *cost)))
    }
}
