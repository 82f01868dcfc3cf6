//! The policy: what a request may, and what a refusal tells.

use http::{Method, request::Parts};
use palisade_core::{
    Enforce, GateLayer, Outcome, Policies, Policy, Realm, Rejection, SecurityContext, ViolationKind,
};
use palisade_test_support::{Ask, context};
use palisade_vfs_acl::{
    Acl, Action, DefaultAccess, Mount, Organisation, PathError, Permitted, Principal, Rule,
    VfsLayer, VfsPath, VfsPolicy,
};

use crate::{docs, path, user};

fn locate(head: &Parts) -> Result<Option<(VfsPath, Action)>, PathError> {
    let Some(path) = head.uri.path().strip_prefix("/vfs/") else { return Ok(None) };
    let Some(action) = Action::of_method(&head.method) else { return Ok(None) };
    Ok(Some((VfsPath::parse_encoded(path)?, action)))
}

fn acl() -> Acl {
    Acl::builder()
        .mount(Mount::at("public").default_access(DefaultAccess::ReadForAnyone))
        .mount(Mount::at("docs").owner(Principal::user("alice")))
        .rule(Rule::grant("docs", Principal::user("bob"), Action::Read))
        .rule(Rule::grant("docs", Principal::organisation("acme"), Action::Write).under("shared"))
        .rule(Rule::deny("public", Principal::Anyone, Action::Delete))
        .build()
        .unwrap()
}

/// The status and the code of the answer to `ask` by `who`, and its context.
fn answer(who: Option<&str>, ask: Ask) -> (u16, String, SecurityContext) {
    let context = context();
    if let Some(who) = who {
        context.learn_identity(user(who));
    }
    let answer = ask.context(&context).policies(VfsPolicy::new(acl(), locate));
    let code =
        answer.extensions().get::<Rejection>().map_or("", |rejection| rejection.code().as_str());
    (answer.status().as_u16(), code.to_owned(), context)
}

fn told(who: Option<&str>, method: Method, target: &str) -> (u16, String) {
    let (status, code, _) = answer(who, Ask::method(method, target));
    (status, code)
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[test]
fn what_is_allowed_passes_with_the_proof() {
    let (status, _, context) = answer(Some("alice"), Ask::method(Method::PUT, "/vfs/docs/a%20b"));
    assert_eq!(status, 200);
    let permitted = context.attached::<Permitted>().unwrap();
    assert_eq!((permitted.path(), permitted.action()), (&path("docs/a b"), Action::Write));
    assert_eq!(context.trail().decisions()[0].outcome, Outcome::Rule("owner"));
}

#[test]
fn what_is_refused_leaves_no_proof() {
    let (_, _, context) = answer(Some("bob"), Ask::method(Method::PUT, "/vfs/docs/a"));
    assert_eq!(context.attached::<Permitted>(), None);
}

#[test]
fn who_may_read_learns_that_writing_is_forbidden() {
    assert_eq!(told(Some("bob"), Method::PUT, "/vfs/docs/a"), is(403, "insufficient-permission"));
}

#[test]
fn who_may_not_know_finds_nothing_whether_it_is_there_or_not() {
    for target in ["/vfs/docs/a", "/vfs/docs", "/vfs/nowhere/a"] {
        assert_eq!(told(Some("carol"), Method::GET, target), is(404, "not-found"));
        assert_eq!(told(Some("carol"), Method::PUT, target), is(404, "not-found"));
    }
}

#[test]
fn without_an_identity_everything_that_is_not_public_asks_for_one() {
    for target in ["/vfs/docs/a", "/vfs/nowhere/a"] {
        assert_eq!(told(None, Method::GET, target), is(401, "credentials-required"));
    }
    assert_eq!(told(None, Method::GET, "/vfs/public/a"), is(200, ""));
    assert_eq!(told(None, Method::PUT, "/vfs/public/a"), is(401, "credentials-required"));
}

#[test]
fn where_anyone_is_denied_no_identity_is_asked_for() {
    assert_eq!(told(None, Method::DELETE, "/vfs/public/a"), is(403, "insufficient-permission"));
}

#[test]
fn the_challenge_names_the_realm_and_no_error() {
    let challenge = |policy: VfsPolicy<_>| {
        let answer = Ask::get("/vfs/docs/a").policies(policy);
        answer.headers()["www-authenticate"].to_str().unwrap().to_owned()
    };
    let policy = || VfsPolicy::new(acl(), locate as fn(&Parts) -> _);
    assert_eq!(challenge(policy()), "Bearer realm=\"api\"");
    let files = Realm::new("my files").unwrap();
    assert_eq!(challenge(policy().realm(files)), "Bearer realm=\"my files\"");
}

#[test]
fn a_path_that_is_none_is_refused_before_anything_else() {
    let refused = |target: &str| {
        let answer = Ask::get(target).policies(VfsPolicy::new(acl(), locate));
        let rejection = answer.extensions().get::<Rejection>().unwrap().clone();
        (answer.status().as_u16(), rejection.code().as_str(), rejection.violation_kind())
    };
    let suspicious = Some(ViolationKind::Suspicious);
    assert_eq!(refused("/vfs/public/..%2fdocs"), (400, "ambiguous-path", suspicious));
    assert_eq!(refused("/vfs/public/%2e%2e/docs/a"), (400, "ambiguous-path", suspicious));
    assert_eq!(refused("/vfs/public/a/"), (400, "ambiguous-path", None));
    assert_eq!(refused("/vfs/"), (400, "ambiguous-path", None));
}

#[test]
fn other_requests_pass_without_a_word() {
    let (status, _, context) = answer(None, Ask::get("/other"));
    assert_eq!(status, 200);
    assert_eq!(context.trail().to_string(), "vfs-acl");
    assert_eq!(context.attached::<Permitted>(), None);
}

#[test]
fn an_organisation_counts_once_it_is_proven() {
    let ask = |proven: Option<&str>| {
        let context = context();
        context.learn_identity(user("dora"));
        if let Some(name) = proven {
            context.attach(Organisation::new(name));
        }
        let ask = Ask::method(Method::PUT, "/vfs/docs/shared/a").header("x-org-slug", "acme");
        ask.context(&context).policies(VfsPolicy::new(acl(), locate)).status().as_u16()
    };
    assert_eq!((ask(None), ask(Some("acme")), ask(Some("Acme"))), (404, 200, 404));
}

#[test]
fn a_refusal_that_is_only_reported_passes_without_proof() {
    let context = context();
    let reported = VfsPolicy::new(acl(), locate).enforce(Enforce::ReportOnly);
    let answer = Ask::get("/vfs/docs/a").context(&context).policies(reported);
    assert_eq!(answer.status(), 200);
    assert_eq!(context.attached::<Permitted>(), None);
    assert_eq!(context.trail().to_string(), "vfs-acl:nothing-granted vfs-acl?credentials-required");
}

#[test]
fn the_reason_is_for_the_log_alone() {
    let answer = Ask::get("/vfs/docs/a").policies(VfsPolicy::new(docs([]), locate));
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(
        rejection.private_reason(),
        Some("read `docs/a` refused: nothing granted on `docs`")
    );
    assert_eq!(rejection.public_detail(), None);
}

#[test]
fn the_layer_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let layer: VfsLayer<_> = GateLayer::new(VfsPolicy::new(acl(), locate));
    shared(&layer);
    assert_eq!(VfsPolicy::new(acl(), locate).name(), "vfs-acl");
}
