//! Whether the user of a good token exists, is let in, and what he may do today.

use palisade_core::{
    GateLayer, Identity, IdentityKind, Moment, Policy, Rejection, SecurityContext, Verdict,
};
use palisade_test_support::{Ask, Body, head};
use palisade_users::{
    DirectoryError, KnownUsersPolicy, Lookup, User, UserDirectory, UserId, Users,
};

use crate::fixture::{Bench, ISSUER, code, id};

/// Does not answer.
#[derive(Clone)]
struct Broken;

impl UserDirectory for Broken {
    fn find(&self, _: &Identity, _: Moment) -> Lookup {
        Lookup::Wait(Box::pin(async { Err(DirectoryError::new("connection refused")) }))
    }
}

/// The rejection of `users` for `who`.
fn rejection(users: &Users, who: Identity) -> Rejection {
    let context = palisade_test_support::context();
    context.learn_identity(who);
    match KnownUsersPolicy::new(users.clone()).check(&mut head("/"), &context) {
        Verdict::Refuse(rejection) => rejection,
        verdict => panic!("{verdict:?}"),
    }
}

#[test]
fn anonymous_requests_pass() {
    let layer = GateLayer::new(KnownUsersPolicy::new(Broken));
    assert_eq!(Ask::get("/").through(&layer).status(), 200);
}

#[test]
fn a_user_is_known_by_subject_and_issuer_byte_for_byte() {
    let bench = Bench::new();
    assert_eq!(bench.asks(&bench.token_of("alice")), "");
    for other in ["Alice", "alice ", "mallory", ""] {
        assert_eq!(bench.asks(&bench.token_of(other)), "invalid-token.unknown-user", "{other}");
    }
    let alice = || Identity::new("alice", IdentityKind::Jwt);
    assert_eq!(bench.asks(&alice()), "invalid-token.unknown-user");
    let elsewhere = alice().issued_by("https://evil.example");
    assert_eq!(bench.asks(&elsewhere), "invalid-token.unknown-user");
}

#[test]
fn unknown_and_disabled_look_alike_and_the_log_tells_them_apart() {
    let bench = Bench::new();
    bench.users.disable(&id("bob"));
    let unknown = rejection(&bench.users, bench.token_of("mallory"));
    let disabled = rejection(&bench.users, bench.token_of("bob"));
    let reasons = (unknown.private_reason().unwrap(), disabled.private_reason().unwrap());
    assert_eq!(reasons, ("there is no such user", "the user is disabled"));
    let shown = |rejection: Rejection| {
        let answer = rejection.into_answer::<Body>();
        (answer.status(), format!("{:?}", answer.headers()), code(&answer))
    };
    assert_eq!(shown(unknown.clone()), shown(disabled));
    let challenge = unknown.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert_eq!(
        challenge,
        "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"The user is not known\""
    );
}

#[test]
fn j14_a_disabled_user_is_refused_at_the_next_request_and_let_in_again_when_enabled() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    assert!(bench.users.disable(&id("alice")));
    assert_eq!(bench.asks(&alice), "invalid-token.unknown-user");
    assert!(bench.users.enable(&id("alice")));
    assert_eq!(bench.asks(&alice), "");
    assert!(!bench.users.disable(&id("mallory")));
}

#[test]
fn j14_the_roles_of_today_take_the_place_of_those_in_the_token() {
    let bench = Bench::new();
    let is_admin = |subject| {
        let context = bench.context(&bench.token_of(subject), "a.b.c");
        context.identity().unwrap().is_admin()
    };
    assert!(is_admin("alice"));
    assert!(!is_admin("bob"), "his token says so, and nobody else");
    bench.users.replace_roles(&id("alice"), ["editor"]);
    assert!(!is_admin("alice"));
    bench.users.replace_roles(&id("bob"), ["admin"]);
    assert!(is_admin("bob"));
}

#[test]
fn j9_a_key_gets_no_role_of_its_owner_that_it_does_not_name() {
    let bench = Bench::new();
    bench.users.replace_roles(&id("alice"), ["admin", "editor"]);
    let roles = |key: Identity| {
        let context = bench.context(&key.issued_by(ISSUER), "pk_1");
        context.identity().unwrap().roles().map(str::to_owned).collect::<Vec<_>>()
    };
    let key = || Identity::new("alice", IdentityKind::ApiKey);
    assert_eq!(roles(key()), [""; 0]);
    assert_eq!(roles(key().role("editor").role("auditor")), ["editor"]);
}

#[test]
fn handlers_find_the_user_and_his_organisations() {
    let bench = Bench::new();
    let context = bench.context(&bench.token_of("alice"), "a.b.c");
    let user = context.attached::<User>().unwrap();
    assert_eq!(user.organisations().collect::<Vec<_>>(), ["acme"]);
    assert_eq!(user.roles().collect::<Vec<_>>(), ["admin"]);
}

#[test]
fn a_directory_that_does_not_answer_lets_nobody_in() {
    let context: SecurityContext = palisade_test_support::context();
    context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    let answer = Ask::get("/").context(&context).policies(KnownUsersPolicy::new(Broken));
    assert_eq!((answer.status().as_u16(), code(&answer)), (503, "users-unavailable"));
    assert_eq!(answer.headers()["retry-after"], "1");
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.private_reason(), Some("connection refused"));
    assert_eq!(rejection.violation_kind(), None, "it is not the client's fault");
}

#[test]
fn names_of_users_show_what_they_are() {
    let alice = UserId::new("alice").issued_by(ISSUER);
    assert_eq!(alice, id("alice"));
    assert_ne!(alice, UserId::new("alice"));
    assert!(format!("{alice:?}").contains(ISSUER));
}
