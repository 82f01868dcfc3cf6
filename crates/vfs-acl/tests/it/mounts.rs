//! Which mount decides, and what cannot be built.

use palisade_core::ConfigError;
use palisade_vfs_acl::{
    Acl, AclBuilder, Action, Because, Caller, CasePolicy, DefaultAccess, Mount, Principal, Rule,
};

use crate::{NOW, path, user};

fn refused(builder: AclBuilder) -> String {
    builder.build().map(|_| ()).unwrap_err().to_string()
}

fn builder(rule: Rule) -> AclBuilder {
    Acl::builder().mount(Mount::at("docs")).mount(Mount::at("docs/private")).rule(rule)
}

#[test]
fn the_innermost_mount_decides_alone() {
    let acl = Acl::builder()
        .mount(Mount::at("docs/private/vault"))
        .mount(
            Mount::at("docs")
                .owner(Principal::user("alice"))
                .default_access(DefaultAccess::ReadForAnyone),
        )
        .mount(Mount::at("docs/private").owner(Principal::user("bob")))
        .rule(Rule::grant("docs", Principal::user("carol"), Action::Write).matching("**"))
        .build()
        .unwrap();
    // A decision borrows what was asked; here it outlives the question.
    let because = |who: &str, at: &str, action| {
        let (who, at) = (Box::leak(Box::new(user(who))), Box::leak(Box::new(path(at))));
        acl.decide(&*who, at, action, NOW).because()
    };
    assert_eq!(because("alice", "docs/a", Action::Share), Because::Owner);
    assert_eq!(because("alice", "docs/private/a", Action::Read), Because::NothingGranted);
    assert_eq!(because("alice", "docs/private", Action::Read), Because::NothingGranted);
    assert_eq!(because("bob", "docs/private/a", Action::Delete), Because::Owner);
    assert_eq!(because("bob", "docs/private/vault/a", Action::Delete), Because::NothingGranted);
    assert!(matches!(because("carol", "docs/a/b", Action::Write), Because::Grant(_)));
    assert_eq!(because("carol", "docs/private/b", Action::Write), Because::NothingGranted);
    assert_eq!(because("carol", "docs/privately/b", Action::Read), Because::MountDefault);
    assert_eq!(
        acl.mounts().map(ToString::to_string).collect::<Vec<_>>(),
        ["docs", "docs/private", "docs/private/vault"]
    );
}

#[test]
fn what_lies_in_no_mount_is_nobodys() {
    let acl =
        Acl::builder().mount(Mount::at("docs/a").owner(Principal::user("alice"))).build().unwrap();
    for text in ["docs", "docs/b", "other", "docs/aa", "DOCS/a"] {
        let (who, at) = (user("alice"), path(text));
        let decision = acl.decide(&who, &at, Action::Read, NOW);
        assert_eq!((decision.because(), decision.mount()), (Because::NoMount, None), "{text}");
    }
}

#[test]
fn v2_a_denial_holds_in_every_spelling_where_the_store_does_not_tell_case() {
    let acl = |case| {
        Acl::builder()
            .mount(Mount::at("docs").case(case).default_access(DefaultAccess::ReadForAnyone))
            .rule(Rule::deny("docs", Principal::Anyone, Action::Read).under("Secret"))
            .rule(Rule::deny("docs", Principal::Anyone, Action::Read).matching("**/*.Key"))
            .build()
            .unwrap()
    };
    let allows = |acl: &Acl, at: &str| {
        acl.decide(Caller::ANONYMOUS, &path(at), Action::Read, NOW).is_allowed()
    };
    let (folded, sensitive) = (acl(CasePolicy::Folded), acl(CasePolicy::Sensitive));
    for text in
        ["docs/Secret/a", "docs/SECRET/a", "docs/secret", "docs/\u{17f}ecret/a", "docs/x/a.KEY"]
    {
        assert!(!allows(&folded, text), "{text}");
    }
    assert!(allows(&folded, "docs/secrets"));
    assert!(!allows(&sensitive, "docs/Secret/a"));
    assert!(allows(&sensitive, "docs/secret/a"));
}

#[test]
fn v2_a_mount_inside_a_store_without_case_is_found_in_every_spelling() {
    let acl = Acl::builder()
        .mount(
            Mount::at("docs").case(CasePolicy::Folded).default_access(DefaultAccess::ReadForAnyone),
        )
        .mount(Mount::at("docs/Private").case(CasePolicy::Sensitive))
        .mount(Mount::at("docs/private/Sub").default_access(DefaultAccess::ReadForAnyone))
        .build()
        .unwrap();
    let allows =
        |at: &str| acl.decide(Caller::ANONYMOUS, &path(at), Action::Read, NOW).is_allowed();
    assert!(!allows("docs/PRIVATE/a"));
    assert!(!allows("docs/private/a"));
    assert!(allows("docs/PRIVATE/Sub/a"));
    // The mount `docs/Private` tells case itself.
    assert!(!allows("docs/private/sub/a"));
    assert!(!allows("DOCS/a"), "the top is ours, and tells case");
}

#[test]
fn two_mounts_at_one_place_are_a_mistake() {
    let twice = Acl::builder().mount(Mount::at("docs")).mount(Mount::at("docs"));
    assert_eq!(
        refused(twice),
        "`docs` is not a valid path of a mount: expected one mount at a place; `docs` stands there"
    );
    let folded = Acl::builder()
        .mount(Mount::at("docs").case(CasePolicy::Folded))
        .mount(Mount::at("docs/a"))
        .mount(Mount::at("docs/A"));
    assert!(refused(folded).contains("`docs/a` stands there"));
}

#[test]
fn mistakes_in_mounts_and_rules_are_told_when_built() {
    assert!(refused(Acl::builder().mount(Mount::at("../a"))).contains("path of a mount"));
    assert!(
        refused(Acl::builder().mount(Mount::at("a").owner(Principal::Anyone))).contains("owner")
    );
    assert!(
        refused(Acl::builder().mount(Mount::at("a").owner(Principal::user("")))).contains("owner")
    );
    let read = |mount: &str| Rule::grant(mount, Principal::user("alice"), Action::Read);
    assert!(refused(builder(read("dcos"))).contains("mount of a rule"));
    assert!(refused(builder(read("docs/sub"))).contains("mount of a rule"));
    assert!(refused(builder(read("docs/"))).contains("mount of a rule"));
    assert!(refused(builder(read("Docs"))).ends_with("did you mean `docs`?"));
    assert!(refused(builder(read("docs").under("../x"))).contains("path of a rule"));
    assert!(refused(builder(read("docs").matching("[x"))).contains("path pattern"));
    assert!(
        refused(builder(Rule::grant("docs", Principal::user("a"), [])))
            .contains("at least one action")
    );
    assert!(
        refused(builder(Rule::grant("docs", Principal::role(""), Action::Read)))
            .contains("with a name")
    );
}

#[test]
fn a_denial_under_a_path_that_is_a_mount_of_its_own_is_a_mistake() {
    let deny = |under: &str| {
        builder(Rule::deny("docs", Principal::Anyone, Action::Read).under(under)).build()
    };
    let is_refused = |result: Result<Acl, ConfigError>| result.is_err();
    assert!(is_refused(deny("private")) && is_refused(deny("private/a")));
    assert!(!is_refused(deny("privat")));
}

#[test]
fn there_is_a_cap_on_rules() {
    let rules = |count| (0..count).map(|_| Rule::revoke("docs", Principal::Anyone));
    let capped = || Acl::builder().mount(Mount::at("docs")).at_most_rules(10);
    let full = capped().rules(rules(10)).build().unwrap();
    assert!(refused(capped().rules(rules(11))).contains("at most 10"));
    let more = full.change().at_most_rules(10).rules(rules(1));
    assert!(refused(more).contains("at most 10"), "those that are there count");
}
