//! Who wins: denial, revocation, owner, grant, default, nothing.

use palisade_core::{Identity, IdentityKind};
use palisade_vfs_acl::{
    Acl, AclHandle, Action, Actions, Because, Caller, DefaultAccess, Mount, Principal, Rule,
};

use crate::{NOW, docs, later, path, user};

fn alice() -> Principal {
    Principal::user("alice")
}

/// What decides about Alice reading `docs/a` where these hold.
fn decided(mount: Mount, rules: Vec<Rule>) -> &'static str {
    let acl = Acl::builder().mount(mount).rules(rules).build().unwrap();
    acl.decide(&user("alice"), &path("docs/a"), Action::Read, NOW).because().as_str()
}

#[test]
fn each_kind_wins_over_the_next() {
    let deny = || Rule::deny("docs", alice(), Action::Read);
    let revoke = || Rule::revoke("docs", alice());
    let grant = || Rule::grant("docs", alice(), Action::Read);
    let owned = || Mount::at("docs").owner(alice()).default_access(DefaultAccess::ReadForAnyone);
    let public = || Mount::at("docs").default_access(DefaultAccess::ReadForAnyone);
    assert_eq!(decided(owned(), vec![grant(), revoke(), deny()]), "deny");
    assert_eq!(decided(owned(), vec![grant(), revoke()]), "revocation");
    assert_eq!(decided(owned(), vec![grant()]), "owner");
    assert_eq!(decided(public(), vec![grant()]), "grant");
    assert_eq!(decided(public(), vec![]), "mount-default");
    assert_eq!(decided(Mount::at("docs"), vec![]), "nothing-granted");
    assert_eq!(decided(Mount::at("other"), vec![]), "no-mount");
}

#[test]
fn the_order_of_rules_does_not_matter() {
    let rules = vec![
        Rule::deny("docs", Principal::Anyone, Action::Read).under("a"),
        Rule::grant("docs", alice(), Actions::ALL),
    ];
    let turned = rules.iter().rev().cloned().collect();
    assert_eq!(decided(Mount::at("docs"), rules), "deny");
    assert_eq!(decided(Mount::at("docs"), turned), "deny");
}

#[test]
fn an_owner_may_everything_and_others_nothing() {
    let acl = Acl::builder().mount(Mount::at("docs").owner(alice())).build().unwrap();
    assert_eq!(acl.actions(&user("alice"), &path("docs/a/b"), NOW), Actions::ALL);
    assert_eq!(acl.actions(&user("bob"), &path("docs/a/b"), NOW), Actions::NONE);
    assert_eq!(acl.actions(Caller::ANONYMOUS, &path("docs"), NOW), Actions::NONE);
}

#[test]
fn an_action_implies_no_other() {
    for action in Action::EVERY {
        let acl = docs([Rule::grant("docs", alice(), action)]);
        assert_eq!(acl.actions(&user("alice"), &path("docs/a"), NOW), action.into());
    }
}

#[test]
fn a_public_mount_is_read_and_listed_and_no_more() {
    let acl = Acl::builder()
        .mount(Mount::at("docs").default_access(DefaultAccess::ReadForAnyone))
        .build()
        .unwrap();
    let may = acl.actions(Caller::ANONYMOUS, &path("docs/a"), NOW);
    assert_eq!(may.to_string(), "read, list");
}

#[test]
fn a_revocation_takes_back_and_leaves_the_mount_to_others() {
    let acl = docs([
        Rule::grant("docs", Principal::role("staff"), Actions::ALL),
        Rule::revoke("docs", alice()),
    ]);
    let staff = |name| user(name).role("staff");
    assert!(!acl.decide(&staff("alice"), &path("docs/a"), Action::Read, NOW).is_allowed());
    assert!(acl.decide(&staff("bob"), &path("docs/a"), Action::Read, NOW).is_allowed());
}

#[test]
fn a_rule_ends_at_its_time_and_not_before() {
    let acl = docs([Rule::grant("docs", alice(), Action::Read).until(later(60))]);
    let at = |seconds| {
        acl.decide(&user("alice"), &path("docs/a"), Action::Read, later(seconds)).is_allowed()
    };
    assert!(at(59));
    assert!(!at(60));
    assert!(!at(61));
}

#[test]
fn rules_reach_as_far_as_they_say() {
    let acl = docs([
        Rule::grant("docs", alice(), Action::Read).under("reports"),
        Rule::grant("docs", alice(), Action::Write).matching("drafts/**/*.md"),
        Rule::grant("docs", alice(), Action::List).matching("reports"),
    ]);
    let may = |at: &str| acl.actions(&user("alice"), &path(at), NOW).to_string();
    assert_eq!(may("docs/reports/a/b"), "read");
    assert_eq!(may("docs/reports"), "read, list");
    assert_eq!(may("docs/reportsx"), "nothing");
    assert_eq!(may("docs/drafts/x.md"), "write");
    assert_eq!(may("docs/drafts/a/x.md"), "write");
    assert_eq!(may("docs/drafts/x.txt"), "nothing");
    assert_eq!(may("docs"), "nothing");
}

#[test]
fn roles_organisations_and_issuers_are_told_apart() {
    let acl = docs([
        Rule::grant("docs", Principal::role("acme"), Action::Read),
        Rule::grant("docs", Principal::organisation("acme"), Action::Write),
        Rule::grant("docs", Principal::user_of("https://one.example", "acme"), Action::List),
        Rule::grant("docs", Principal::user("acme"), Action::Delete),
    ]);
    let may = |caller: Caller<'_>| acl.actions(caller, &path("docs/a"), NOW).to_string();
    let of = |issuer: &str| user("acme").issued_by(issuer);
    let (role, one, two, bob) =
        (user("x").role("acme"), of("https://one.example"), of("https://two.example"), user("bob"));
    assert_eq!(may(Caller::from(&role)), "read");
    assert_eq!(may(Caller::from(&bob).acting_for("acme")), "write");
    assert_eq!(may(Caller::from(&one)), "list, delete");
    assert_eq!(may(Caller::from(&two)), "delete");
    assert_eq!(may(Caller::from(&bob)), "nothing");
}

#[test]
fn v6_names_that_a_database_takes_for_equal_are_not() {
    let acl = docs([Rule::grant("docs", Principal::user("jose"), Action::Read)]);
    for other in ["Jose", "JOSE", "josé", "jose ", "jose\0", "jo\u{200b}se", ""] {
        assert!(
            !acl.decide(&user(other), &path("docs/a"), Action::Read, NOW).is_allowed(),
            "{other:?}"
        );
    }
}

#[test]
fn the_rule_given_first_is_the_one_named() {
    let rule = |name: &str| Rule::grant("docs", alice(), Action::Read).named(name);
    let acl = docs([rule("one"), rule("two").under("a"), rule("three").matching("*")]);
    let identity = Identity::new("alice", IdentityKind::ApiKey);
    let Because::Grant(rule) = acl.decide(&identity, &path("docs/a"), Action::Read, NOW).because()
    else {
        panic!("not granted")
    };
    assert_eq!(rule.name(), Some("one"));
}

#[test]
fn who_may_names_owner_grants_and_anyone() {
    let acl = Acl::builder()
        .mount(Mount::at("docs").owner(alice()).default_access(DefaultAccess::ReadForAnyone))
        .rule(Rule::grant("docs", Principal::role("editor"), [Action::Read, Action::Write]))
        .rule(Rule::grant("docs", Principal::user("bob"), Action::Write))
        .rule(Rule::grant("docs", Principal::user("bob"), Action::Write).under("a"))
        .rule(Rule::revoke("docs", Principal::user("bob")).under("b"))
        .build()
        .unwrap();
    let who = |at: &str| {
        let (acl, at) = (&acl, path(at));
        acl.who_may(&at, NOW).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let owner = "user `alice`: read, write, list, delete, share";
    let anyone = "anyone: read, list";
    // A default is everybody's, so also of those who are granted more.
    assert_eq!(
        who("docs/a"),
        [owner, "role `editor`: read, write, list", "user `bob`: read, write, list", anyone]
    );
    assert_eq!(who("docs/b"), [owner, "role `editor`: read, write, list", anyone]);
    assert_eq!(who("nowhere"), Vec::<String>::new());
    let at = path("docs/a");
    let parties = acl.who_may(&at, NOW);
    let reaches: Vec<String> =
        parties[2].rules().iter().map(|rule| rule.reach().to_string()).collect();
    assert_eq!(reaches, ["everywhere", "under `a`"], "with the grants that give it");
}

#[test]
fn a_replaced_snapshot_decides_the_next_request() {
    let handle = AclHandle::new(docs([Rule::grant("docs", alice(), Action::Read)]));
    let allows =
        || handle.current().decide(&user("alice"), &path("docs/a"), Action::Read, NOW).is_allowed();
    assert!(allows());
    let before = handle.current();
    handle.clone().replace(docs([]));
    assert!(!allows());
    assert!(
        before.decide(&user("alice"), &path("docs/a"), Action::Read, NOW).is_allowed(),
        "a snapshot never changes"
    );
}

#[test]
fn methods_map_to_actions() {
    use http::Method;
    let of = |method: Method| Action::of_method(&method);
    assert_eq!(of(Method::HEAD), Some(Action::Read));
    assert_eq!(of(Method::PATCH), Some(Action::Write));
    assert_eq!(of(Method::DELETE), Some(Action::Delete));
    assert_eq!(of(Method::OPTIONS), None);
}
