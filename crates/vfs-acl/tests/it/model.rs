//! The compiled snapshot against a reading of the rules that is as plain as they are.

use std::time::SystemTime;

use palisade_core::Identity;
use palisade_vfs_acl::{
    Acl, Action, Actions, Caller, CasePolicy, Change, DefaultAccess, Mount, Pattern, Principal,
    Rule, RuleKind,
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
    reach: Reach,
    until: Option<SystemTime>,
}

#[derive(Clone, Debug)]
enum Reach {
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
                        Reach::All => true,
                        Reach::Under(folder) => {
                            let (inside, folder) = (fold(inside), fold(folder));
                            inside == folder || inside.starts_with(&format!("{folder}/"))
                        }
                        Reach::Matching(pattern) => {
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
            Reach::All => rule,
            Reach::Under(folder) => rule.under(folder),
            Reach::Matching(pattern) => rule.matching(pattern),
        };
        match until {
            Some(end) => rule.until(end),
            None => rule,
        }
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
        Just(Reach::All),
        // Never `a`: on `m` that is a mount of its own.
        "[bcB](/[abA]){0,2}".prop_map(Reach::Under),
        r"(\*\*|[abcB*?]{1,2})(/([abA*?]{1,2})){0,2}".prop_map(Reach::Matching),
        r"[bc]/(b/\*\*|\*\*/a|\{a,b\})".prop_map(Reach::Matching),
    ]
    .prop_filter(
        "a pattern",
        |reach| !matches!(reach, Reach::Matching(pattern) if Pattern::new(pattern).is_err()),
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
        let add = |kind| Said { kind, mount, principal: Principal::Anyone, actions: action.into(), reach: Reach::All, until: None };
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
        let before = setup.build().what_may(identity.as_ref(), &at, NOW);
        let after = setup.builder().rule(extra.rule()).build().unwrap().what_may(identity.as_ref(), &at, NOW);
        for action in Action::EVERY {
            match extra.kind {
                RuleKind::Grant => prop_assert!(after.contains(action) || !before.contains(action)),
                _ => prop_assert!(before.contains(action) || !after.contains(action)),
            }
        }
    }

    /// Whoever is named may, when asking as nothing but that.
    #[test]
    fn who_may_names_those_who_may(setup in setups(), at in "[mn](/[abc]){0,3}", action in select(Action::EVERY.to_vec())) {
        let (acl, at) = (setup.build(), path(&at));
        let named = acl.who_may(&at, action, NOW);
        for principal in &named {
            let caller = match principal {
                Principal::User(name) => Some(user(name)),
                Principal::Role(name) => Some(user("nobody else").role(name.clone())),
                _ => None,
            };
            prop_assert!(acl.decide(Caller::from(caller.as_ref()), &at, action, NOW).is_allowed());
        }
        for name in ["u", "v"] {
            let may = acl.decide(&user(name), &at, action, NOW).is_allowed();
            let is_named = named.contains(&&Principal::user(name)) || named.contains(&&Principal::Anyone);
            prop_assert!(!may || is_named, "{} may and is not named", name);
        }
    }
}
