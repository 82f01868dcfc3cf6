//! What was allowed when it began, while it goes on.

use palisade_test_support::{Ask, context};
use palisade_vfs_acl::{
    AclHandle, Action, Caller, Organisation, PathError, Permitted, Principal, Rule, VfsPath,
    VfsPolicy,
};

use crate::{docs, later, path, user};

fn bob() -> Principal {
    Principal::user("bob")
}

fn grant() -> Rule {
    Rule::grant("docs", bob(), Action::Read)
}

#[test]
fn v5_an_open_download_ends_when_it_is_revoked() {
    let handle = AclHandle::new(docs([grant()]));
    let mut standing = handle.standing(&user("bob"), &path("docs/film.mp4"), Action::Read);
    assert!(standing.holds(later(0)) && standing.holds(later(100)));
    handle.change(|acl| acl.rule(Rule::revoke("docs", Principal::user("carol")))).unwrap();
    assert!(standing.holds(later(101)), "that was about somebody else");
    handle.change(|acl| acl.rule(Rule::revoke("docs", bob()))).unwrap();
    assert!(!standing.holds(later(101)));
    assert!(!standing.holds(later(102)), "and stays refused");
}

#[test]
fn an_open_download_ends_with_its_grant_unless_another_goes_on() {
    let end = |rules: [Rule; 2]| {
        let handle = AclHandle::new(docs(rules));
        let mut standing = handle.standing(&user("bob"), &path("docs/film.mp4"), Action::Read);
        (0..200).take_while(|second| standing.holds(later(*second))).count()
    };
    let other = || Rule::grant("docs", bob(), Action::Read).matching("*.mp4");
    assert_eq!(end([grant().until(later(60)), other().until(later(90))]), 90);
    assert_eq!(end([grant().until(later(60)), other()]), 200);
    assert_eq!(end([grant().until(later(60)), Rule::revoke("docs", Principal::user("x"))]), 60);
}

#[test]
fn what_was_never_allowed_does_not_stand() {
    let handle = AclHandle::new(docs([]));
    assert!(!handle.standing(Caller::ANONYMOUS, &path("docs/a"), Action::Read).holds(later(0)));
}

#[test]
fn a_handler_follows_the_request_that_it_answers() {
    let handle =
        AclHandle::new(docs([Rule::grant("docs", Principal::organisation("acme"), Action::Read)]));
    let locate = |_: &http::request::Parts| -> Result<Option<(VfsPath, Action)>, PathError> {
        Ok(Some((VfsPath::parse("docs/a")?, Action::Read)))
    };
    let context = context();
    context.learn_identity(user("dora"));
    context.attach(Organisation::new("acme"));
    let answer = Ask::get("/").context(&context).policies(VfsPolicy::new(handle.clone(), locate));
    assert_eq!(answer.status(), 200);
    let permitted = context.attached::<Permitted>().unwrap();
    let mut standing = permitted.standing(&handle, &context);
    assert!(standing.holds(later(0)));
    handle.change(|acl| acl.rule(Rule::revoke("docs", Principal::organisation("acme")))).unwrap();
    assert!(!standing.holds(later(0)));
}
