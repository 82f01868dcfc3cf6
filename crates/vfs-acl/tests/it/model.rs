//! The compiled snapshot against a reading of the rules that is as plain as they are.

use std::time::SystemTime;

use palisade_core::Identity;
use palisade_vfs_acl::{
    Acl, Action, Actions, Caller, CasePolicy, Change, DefaultAccess, Mount, Pattern, Principal,
    Reach, Rule, RuleKind,
};
use proptest::{prelude::*, sample::select};

use crate::{NOW, later, path, user};

/// A rule as the model reads it.
#[derive(Clone, Debug)]
struct Said {
    kind: RuleKind,
    mount: &'static str,
    principal: Principal,
    actions: Actions,
    reach: Far,
    until: Option<SystemTime>,
}

#[derive(Clone, Debug)]
enum Far {
    All,
    Under(String),
    Matching(String),
}

#[derive(Clone, Debug)]
struct Setup {
    owners: [Option<Principal>; 3],
    defaults: [DefaultAccess; 3],
    case: CasePolicy,
    rules: Vec<Said>,
}

const MOUNTS: [&str; 3] = ["m", "m/a", "n"];

impl Setup {
    fn build(&self) -> Acl {
        self.builder().build().unwrap()
    }

    fn builder(&self) -> palisade_vfs_acl::AclBuilder {
        let mut builder = Acl::builder().rules(self.rules.iter().map(Said::rule));
        for ((name, owner), default) in MOUNTS.iter().zip(&self.owners).zip(&self.defaults) {
            let mut mount = Mount::at(*name).default_access(*default).case(self.case);
            if let Some(owner) = owner {
                mount = mount.owner(owner.clone());
            }
            builder = builder.mount(mount);
        }
        builder
    }

    /// Decides by reading every rule in the order of the documentation.
    fn allows(
        &self,
        identity: Option<&Identity>,
        at: &str,
        action: Action,
        now: SystemTime,
    ) -> bool {
        let fold = |text: &str| {
            if self.case == CasePolicy::Folded {
                text.to_ascii_lowercase()
            } else {
                text.to_owned()
            }
        };
        let first = at.split('/').next().unwrap_or_default();
        let second = at
            .split('/')
            .nth(1)
            .map(|name| if first == "m" { fold(name) } else { name.to_owned() });
        let number = match (first, second.as_deref()) {
            ("m", Some("a")) => 1,
            ("m", _) => 0,
            ("n", _) => 2,
            _ => return false,
        };
        let mount = MOUNTS[number];
        let inside = at.get(mount.len()..).unwrap_or_default().trim_start_matches('/');
        let is_about = |principal: &Principal| match principal {
            Principal::User(name) => identity.is_some_and(|identity| identity.subject() == &**name),
            Principal::Role(name) => identity.is_some_and(|identity| identity.has_role(name)),
            _ => *principal == Principal::Anyone,
        };
        let applies = |kind: RuleKind| {
            self.rules.iter().any(|rule| {
                rule.kind == kind
                    && rule.mount == mount
                    && is_about(&rule.principal)
                    && (kind == RuleKind::Revocation || rule.actions.contains(action))
                    && rule.until.is_none_or(|end| now < end)
                    && match &rule.reach {
                        Far::All => true,
                        Far::Under(folder) => {
                            let (inside, folder) = (fold(inside), fold(folder));
                            inside == folder || inside.starts_with(&format!("{folder}/"))
                        }
                        Far::Matching(pattern) => {
                            Pattern::with_case(pattern, self.case).unwrap().matches(inside)
                        }
                    }
            })
        };
        let owns = self.owners[number].as_ref().is_some_and(is_about);
        let by_default = self.defaults[number] == DefaultAccess::ReadForAnyone
            && matches!(action, Action::Read | Action::List);
        !applies(RuleKind::Deny)
            && !applies(RuleKind::Revocation)
            && (owns || applies(RuleKind::Grant) || by_default)
    }
}

impl Said {
    fn rule(&self) -> Rule {
        let Self { kind, mount, principal, actions, reach, until } = self.clone();
        let rule = match kind {
            RuleKind::Deny => Rule::deny(mount, principal, actions),
            RuleKind::Grant => Rule::grant(mount, principal, actions),
            _ => Rule::revoke(mount, principal),
        };
        let rule = match reach {
            Far::All => rule,
            Far::Under(folder) => rule.under(folder),
            Far::Matching(pattern) => rule.matching(pattern),
        };
        match until {
            Some(end) => rule.until(end),
            None => rule,
        }
    }
}

/// How far a rule reaches, read as plainly as it is said.
fn reaches(reach: &Reach, inside: &str, case: CasePolicy) -> bool {
    let fold = |text: &str| {
        if case == CasePolicy::Folded { text.to_ascii_lowercase() } else { text.to_owned() }
    };
    match reach {
        Reach::Under(folder) => {
            let (inside, folder) = (fold(inside), fold(folder));
            inside == folder || inside.starts_with(&format!("{folder}/"))
        }
        Reach::Matching(pattern) => Pattern::with_case(pattern, case).unwrap().matches(inside),
        _ => true,
    }
}

fn principals() -> impl Strategy<Value = Principal> {
    prop_oneof![
        select(vec!["u", "v"]).prop_map(Principal::user),
        select(vec!["r", "s"]).prop_map(Principal::role),
        Just(Principal::Anyone),
    ]
}

fn actions() -> impl Strategy<Value = Actions> {
    prop::collection::vec(select(Action::EVERY.to_vec()), 1..4).prop_map(Actions::from_iter)
}

fn rules() -> impl Strategy<Value = Said> {
    let reach = prop_oneof![
        Just(Far::All),
        // Never `a`: on `m` that is a mount of its own.
        "[bcB](/[abA]){0,2}".prop_map(Far::Under),
        r"(\*\*|[abcB*?]{1,2})(/([abA*?]{1,2})){0,2}".prop_map(Far::Matching),
        r"[bc]/(b/\*\*|\*\*/a|\{a,b\})".prop_map(Far::Matching),
    ]
    .prop_filter(
        "a pattern",
        |reach| !matches!(reach, Far::Matching(pattern) if Pattern::new(pattern).is_err()),
    );
    let kind = select(vec![RuleKind::Deny, RuleKind::Revocation, RuleKind::Grant, RuleKind::Grant]);
    let until = prop_oneof![Just(None), select(vec![1_u64, 2]).prop_map(|at| Some(later(at)))];
    (kind, select(MOUNTS.to_vec()), principals(), actions(), reach, until).prop_map(
        |(kind, mount, principal, actions, reach, until)| Said {
            kind,
            mount,
            principal,
            actions,
            reach,
            until,
        },
    )
}

fn setups() -> impl Strategy<Value = Setup> {
    let owner = || {
        prop::option::weighted(
            0.3,
            principals().prop_filter("somebody", |owner| *owner != Principal::Anyone),
        )
    };
    let default = || {
        select(vec![DefaultAccess::Nothing, DefaultAccess::Nothing, DefaultAccess::ReadForAnyone])
    };
    let case = select(vec![CasePolicy::Sensitive, CasePolicy::Folded]);
    (
        [owner(), owner(), owner()],
        [default(), default(), default()],
        case,
        prop::collection::vec(rules(), 0..10),
    )
        .prop_map(|(owners, defaults, case, rules)| Setup { owners, defaults, case, rules })
}

fn identities() -> impl Strategy<Value = Option<Identity>> {
    let roles = prop::collection::vec(select(vec!["r", "s"]), 0..3);
    prop::option::weighted(0.8, (select(vec!["u", "v", "w"]), roles))
        .prop_map(|who| who.map(|(name, roles)| roles.into_iter().fold(user(name), Identity::role)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// The compiled snapshot says what the plain reading says.
    #[test]
    fn decides_as_the_plain_reading_does(
        setup in setups(),
        identity in identities(),
        at in "[mnx](/[abcAB]){0,4}",
        action in select(Action::EVERY.to_vec()),
        now in 0_u64..3,
    ) {
        let acl = setup.build();
        let expected = setup.allows(identity.as_ref(), &at, action, later(now));
        let decision = acl.decide(identity.as_ref(), &path(&at), action, later(now));
        prop_assert_eq!(decision.is_allowed(), expected, "{}", decision);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// An explanation decides as the decision does, names a rule as overruled at most once, and its changes, made
    /// together, turn the decision round.
    #[test]
    fn explanations_agree_and_their_changes_change_it(
        setup in setups(),
        identity in identities(),
        at in "[mn](/[abcAB]){0,4}",
        action in select(Action::EVERY.to_vec()),
        now in 0_u64..3,
    ) {
        let (acl, at, now) = (setup.build(), path(&at), later(now));
        let decision = acl.decide(identity.as_ref(), &at, action, now);
        let explanation = acl.explain(identity.as_ref(), &at, action, now);
        prop_assert_eq!(explanation.decision(), decision);
        prop_assert!(explanation.to_string().contains(&decision.to_string()));
        prop_assert!(!explanation.changes().is_empty());

        let mut changed = setup.clone();
        let mount = decision.mount().unwrap().as_str();
        let mount = MOUNTS.into_iter().find(|name| *name == mount).unwrap();
        let add = |kind| Said { kind, mount, principal: Principal::Anyone, actions: action.into(), reach: Far::All, until: None };
        for change in explanation.changes() {
            match change {
                Change::Lift(rule) => changed.rules.retain(|said| said.rule() != **rule),
                Change::Renew(rule) => {
                    for said in changed.rules.iter_mut().filter(|said| said.rule() == **rule) {
                        said.until = None;
                    }
                }
                Change::Grant(_) => changed.rules.push(add(RuleKind::Grant)),
                Change::Revoke(_) => changed.rules.push(add(RuleKind::Revocation)),
                other => prop_assert!(false, "{}", other),
            }
        }
        let after = changed.build();
        prop_assert_ne!(after.decide(identity.as_ref(), &at, action, now).is_allowed(), decision.is_allowed());
    }

    /// More grants never take anything away; more denials never give anything.
    #[test]
    fn grants_only_give_and_denials_only_take(
        setup in setups(),
        extra in rules(),
        identity in identities(),
        at in "[mn](/[abcAB]){0,3}",
    ) {
        let at = path(&at);
        let before = setup.build().actions(identity.as_ref(), &at, NOW);
        let after = setup.builder().rule(extra.rule()).build().unwrap().actions(identity.as_ref(), &at, NOW);
        for action in Action::EVERY {
            match extra.kind {
                RuleKind::Grant => prop_assert!(after.contains(action) || !before.contains(action)),
                _ => prop_assert!(before.contains(action) || !after.contains(action)),
            }
        }
    }

    /// Whoever is named may, when asking as nothing but that; and by the grants that are named.
    #[test]
    fn who_may_names_those_who_may(setup in setups(), at in "[mn](/[abc]){0,3}") {
        let (acl, at) = (setup.build(), path(&at));
        let parties = acl.who_may(&at, NOW);
        for party in &parties {
            let caller = match party.principal() {
                Principal::User(name) => Some(user(name)),
                Principal::Role(name) => Some(user("nobody else").role(&**name)),
                _ => None,
            };
            prop_assert_eq!(party.actions(), acl.actions(Caller::from(caller.as_ref()), &at, NOW));
            prop_assert!(party.rules().iter().all(|rule| rule.principal() == party.principal() && rule.holds_at(NOW)));
        }
        for name in ["u", "v"] {
            let may = acl.actions(&user(name), &at, NOW);
            let is_named = |principal| parties.iter().filter(move |party| *party.principal() == principal);
            let named = is_named(Principal::user(name)).chain(is_named(Principal::Anyone));
            let told = named.fold(Actions::NONE, |all, party| all.or(party.actions()));
            prop_assert_eq!(may.without(told), Actions::NONE, "{} may and is not named", name);
        }
    }

    /// Whatever is held somewhere may be done there, but for the exceptions; and whatever may be done is held somewhere.
    #[test]
    fn what_may_says_what_may_be_done(setup in setups(), identity in identities(), at in "[mn](/[abcAB]){0,4}", now in 0_u64..3) {
        let (acl, at, now) = (setup.build(), path(&at), later(now));
        let decided = acl.actions(identity.as_ref(), &at, now);
        let decision = acl.decide(identity.as_ref(), &at, Action::Read, now);
        let mount = decision.mount().unwrap();
        let holdings = acl.what_may(identity.as_ref(), mount.as_str(), now).unwrap();
        let inside = at.as_str()[mount.as_str().len()..].trim_start_matches('/');
        let reaches = |reach: &Reach| reaches(reach, inside, setup.case);
        let mut held = Actions::NONE;
        for part in holdings.held().iter().filter(|part| reaches(part.reach())) {
            let excepted = part.except().iter().filter(|rule| reaches(rule.reach()));
            let sure = excepted.fold(part.actions(), |left, rule| left.without(rule.actions()));
            prop_assert_eq!(sure.without(decided), Actions::NONE, "{} {}", part.reach(), holdings);
            held = held.or(part.actions());
        }
        prop_assert_eq!(decided.without(held), Actions::NONE, "{}", holdings);
        let seen: Vec<&str> = acl.mounts_seen_by(identity.as_ref(), now).map(|name| name.as_str()).collect();
        prop_assert_eq!(seen.contains(&mount.as_str()), !holdings.held().is_empty());
    }

    /// However a snapshot came to be, it decides as one that was built at once.
    #[test]
    fn a_changed_snapshot_decides_as_a_new_one(
        setup in setups(),
        gone in prop::collection::vec(rules(), 0..4),
        identity in identities(),
        at in "[mnx](/[abcAB]){0,4}",
        now in 0_u64..3,
    ) {
        let (first, second) = setup.rules.split_at(setup.rules.len() / 2);
        let is_kept = |said: &&Said| !gone.iter().any(|gone| gone.rule() == said.rule());
        let kept: Vec<Said> = setup.rules.iter().filter(is_kept).cloned().collect();
        let begun = Setup { rules: [&gone, first].concat(), ..setup.clone() }.build();
        let added = begun.change().rules(second.iter().map(Said::rule)).build().unwrap();
        let mut lifting = added.change();
        for rule in &gone {
            lifting = lifting.without(rule.rule());
        }
        let lifted = lifting.build().unwrap();
        prop_assert_eq!(lifted.rules(), kept.len());
        let fresh = Setup { rules: kept, ..setup.clone() }.build();
        let (at, now) = (path(&at), later(now));
        for action in Action::EVERY {
            let (one, other) = (lifted.decide(identity.as_ref(), &at, action, now), fresh.decide(identity.as_ref(), &at, action, now));
            prop_assert_eq!(one, other);
        }
        // The one that it was made from says what it said.
        let before = Setup { rules: [&gone, first].concat(), ..setup.clone() }.build();
        prop_assert_eq!(begun.actions(identity.as_ref(), &at, now), before.actions(identity.as_ref(), &at, now));
    }
}
