//! Users who change while they are here.

use std::time::{Duration, Instant};

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    server::{Server, problem, run, until},
    stream::{ends, follow, lines},
};

fn order(server: &Server, admin: &str, what: &str, body: &Value) -> Response {
    server.post_as(admin, &format!("/api/admin/users/{what}"), body)
}

/// Carries out an order that must be good, and says what is kept of the user then.
fn change(server: &Server, admin: &str, what: &str, body: &Value) -> Value {
    let answer = order(server, admin, what, body);
    assert_eq!(answer.status(), 200, "{what} {body}");
    answer.json().unwrap()
}

#[test]
fn j14_a_role_counts_from_the_next_request_on_and_a_stream_ends_with_it() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    assert_eq!(problem(server.get_as(&bob, "/api/analytics")).1, "insufficient-role");
    let given = json!({ "userId": "bob", "roles": ["admin", "editor"] });
    let kept = change(&server, &alice, "roles", &given);
    assert_eq!((&kept["roles"], &kept["disabled"]), (&given["roles"], &json!(false)));
    assert_eq!(server.get_as(&bob, "/api/analytics").status(), 200);

    let stream = lines(follow(&server, &bob));
    change(&server, &alice, "roles", &json!({ "userId": "bob", "roles": [] }));
    assert_eq!(problem(server.get_as(&bob, "/api/analytics")).1, "insufficient-role");
    ends(stream);
    assert_eq!(server.get_as(&bob, "/api/me").status(), 200, "he is a user still");
}

#[test]
fn e3_a_stream_ends_within_a_second_of_its_user_being_disabled() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let who = json!({ "userId": "bob" });
    change(&server, &alice, "roles", &json!({ "userId": "bob", "roles": ["admin"] }));
    // A machine with other work may take longer now and then, but not every time.
    let mut times = (0..5).map(|_| {
        let stream = lines(follow(&server, &bob));
        assert_eq!(change(&server, &alice, "disable", &who)["disabled"], true);
        let disabled = Instant::now();
        ends(stream);
        let took = disabled.elapsed();
        let (status, code, _) = problem(server.get_as(&bob, "/api/feed"));
        assert_eq!((status, &*code), (401, "invalid-token.unknown-user"));
        assert_eq!(change(&server, &alice, "enable", &who)["roles"], json!(["admin"]));
        assert_eq!(server.get_as(&bob, "/api/analytics").status(), 200);
        took
    });
    assert!(times.any(|took| took < Duration::from_secs(1)));
}

#[test]
fn e3_a_stream_that_a_key_opened_ends_with_its_owner() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    change(&server, &alice, "roles", &json!({ "userId": "bob", "roles": ["admin"] }));
    let wanted = json!({ "owner": "bob", "roles": ["admin"] });
    let made: Value = server.post_as(&alice, "/api/admin/api-keys", &wanted).json().unwrap();
    let key = made["key"].as_str().unwrap();
    let stream = server.request("GET", "/api/analytics/stream").header("x-api-key", key);
    let stream = lines(stream.timeout(Duration::from_secs(20)).send().unwrap());
    change(&server, &alice, "disable", &json!({ "userId": "bob" }));
    ends(stream);
    let refused = server.request("GET", "/api/feed").header("x-api-key", key).send().unwrap();
    assert_eq!(problem(refused).1, "invalid-token.unknown-user");
}

#[test]
fn j14_signing_a_user_out_takes_back_all_his_tokens_and_no_other() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    let [phone, laptop] = [(); 2].map(|()| server.token("bob", &[]));
    change(&server, &alice, "roles", &json!({ "userId": "bob", "roles": ["admin"] }));
    let stream = lines(follow(&server, &phone));
    change(&server, &alice, "sign-out", &json!({ "userId": "bob" }));
    for token in [&phone, &laptop] {
        assert_eq!(problem(server.get_as(token, "/api/feed")).1, "invalid-token.revoked");
    }
    ends(stream);
    assert_eq!(server.get_as(&alice, "/api/me").status(), 200);
    // Tokens name whole seconds: one of the same second is taken back as well.
    let signs_in = || server.get_as(&server.token("bob", &[]), "/api/me").status() == 200;
    until("a token that was issued later", signs_in);
}

#[test]
fn users_are_managed_by_admins_with_tokens() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let wanted = json!({ "roles": ["admin"] });
    let made: Value = server.post_as(&alice, "/api/admin/api-keys", &wanted).json().unwrap();
    let key = made["key"].as_str().unwrap();
    let who = json!({ "userId": "bob" });
    for what in ["disable", "enable", "roles", "sign-out"] {
        let path = format!("/api/admin/users/{what}");
        let nobody = server.request("POST", &path).json(&who).send().unwrap();
        assert_eq!(problem(nobody).1, "credentials-required", "{what}");
        assert_eq!(problem(order(&server, &bob, what, &who)).1, "insufficient-role", "{what}");
        let by_key = server.request("POST", &path).header("x-api-key", key).json(&who);
        assert_eq!(problem(by_key.send().unwrap()).1, "token-required", "{what}");
        for body in [
            json!({ "userId": "" }),
            json!({ "userId": "bob\u{7}" }),
            json!({ "userId": "bob", "issuer": "https://elsewhere.example" }),
            json!({ "user": "bob" }),
            json!({ "userId": "bob", "roles": [""] }),
        ] {
            let answer = order(&server, &alice, what, &body);
            assert_eq!(problem(answer).1, "invalid-request", "{what} {body}");
        }
    }
    let stranger = json!({ "userId": "stranger" });
    assert_eq!(problem(order(&server, &alice, "enable", &stranger)).1, "not-found");
    assert_eq!(server.get_as(&bob, "/api/me").status(), 200);
}

#[test]
fn an_admin_sees_who_is_known_page_by_page() {
    let server = Server::unlimited(&[("ADMIN_USERS", "carol")]);
    let (alice, dave) = (server.token("alice", &["admin"]), server.token("dave", &[]));
    change(&server, &alice, "disable", &json!({ "userId": "zoe" }));
    change(&server, &alice, "sign-out", &json!({ "userId": "bob" }));
    let list = |query: &str| -> Value {
        server.get_as(&alice, &format!("/api/admin/users{query}")).json().unwrap()
    };
    let all = list("");
    let users = all["users"].as_array().unwrap();
    assert_eq!((&all["next"], &all["total"]), (&Value::Null, &json!(users.len())));
    let of = |name: &str| users.iter().find(|user| user["userId"] == name).unwrap();
    let carol = json!({
        "userId": "carol",
        "issuer": "palisade-development",
        "roles": ["admin"],
        "organisations": [],
        "disabled": false,
        "tokensRevokedUntil": null,
    });
    assert_eq!((of("carol"), &of("zoe")["disabled"]), (&carol, &json!(true)));
    assert!(of("bob")["tokensRevokedUntil"].is_string(), "{}", of("bob"));

    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = list(&query);
        seen.extend(page["users"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&cursor={next}");
    }
    assert_eq!(seen, *users);
    let wrong = server.get_as(&alice, "/api/admin/users?cursor=bm8");
    assert_eq!(problem(wrong).1, "invalid-request");
    assert_eq!(problem(server.get("/api/admin/users")).1, "credentials-required");
    assert_eq!(problem(server.get_as(&dave, "/api/admin/users")).1, "insufficient-role");
}

#[test]
fn an_admin_does_not_lock_himself_out() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    for (what, body) in [
        ("disable", json!({ "userId": "alice" })),
        ("roles", json!({ "userId": "alice", "roles": ["editor"] })),
    ] {
        let refused = order(&server, &alice, what, &body);
        assert_eq!(problem(refused).1, "invalid-request", "{what}");
    }
    let both = json!({ "userId": "alice", "roles": ["admin", "editor"] });
    assert_eq!(change(&server, &alice, "roles", &both)["roles"], both["roles"]);
    assert_eq!(server.get_as(&alice, "/api/admin/users").status(), 200);
    let log = server.log();
    let line = log.lines().find(|line| line.contains("user.roles")).unwrap();
    assert!(line.contains("editor") && line.contains("alice"), "{line}");
}

#[test]
fn a_user_of_an_issuer_without_a_name_can_be_disabled_and_signed_out() {
    let settings = [
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("ADMIN_USERS", "carol,erin"),
    ];
    let server = Server::unlimited(&settings);
    let token = |user: &str| {
        let arguments = ["token", "--user", user, "--role", "admin"];
        let (fine, token, errors) = run(server.folder.path(), &arguments, &settings);
        assert!(fine, "{errors}");
        token.trim().to_owned()
    };
    let (carol, dave) = (token("carol"), token("dave"));
    let stream = lines(follow(&server, &dave));
    let kept = change(&server, &carol, "disable", &json!({ "userId": "dave" }));
    assert_eq!(kept, json!({ "userId": "dave", "issuer": null, "roles": [], "disabled": true }));
    ends(stream);
    assert_eq!(problem(server.get_as(&dave, "/api/feed")).1, "invalid-token.unknown-user");

    // A token is taken back by the name of its issuer, whichever it is.
    let nameless = order(&server, &carol, "sign-out", &json!({ "userId": "carol" }));
    assert_eq!(problem(nameless).1, "invalid-request");
    let named = json!({ "userId": "carol", "issuer": "palisade-development" });
    assert_eq!(change(&server, &carol, "sign-out", &named), named);
    assert_eq!(problem(server.get_as(&carol, "/api/feed")).1, "invalid-token.revoked");
    // Of which issuer's tokens it would be true, nothing says.
    let listed: Value = server.get_as(&token("erin"), "/api/admin/users").json().unwrap();
    assert_eq!(listed["users"][0]["userId"], "carol");
    assert_eq!(listed["users"][0].get("tokensRevokedUntil"), None);
}

#[test]
fn an_operator_makes_an_admin_of_who_was_locked_out_while_the_server_runs_and_it_is_recorded() {
    let server = Server::unlimited(&[("ADMIN_USERS", "dora")]);
    let (alice, dora) = (server.token("alice", &["admin"]), server.token("dora", &[]));
    change(&server, &alice, "roles", &json!({ "userId": "dora", "roles": ["editor"] }));
    change(&server, &alice, "disable", &json!({ "userId": "dora" }));
    assert_eq!(problem(server.get_as(&dora, "/api/me")).1, "invalid-token.unknown-user");
    let grant = |arguments: &[&str]| {
        let arguments = [&["grant-admin", "--user"], arguments].concat();
        run(server.folder.path(), &arguments, &[("ADMIN_USERS", "dora")])
    };
    for wrong in [&["dora", "--issuer", "https://elsewhere.example"][..], &[" "]] {
        let (fine, _, errors) = grant(wrong);
        assert!(!fine && errors.contains("`iss` of tokens that count"), "{errors}");
    }
    let (fine, told, errors) = grant(&["dora"]);
    assert!(fine, "{errors}");
    assert_eq!(told, "dora is let in, with the roles editor, admin\n");
    until("the server knows", || server.get_as(&dora, "/api/admin/users").status() == 200);
    let path = "/api/admin/audit?action=user.granted-admin";
    let audit: Value = server.get_as(&dora, path).json().unwrap();
    let record = &audit["records"][0];
    assert_eq!(
        (&record["actor"]["kind"], &record["target"]["id"]),
        (&json!("operator"), &json!("dora"))
    );
    assert_eq!(record["details"]["roles"], json!(["editor", "admin"]));
}

#[test]
fn what_an_admin_changed_of_users_counts_after_a_restart_and_for_others_on_the_same_database() {
    let secret = ("JWT_SECRET", "a test secret of thirty-two bytes or more");
    let admins = ("ADMIN_USERS", "alice,dora");
    let server = Server::unlimited(&[secret, admins]);
    let file = server.folder.path().join("data/palisade.db");
    let url = format!("sqlite:{}", file.display());
    let other = Server::unlimited(&[secret, admins, ("DATABASE_URL", &url)]);
    let token = |user: &str| {
        let (fine, token, errors) =
            run(server.folder.path(), &["token", "--user", user], &[secret, admins]);
        assert!(fine, "{errors}");
        token.trim().to_owned()
    };
    let (alice, bob, dora) = (token("alice"), token("bob"), token("dora"));
    assert_eq!(other.get_as(&dora, "/api/analytics").status(), 200);
    change(&server, &alice, "disable", &json!({ "userId": "bob" }));
    change(&server, &alice, "roles", &json!({ "userId": "dora", "roles": ["editor"] }));
    until("the other knows", || other.get_as(&bob, "/api/feed").status() == 401);
    until("both", || other.get_as(&dora, "/api/analytics").status() == 403);
    change(&other, &alice, "enable", &json!({ "userId": "bob" }));
    until("the first knows", || server.get_as(&bob, "/api/feed").status() == 200);

    let off = [("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false"), secret, admins];
    let again = Server::start_in(server.stop(), &off);
    let (status, code, _) = problem(again.get_as(&dora, "/api/analytics"));
    assert_eq!((status, &*code), (403, "insufficient-role"), "ADMIN_USERS does not bring it back");
    let me: Value = again.get_as(&dora, "/api/me").json().unwrap();
    assert_eq!(me["roles"], json!(["editor"]));
    drop(other);
}
