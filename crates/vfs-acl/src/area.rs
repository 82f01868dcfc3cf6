//! How far a rule reaches, compared with how far others do.

use crate::{CasePolicy, Reach, Rule, alternatives::Alternatives, path::is_within};

/// How far a rule reaches, as far as that can be told without a path.
#[derive(Debug)]
pub(crate) struct Area<'r> {
    reach: &'r Reach,
    /// All it reaches is there or below, as what gives compares it.
    own: String,
    /// The same, as what takes compares it.
    wide: String,
}

// === impl Area ===

impl<'r> Area<'r> {
    pub(crate) fn of(rule: &'r Rule, case: CasePolicy) -> Self {
        Self::new(rule.reach(), case)
    }

    pub(crate) fn new(reach: &'r Reach, case: CasePolicy) -> Self {
        let folder = match reach {
            Reach::Mount => String::new(),
            Reach::Under(path) => path.to_string(),
            Reach::Matching(pattern) => {
                Alternatives::of(pattern).map_or_else(|_| String::new(), |all| all.folder().into())
            }
        };
        let (own, wide) = (case.fold(&folder).into_owned(), case.fold_widely(&folder).into_owned());
        Self { reach, own, wide }
    }

    /// The folders on the way to it, and the one that it lies in: what reaches all of one of these reaches all of it.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let ends = self.own.match_indices('/').map(|(at, _)| at).chain([self.own.len()]);
        let ends = [0].into_iter().chain(ends.filter(|end| *end > 0));
        ends.filter_map(|end| self.own.get(..end))
    }

    /// The folder that it reaches all of, if it is one.
    pub(crate) fn whole_folder(&self) -> Option<&str> {
        (!matches!(self.reach, Reach::Matching(_))).then_some(&*self.own)
    }

    /// Whether it is sure that it reaches all that `other` does.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let is_around = |folder: &str| is_within(&other.own, folder);
        self.reach == other.reach || self.whole_folder().is_some_and(is_around)
    }

    /// Whether there may be a path that both reach.
    pub(crate) fn may_meet(&self, other: &Self) -> bool {
        is_within(&self.wide, &other.wide) || is_within(&other.wide, &self.wide)
    }
}
