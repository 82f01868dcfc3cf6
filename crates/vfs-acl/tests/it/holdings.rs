//! What somebody may do in a mount, and which mounts there are for somebody.

use palisade_vfs_acl::{
    Acl, Action, Actions, Caller, CasePolicy, DefaultAccess, Mount, Principal, Rule,
};

use crate::{NOW, docs, later, user};

fn bob() -> Principal {
    Principal::user("bob")
}

fn told(acl: &Acl) -> String {
    acl.what_may(&user("bob"), "docs", NOW).unwrap().to_string()
}

#[test]
fn what_is_given_around_a_part_counts_in_it_too() {
    let acl = docs([
        Rule::grant("docs", bob(), Action::List),
        Rule::grant("docs", bob(), Action::Read).under("plans"),
        Rule::grant("docs", bob(), Action::Write).under("plans/mine"),
        Rule::grant("docs", bob(), Action::Delete).matching("plans/**/*.{tmp,bak}"),
        Rule::grant("docs", Principal::user("carol"), Actions::ALL),
    ]);
    assert_eq!(
        told(&acl),
        "on `docs`\n\
         everywhere: list\n\
         under `plans`: read, list\n\
         under `plans/mine`: read, write, list\n\
         matching `plans/**/*.{tmp,bak}`: read, list, delete\n"
    );
}

#[test]
fn what_is_taken_from_all_of_a_part_is_not_in_it_and_what_is_taken_from_some_is_told() {
    let acl = docs([
        Rule::grant("docs", bob(), [Action::Read, Action::Write]),
        Rule::grant("docs", bob(), [Action::Read, Action::Write]).under("archive/2025"),
        Rule::grant("docs", bob(), [Action::Read, Action::Write]).under("keys"),
        Rule::deny("docs", Principal::Anyone, Action::Write).under("archive"),
        Rule::revoke("docs", bob()).under("keys"),
        Rule::deny("docs", Principal::role("other"), Actions::ALL),
        Rule::revoke("docs", bob()).under("gone").until(NOW),
    ]);
    assert_eq!(
        told(&acl),
        "on `docs`\n\
         everywhere: read, write\n  \
           but for: denial of write for anyone on `docs` under `archive`\n  \
           but for: revocation for user `bob` on `docs` under `keys`\n\
         under `archive/2025`: read\n"
    );
    let rules = acl.what_may(&user("bob"), "docs", NOW).unwrap().rules().len();
    assert_eq!(rules, 5, "those about somebody else, and those that ended, are not told");
}

#[test]
fn an_owner_and_a_default_hold_everywhere() {
    let mount = || Mount::at("docs").default_access(DefaultAccess::ReadForAnyone);
    let public = Acl::builder().mount(mount()).build().unwrap();
    assert_eq!(told(&public), "on `docs`\neverywhere: read, list\n");
    let owned = Acl::builder().mount(mount().owner(bob())).build().unwrap();
    assert_eq!(told(&owned), "on `docs`\neverywhere: read, write, list, delete, share\n");
    assert_eq!(told(&docs([])), "on `docs`\nnothing\n");
    assert!(owned.what_may(&user("bob"), "dcos", NOW).is_none());
}

#[test]
fn time_passes_within_a_snapshot() {
    let acl = docs([Rule::grant("docs", bob(), Action::Read).until(later(60))]);
    let bob = user("bob");
    let at = |second| {
        let told = acl.what_may(&bob, "docs", later(second)).unwrap().to_string();
        (told, acl.mounts_seen_by(&bob, later(second)).count())
    };
    assert_eq!(at(59), ("on `docs`\neverywhere: read\n".to_owned(), 1));
    assert_eq!(at(60), ("on `docs`\nnothing\n".to_owned(), 0));
}

#[test]
fn v5_mounts_where_somebody_may_nothing_are_not_there_for_him() {
    let acl = Acl::builder()
        .mount(Mount::at("public").default_access(DefaultAccess::ReadForAnyone))
        .mount(Mount::at("mine").owner(bob()))
        .mount(Mount::at("shared"))
        .mount(Mount::at("taken"))
        .mount(Mount::at("partly").case(CasePolicy::Folded))
        .mount(Mount::at("others").owner(Principal::user("carol")))
        .rule(Rule::grant("shared", bob(), Action::Read).under("a/b/c"))
        .rule(Rule::grant("taken", bob(), Action::Read).under("a"))
        .rule(Rule::deny("taken", Principal::Anyone, Action::Read))
        .rule(Rule::grant("partly", bob(), Action::Read).under("a/b"))
        .rule(Rule::revoke("partly", bob()).under("A"))
        .rule(Rule::revoke("public", Principal::user("mallory")))
        .build()
        .unwrap();
    let seen = |caller: Caller<'_>| {
        let mut names: Vec<String> =
            acl.mounts_seen_by(caller, NOW).map(ToString::to_string).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(seen(Caller::from(&user("bob"))), "mine public shared");
    assert_eq!(seen(Caller::ANONYMOUS), "public");
    assert_eq!(seen(Caller::from(&user("mallory"))), "");
}

#[test]
fn thousands_of_parts_are_cut() {
    let acl =
        docs((0..1_200).map(|n| Rule::grant("docs", bob(), Action::Read).under(format!("f{n}"))));
    let bob = user("bob");
    let holdings = acl.what_may(&bob, "docs", NOW).unwrap();
    assert_eq!(
        (holdings.held().len(), holdings.left_out(), holdings.rules().len()),
        (1_000, 200, 1_200)
    );
    assert!(holdings.to_string().ends_with("and 200 more parts\n"));
}
