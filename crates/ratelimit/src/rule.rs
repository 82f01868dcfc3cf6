//! A limiter as it is applied, with what the headers say of it worked out beforehand.

use std::sync::Arc;

use palisade_core::{ConfigError, LimitReport};

use crate::{Fallback, Limiter, Standing, quota::valid_name, spelt::Spelt};

/// A limiter as it is applied.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What is to be counted once for a request.
    identity: Limiter,
    /// What counts: the same, or what stands in for a store that does not answer.
    pub(crate) limiter: Limiter,
    pub(crate) name: Arc<str>,
    pub(crate) spelt: Spelt,
    /// Only where another store counts.
    pub(crate) standby: Option<Standby>,
}

/// What a rule does while the store does not answer.
#[derive(Debug)]
pub(crate) enum Standby {
    /// Counts here by this one.
    Local(Arc<Rule>),
    Open,
    Closed,
}

/// What a rule said of one request.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) rule: Arc<Rule>,
    pub(crate) standing: Standing,
}

/// The name that a limiter's quota was given, or the `usual` one.
pub(crate) fn rule_name(limiter: &Limiter, usual: &str) -> Result<Arc<str>, ConfigError> {
    valid_name(limiter.quota().shared_name().unwrap_or_else(|| usual.into()))
}

// === impl Rule ===

impl Rule {
    /// Applies `limiter`; with a `fallback` where another store counts.
    pub(crate) fn new(
        name: Arc<str>,
        limiter: Limiter,
        fallback: Option<Fallback>,
    ) -> Result<Self, ConfigError> {
        let spelt = Spelt::new(&name, limiter.quota())?;
        if fallback.is_some() {
            limiter.share_as(&name)?;
        }
        let standby = fallback.map(|fallback| Standby::new(&name, &limiter, fallback));
        let (identity, standby) = (limiter.clone(), standby.transpose()?);
        Ok(Self { identity, limiter, name, spelt, standby })
    }

    /// Another one of the same limiter, without a count of references in common: for another thread.
    pub(crate) fn twin(&self) -> Self {
        let Self { identity, limiter, name, spelt, standby } = self;
        let standby = standby.as_ref().map(|standby| match standby {
            Standby::Local(rule) => Standby::Local(Arc::new(rule.twin())),
            Standby::Open => Standby::Open,
            Standby::Closed => Standby::Closed,
        });
        Self {
            identity: identity.clone(),
            limiter: limiter.clone(),
            name: (**name).into(),
            spelt: spelt.twin(),
            standby,
        }
    }

    /// Whether the two count one thing, so that a request is counted by one of them.
    pub(crate) fn counts_as(&self, other: &Self) -> bool {
        self.identity.is(&other.identity)
    }
}

// === impl Standby ===

impl Standby {
    fn new(name: &Arc<str>, limiter: &Limiter, fallback: Fallback) -> Result<Self, ConfigError> {
        match fallback {
            Fallback::Local { instances } => {
                let share = limiter.share(instances)?;
                let spelt = Spelt::new(name, share.quota())?.degraded()?;
                let (identity, name) = (limiter.clone(), Arc::clone(name));
                let rule = Rule { identity, limiter: share, name, spelt, standby: None };
                Ok(Self::Local(Arc::new(rule)))
            }
            Fallback::Open => Ok(Self::Open),
            Fallback::Closed => Ok(Self::Closed),
        }
    }
}

// === impl Reading ===

impl Reading {
    /// What the rest of the stack hears of it.
    pub(crate) fn report(&self) -> LimitReport {
        let Standing { remaining, reset, .. } = self.standing;
        let limit = u64::from(self.rule.limiter.quota().burst());
        LimitReport::new(Arc::clone(&self.rule.name), limit, remaining.into(), reset)
    }
}
