//! A rule, ready to be asked.

use std::time::SystemTime;

use palisade_core::ConfigError;

use crate::{
    Action, Caller, CasePolicy, Reach, Rule, RuleKind, VfsPath,
    alternatives::Alternatives,
    case::{Reading, Spelling},
    glob::Glob,
    path::is_within,
    place::Place,
};

/// A rule, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    pub(crate) rule: Rule,
    reach: CompiledReach,
    /// Among the rules of its mount: the one that was given first is the one that is named.
    order: u64,
}

#[derive(Clone, Debug)]
enum CompiledReach {
    /// As the rule says it: everything, or a path that is compared as it is written.
    AsWritten,
    Under(Box<str>),
    Matching(Glob),
    /// A rule that takes, where it compares in two ways: by what gives, and by what takes.
    UnderEither(Box<[Box<str>; 2]>),
    MatchingEither(Box<[Glob; 2]>),
}

/// What is asked of the rules of a mount.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'q> {
    pub(crate) caller: &'q Caller<'q>,
    pub(crate) inside: &'q Spelling<'q>,
    pub(crate) action: Action,
    pub(crate) now: SystemTime,
}

// === impl CompiledRule ===

impl CompiledRule {
    pub(crate) fn compile(rule: Rule, order: u64, case: CasePolicy) -> Result<Self, ConfigError> {
        let reach = match rule.reach() {
            Reach::Mount => CompiledReach::AsWritten,
            Reach::Under(path) => under(path, rule.kind(), case)?,
            Reach::Matching(pattern) => matching(pattern, rule.kind(), case)?,
        };
        Ok(Self { rule, reach, order })
    }

    /// What wins over greater ones.
    pub(crate) fn rank(&self) -> (RuleKind, u64) {
        (self.rule.kind(), self.order)
    }

    /// Where all that it reaches lies. It may be asked about any path that lies in one of them.
    pub(crate) fn places(&self, case: CasePolicy) -> Vec<Place> {
        let readings = [Some(case.reading()), self.compares_widely().then_some(Reading::Wide)];
        let mut places: Vec<Place> = Vec::new();
        for reading in readings.into_iter().flatten() {
            match self.rule.reach() {
                Reach::Mount => places.push(Place::under("")),
                Reach::Under(path) => places.push(Place::under(reading.fold(path))),
                // It was compiled, so it can be read.
                Reach::Matching(pattern) => match Alternatives::of(pattern) {
                    Ok(alternatives) => places.extend(alternatives.places(reading)),
                    Err(_) => places.push(Place::under("")),
                },
            }
        }
        places
    }

    fn compares_widely(&self) -> bool {
        matches!(self.reach, CompiledReach::UnderEither(_) | CompiledReach::MatchingEither(_))
    }

    /// Whether it reaches the path.
    pub(crate) fn reaches(&self, inside: &Spelling<'_>) -> bool {
        match &self.reach {
            CompiledReach::AsWritten => match self.rule.reach() {
                Reach::Under(folder) => is_within(&inside.own, folder),
                _ => true,
            },
            CompiledReach::Under(folder) => is_within(&inside.own, folder),
            CompiledReach::Matching(glob) => glob.matches(&inside.own),
            CompiledReach::UnderEither(folders) => {
                let [own, wide] = &**folders;
                is_within(&inside.own, own) || is_within(inside.wide(), wide)
            }
            CompiledReach::MatchingEither(globs) => {
                let [own, wide] = &**globs;
                own.matches(&inside.own) || wide.matches(inside.wide())
            }
        }
    }

    /// Whether it says something about this question.
    pub(crate) fn applies(&self, question: &Question<'_>) -> bool {
        // Cheap ones first.
        self.rule.actions().contains(question.action)
            && self.rule.holds_at(question.now)
            && self.rule.principal().includes(question.caller)
            && self.reaches(question.inside)
    }
}

fn under(path: &str, kind: RuleKind, case: CasePolicy) -> Result<CompiledReach, ConfigError> {
    let parsed = VfsPath::parse(path).map_err(|error| error.in_config("path of a rule", path))?;
    let (own, wide) = (case.fold(parsed.as_str()), case.fold_widely(parsed.as_str()));
    Ok(if kind != RuleKind::Grant && case == CasePolicy::Folded {
        CompiledReach::UnderEither(Box::new([own.into(), wide.into()]))
    } else if own == path {
        CompiledReach::AsWritten
    } else {
        CompiledReach::Under(own.into())
    })
}

fn matching(pattern: &str, kind: RuleKind, case: CasePolicy) -> Result<CompiledReach, ConfigError> {
    let alternatives = Alternatives::of(pattern)?;
    let own = alternatives.compile(case.reading())?;
    Ok(if kind != RuleKind::Grant && case == CasePolicy::Folded {
        CompiledReach::MatchingEither(Box::new([own, alternatives.compile(Reading::Wide)?]))
    } else {
        CompiledReach::Matching(own)
    })
}
