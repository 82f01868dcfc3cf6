//! A snapshot made from another: what changes, what stays, what cannot be.

use palisade_vfs_acl::{
    Acl, AclBuilder, AclHandle, Action, Because, Caller, CasePolicy, DefaultAccess, Mount,
    Principal, Rule,
};

use crate::{NOW, docs, path, user};

fn grant(subject: &str) -> Rule {
    Rule::grant("docs", Principal::user(subject), Action::Read)
}

fn reads(acl: &Acl, subject: &str, at: &str) -> bool {
    acl.decide(&user(subject), &path(at), Action::Read, NOW).is_allowed()
}

fn refused(builder: AclBuilder) -> String {
    builder.build().map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_grant_comes_and_goes_and_others_stay() {
    let one = docs([grant("alice"), grant("bob")]);
    let two = one.change().without(grant("alice")).rule(grant("carol")).build().unwrap();
    let who = |acl: &Acl| ["alice", "bob", "carol"].map(|name| reads(acl, name, "docs/a"));
    assert_eq!(who(&one), [true, true, false], "a snapshot never changes");
    assert_eq!(who(&two), [false, true, true]);
    assert_eq!((one.rules(), two.rules()), (2, 2));
}

#[test]
fn a_grant_is_taken_away_however_often_it_was_given() {
    let acl = docs([grant("alice"), grant("alice"), grant("alice").under("a")]);
    let left = acl.change().without(grant("alice")).build().unwrap();
    assert_eq!(left.rules(), 1);
    assert!(!reads(&left, "alice", "docs/b") && reads(&left, "alice", "docs/a"));
}

#[test]
fn to_take_away_what_is_not_there_is_a_mistake_and_changes_nothing() {
    let handle = AclHandle::new(docs([grant("alice").named("ticket 7")]));
    let error = handle.change(|acl| acl.rule(grant("bob")).without(grant("alice"))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`grant of read to user `alice` on `docs`` is not a valid rule to take away: expected a rule that is there"
    );
    assert!(reads(&handle.current(), "alice", "docs/a"));
    assert!(!reads(&handle.current(), "bob", "docs/a"));
    assert_eq!(handle.epoch(), 0);
}

#[test]
fn thousands_of_principals_are_found_however_many_came_later() {
    // Past the bounds at which the rules are spread anew, one change after another.
    let mut acl = docs([]);
    let name = |number: usize| format!("user {number}");
    for batch in 0..8 {
        let grants = (batch * 700..(batch + 1) * 700).map(|number| grant(&name(number)));
        acl = acl.change().rules(grants).build().unwrap();
    }
    assert_eq!(acl.rules(), 5_600);
    assert!((0..5_600).all(|number| reads(&acl, &name(number), "docs/a")));
    assert!(!reads(&acl, &name(5_600), "docs/a"));
    let mut lifting = acl.change();
    for number in (0..5_600).step_by(2) {
        lifting = lifting.without(grant(&name(number)));
    }
    let half = lifting.build().unwrap();
    assert!((0..5_600).all(|number| reads(&half, &name(number), "docs/a") == (number % 2 == 1)));
}

#[test]
fn one_principal_with_thousands_of_patterns_is_granted_each_of_them_and_no_more() {
    let sorts = [
        "team{}/**/*.md",
        "**/name{}",
        "**/*.ext{}",
        "a{}/*/c",
        "x{}/{y,z}.txt",
        "**/*part{}-*",
        "p/part{}-?/**",
        "**/{v,w}{}[a-c]*",
    ];
    let grants = (0..1_600).map(|number| {
        let pattern = sorts[number % 8].replacen("{}", &number.to_string(), 1);
        Rule::grant("docs", Principal::user("alice"), Action::Read).matching(pattern)
    });
    let acl = docs(grants);
    let paths = [
        "team{}/a/b.md",
        "p/q/name{}",
        "p/q.r.ext{}",
        "a{}/b/c",
        "x{}/z.txt",
        "p/q/a part{}-",
        "p/part{}-x/y",
        "p/w{}bx",
    ];
    for number in 0..1_608 {
        let at = format!("docs/{}", paths[number % 8].replacen("{}", &number.to_string(), 1));
        assert_eq!(reads(&acl, "alice", &at), number < 1_600, "{at}");
    }
}

#[test]
fn a_mount_goes_with_its_rules_and_the_one_around_it_decides() {
    let acl = Acl::builder()
        .mount(Mount::at("docs").default_access(DefaultAccess::ReadForAnyone))
        .mount(Mount::at("docs/private").owner(Principal::user("alice")))
        .rule(Rule::grant("docs/private", Principal::user("bob"), Action::Write))
        .build()
        .unwrap();
    let without = acl.change().unmount("docs/private").build().unwrap();
    assert_eq!((acl.rules(), without.rules()), (1, 0));
    let at = path("docs/private/a");
    let because =
        |acl: &Acl| acl.decide(Caller::ANONYMOUS, &at, Action::Read, NOW).because().as_str();
    assert_eq!((because(&acl), because(&without)), ("nothing-granted", "mount-default"));
    assert!(refused(without.change().unmount("docs/private")).contains("a mount that is there"));
}

#[test]
fn a_mount_gets_another_owner_and_keeps_its_rules() {
    let acl = docs([grant("bob").under("Plans")]);
    let owned =
        acl.change().remount(Mount::at("docs").owner(Principal::user("alice"))).build().unwrap();
    assert_eq!(
        owned.decide(&user("alice"), &path("docs/a"), Action::Share, NOW).because(),
        Because::Owner
    );
    assert!(reads(&owned, "bob", "docs/Plans/a") && !reads(&owned, "bob", "docs/plans/a"));
    let folded =
        owned.change().remount(Mount::at("docs").case(CasePolicy::Folded)).build().unwrap();
    assert!(reads(&folded, "bob", "docs/plans/a"), "its rules are compared anew");
    assert!(refused(acl.change().remount(Mount::at("dcos"))).contains("a mount that is there"));
}

#[test]
fn a_mount_that_would_make_a_denial_do_nothing_is_a_mistake() {
    let acl = docs([Rule::deny("docs", Principal::Anyone, Action::Read).under("private/keys")]);
    for at in ["docs/private", "docs/private/keys"] {
        assert!(refused(acl.change().mount(Mount::at(at))).contains("a mount of its own"), "{at}");
    }
    assert!(acl.change().mount(Mount::at("docs/public")).build().is_ok());
}

#[test]
fn changes_at_the_same_time_are_all_made() {
    let handle = AclHandle::new(docs([]));
    std::thread::scope(|scope| {
        for number in 0..4 {
            let handle = &handle;
            scope.spawn(move || {
                for change in 0..25 {
                    let name = format!("{number} {change}");
                    handle.change(|acl| acl.rule(grant(&name))).unwrap();
                }
            });
        }
    });
    assert_eq!((handle.current().rules(), handle.epoch()), (100, 100));
}
