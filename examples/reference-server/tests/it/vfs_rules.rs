//! Mounts and rules of files, as admins keep them, and questions about them.

use palisade_database::{
    Caller, Database, DatabaseOptions, NewVfsMount, NewVfsRule, VfsCase, VfsDefaultAccess,
    VfsMounts as _, VfsRuleKind, VfsRules as _, VfsScope,
};
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    server::{Server, problem, until},
    vfs_files::{get, put, served},
};

const MOUNTS: &str = "/api/admin/vfs/mounts";
const RULES: &str = "/api/admin/vfs/rules";

/// Has an admin make a mount, or change it.
pub(crate) fn mount(server: &Server, admin: &str, wanted: &Value) {
    let answer = server.post_as(admin, MOUNTS, wanted);
    assert_eq!(answer.status(), 200, "{wanted}: {}", answer.text().unwrap());
}

/// Has an admin add a rule. Its id.
pub(crate) fn rule(server: &Server, admin: &str, wanted: &Value) -> String {
    let answer = server.post_as(admin, RULES, wanted);
    let status = answer.status();
    let body: Value = answer.json().unwrap();
    assert_eq!(status, 201, "{wanted}: {body}");
    body["id"].as_str().unwrap().to_owned()
}

/// Grants a user some actions in all of a mount.
pub(crate) fn grant(
    server: &Server,
    admin: &str,
    mount: &str,
    user: &str,
    actions: &[&str],
) -> String {
    let principal = json!({ "user": { "userId": user } });
    let wanted =
        json!({ "mount": mount, "kind": "grant", "principal": principal, "actions": actions });
    rule(server, admin, &wanted)
}

fn delete(server: &Server, admin: &str, path: &str) -> Response {
    server.request("DELETE", path).bearer_auth(admin).send().unwrap()
}

/// What the rules say about a question.
fn explained(server: &Server, admin: &str, query: &str) -> Value {
    let answer = server.get_as(admin, &format!("/api/admin/vfs/explain?{query}"));
    assert_eq!(answer.status(), 200, "{query}");
    answer.json().unwrap()
}

#[test]
fn admins_keep_mounts_and_rules_which_are_recorded_and_explained() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    let asked = "user=bob&path=docs/plans/may.md&action=read";
    assert_eq!(explained(&server, &alice, asked)["because"], "no-mount");

    mount(&server, &alice, &json!({ "name": "docs", "owner": { "user": { "userId": "carol" } } }));
    assert_eq!(explained(&server, &alice, asked)["because"], "nothing-granted");
    let under = json!({
        "mount": "docs", "kind": "grant", "principal": { "user": { "userId": "bob" } },
        "actions": ["read", "list"], "under": "plans",
    });
    let id = rule(&server, &alice, &under);
    let now = explained(&server, &alice, asked);
    assert_eq!(
        (&now["allowed"], &now["rule"], &now["refusedWith"]),
        (&json!(true), &json!(id), &Value::Null)
    );
    let deny = json!({ "mount": "docs", "kind": "deny", "principal": "anyone", "actions": ["read"], "matching": "**/*.md" });
    let denial = rule(&server, &alice, &deny);
    let now = explained(&server, &alice, asked);
    assert_eq!((&now["because"], &now["refusedWith"]), (&json!("deny"), &json!(403)));
    assert!(now["text"].as_str().unwrap().contains("denial of read for anyone"), "{now}");
    let of_nobody = explained(&server, &alice, "path=docs/plans/may.md&action=write");
    assert_eq!(of_nobody["refusedWith"], 401);
    let of_stranger = explained(&server, &alice, "user=dave&path=docs/plans/may.md&action=write");
    assert_eq!(of_stranger["refusedWith"], 404);
    // By a role that he does not have, to see what it would do.
    let editors = json!({ "mount": "docs", "kind": "grant", "principal": { "role": "editor" }, "actions": ["write"] });
    rule(&server, &alice, &editors);
    let as_editor = "user=dave&roles=editor&path=docs/a.md&action=write";
    assert_eq!(explained(&server, &alice, as_editor)["because"], "grant");

    let held: Value =
        server.get_as(&alice, "/api/admin/vfs/what-may?user=bob&mount=docs").json().unwrap();
    assert_eq!(
        (&held["held"][0]["reach"], &held["held"][0]["actions"]),
        (&json!("under `plans`"), &json!(["read", "list"]))
    );
    let who: Value =
        server.get_as(&alice, "/api/admin/vfs/who-may?path=docs/plans/may.txt").json().unwrap();
    let names: Vec<_> = who["parties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|party| party["principal"].to_string())
        .collect();
    assert!(
        names[0].contains("carol") && names[1..].iter().any(|name| name.contains("bob")),
        "{names:?}"
    );

    let rules: Value =
        server.get_as(&alice, &format!("{RULES}?mount=docs&limit=2")).json().unwrap();
    assert_eq!(rules["rules"].as_array().unwrap().len(), 2);
    let next = rules["next"].as_str().unwrap();
    let rest: Value =
        server.get_as(&alice, &format!("{RULES}?mount=docs&limit=2&cursor={next}")).json().unwrap();
    assert_eq!((rest["rules"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
    let mounts: Value = server.get_as(&alice, MOUNTS).json().unwrap();
    assert_eq!(mounts["mounts"][0]["owner"]["user"]["userId"], "carol");

    assert_eq!(delete(&server, &alice, &format!("{RULES}/{denial}")).status(), 204);
    assert_eq!(explained(&server, &alice, asked)["because"], "grant");
    assert_eq!(problem(delete(&server, &alice, &format!("{RULES}/{denial}"))).1, "not-found");
    assert_eq!(delete(&server, &alice, &format!("{MOUNTS}/docs")).status(), 204);
    assert_eq!(explained(&server, &alice, asked)["because"], "no-mount");
    let audit: Value = server.get_as(&alice, "/api/admin/audit?limit=20").json().unwrap();
    let done: Vec<_> = audit["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        done,
        [
            "mount.removed",
            "rule.removed",
            "rule.removed",
            "rule.added",
            "rule.added",
            "rule.added",
            "mount.put"
        ],
        "one of them was refused: {audit}"
    );
    assert_eq!(audit["records"][1]["outcome"], "refused");
}

#[test]
fn what_makes_no_rule_is_refused_with_what_is_wrong() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    mount(&server, &alice, &json!({ "name": "docs" }));
    mount(&server, &alice, &json!({ "name": "docs/inner" }));
    let anyone = |more: Value| {
        let mut rule =
            json!({ "mount": "docs", "kind": "grant", "principal": "anyone", "actions": ["read"] });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rule
    };
    for (wanted, says) in [
        (anyone(json!({ "mount": "dosc" })), "a mount that is there"),
        (anyone(json!({ "under": "../etc" })), "no segment"),
        (anyone(json!({ "under": "inner/a" })), "a mount of its own"),
        (anyone(json!({ "matching": "[z-a]" })), "range"),
        (anyone(json!({ "matching": "*", "under": "a" })), "not both"),
        (anyone(json!({ "actions": [] })), "at least one action"),
        (anyone(json!({ "kind": "revoke" })), "A revocation takes back all"),
        (
            anyone(json!({ "principal": { "user": { "userId": "bob", "issuer": "elsewhere" } } })),
            "tokens that count here",
        ),
        (anyone(json!({ "principal": { "organisation": "nobody" } })), "no such organisation"),
        (anyone(json!({ "expiresInSeconds": u64::MAX })), "too far away"),
    ] {
        let (status, code, body) = problem(server.post_as(&alice, RULES, &wanted));
        assert_eq!((status, &*code), (422, "invalid-request"), "{wanted}");
        assert!(body["detail"].as_str().unwrap().contains(says), "{wanted}: {body}");
    }
    for (wanted, says) in [
        (json!({ "name": "docs/" }), "no empty segment"),
        (json!({ "name": "a/../b" }), "no segment"),
        (json!({ "name": "open", "owner": "anyone" }), "somebody"),
    ] {
        let (status, _, body) = problem(server.post_as(&alice, MOUNTS, &wanted));
        assert_eq!(status, 422, "{wanted}");
        assert!(body["detail"].as_str().unwrap().contains(says), "{wanted}: {body}");
    }
    // Whoever guesses the form is told it.
    for (path, wanted, says) in [
        (RULES, anyone(json!({ "kind": "allow" })), "`kind` is not of the form"),
        (RULES, anyone(json!({ "kind": "allow" })), "`grant`, `deny` or `revoke`"),
        (RULES, anyone(json!({ "principal": { "user": "bob" } })), r#"{"user":{"userId":"bob"}}"#),
        (MOUNTS, json!({ "name": "docs", "owner": "bob" }), r#"{"role":"editor"}"#),
        (MOUNTS, json!({ "name": "docs", "default": "read" }), "defaultAccess"),
    ] {
        let (status, _, body) = problem(server.post_as(&alice, path, &wanted));
        assert!(status == 422 && body["detail"].as_str().unwrap().contains(says), "{says}: {body}");
    }
    for (query, says) in [
        ("explain?path=docs/a", "`action` (`read`"),
        ("explain?path=docs/a&action=get", "`action` (`read`"),
        ("what-may?user=bob", "`mount`"),
        ("who-may?file=docs", "`path`"),
        ("rules?in=docs", "`mount`, `limit` and `cursor`"),
        ("mounts?page=2", "`limit` and `cursor`"),
    ] {
        let answer = server.get_as(&alice, &format!("/api/admin/vfs/{query}"));
        let (status, _, body) = problem(answer);
        assert!(
            status == 422 && body["detail"].as_str().unwrap().contains(says),
            "{query}: {body}"
        );
    }
    let (status, code, _) = problem(server.post_as(&bob, RULES, &anyone(json!({}))));
    assert_eq!((status, &*code), (403, "insufficient-role"));
    let made: Value = server
        .post_as(&alice, "/api/admin/api-keys", &json!({ "roles": ["admin"] }))
        .json()
        .unwrap();
    let by_key = server.request("POST", RULES).header("x-api-key", made["key"].as_str().unwrap());
    assert_eq!(problem(by_key.json(&anyone(json!({}))).send().unwrap()).1, "token-required");
    assert_eq!(problem(server.get("/api/admin/vfs/explain?path=docs/a&action=read")).0, 401);
}

#[test]
fn a_mount_with_files_is_removed_with_them_alone_and_keeps_its_case() {
    let (server, alice, bob) = served(&[]);
    assert_eq!(put(&server, &bob, "docs/a", "x").status(), 201);
    let other = server.post_as(&alice, MOUNTS, &json!({ "name": "docs", "case": "folded" }));
    let (status, _, body) = problem(other);
    assert!(status == 409 && body["detail"].as_str().unwrap().contains("`case`"), "{body}");
    let (status, _, body) = problem(delete(&server, &alice, &format!("{MOUNTS}/docs")));
    assert!(status == 409 && body["detail"].as_str().unwrap().contains("?files=remove"), "{body}");
    let (status, _, body) = problem(delete(&server, &alice, &format!("{MOUNTS}/docs?files=yes")));
    assert!(status == 422 && body["detail"].as_str().unwrap().contains("`remove`"), "{body}");
    assert_eq!(get(&server, &bob, "docs/a").status(), 200);
    assert_eq!(delete(&server, &alice, &format!("{MOUNTS}/docs?files=remove")).status(), 204);
    assert_eq!(get(&server, &bob, "docs/a").status(), 404);
}

#[test]
fn a_mount_whose_rules_cannot_be_read_is_closed_and_no_other_is() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    for name in ["docs", "other"] {
        mount(&server, &alice, &json!({ "name": name, "defaultAccess": "read" }));
    }
    let asked = |name: &str| {
        explained(&server, &alice, &format!("path={name}/a.md&action=read"))["because"].clone()
    };
    assert_eq!((asked("docs"), asked("other")), (json!("mount-default"), json!("mount-default")));
    // As another version may have written it.
    let url = format!("sqlite:{}", server.folder.path().join("data/palisade.db").display());
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let database = Database::open(&url, &DatabaseOptions::new()).await.unwrap();
        let mut act = database.act_as(Caller::service()).await.unwrap();
        act.put_mount(NewVfsMount {
            name: "third",
            owner: Some("planet:mars"),
            default_access: VfsDefaultAccess::Read,
            case: VfsCase::Sensitive,
        })
        .await
        .unwrap();
        let strange = NewVfsRule {
            id: "strange",
            mount: "docs",
            kind: VfsRuleKind::Deny,
            principal: "anyone",
            actions: "read,dream",
            scope: &VfsScope::All,
            expires_at: None,
        };
        act.add_rule(strange).await.unwrap();
        act.commit().await.unwrap();
        database.close().await;
    });
    until("it is closed", || asked("docs") == "nothing-granted");
    assert_eq!(
        (asked("third"), asked("other")),
        (json!("nothing-granted"), json!("mount-default"))
    );
    let log = server.log();
    assert!(log.contains("vfs.unreadable") && log.contains("the rule strange"), "{log}");
    // It is taken away by the one way that there is for rules.
    assert_eq!(delete(&server, &alice, &format!("{RULES}/strange")).status(), 204);
    assert_eq!(asked("docs"), "mount-default");
}
