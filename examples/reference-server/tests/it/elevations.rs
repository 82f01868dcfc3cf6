//! Admin rights for a while: asked for, given by somebody else, and gone.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use palisade_test_support::PostgresServer;
use reqwest::blocking::Response;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    server::{Server, problem, run, until},
    stream::{ends, follow, lines},
};

const REASON: &str = "the night shift is alone";
/// Whom nothing is known of but his token: as most users are.
const ZED: &str = "zed";

fn asks(server: &Server, token: &str, minutes: u64) -> Response {
    server.post_as(token, "/api/elevations", &json!({ "reason": REASON, "minutes": minutes }))
}

/// Asks, which must be good, and says under which id.
fn asked(server: &Server, token: &str, minutes: u64) -> String {
    let answer = asks(server, token, minutes);
    assert_eq!(answer.status(), 202);
    let asked: Value = answer.json().unwrap();
    assert_eq!(asked["state"], "pending", "{asked}");
    asked["id"].as_str().unwrap().to_owned()
}

fn step(server: &Server, token: &str, id: &str, step: &str) -> Response {
    server.post_as(token, &format!("/api/admin/elevations/{id}/{step}"), &json!({}))
}

fn done(answer: Response) -> Value {
    assert!(answer.status().is_success(), "{}", answer.text().unwrap());
    answer.json().unwrap()
}

fn code(answer: Response) -> String {
    problem(answer).1
}

fn is_admin(server: &Server, token: &str) -> bool {
    done(server.get_as(token, "/api/me"))["isAdmin"] == true
}

/// What became of each action of this name, with its details, the latest first.
fn records(server: &Server, admin: &str, action: &str) -> Vec<Value> {
    let path = format!("/api/admin/audit?action={action}");
    let answer = server.request("GET", &path).bearer_auth(admin).send();
    let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", server.log()));
    done(answer)["records"].as_array().unwrap().clone()
}

/// The server's database, past its rules.
fn database(server: &Server) -> Connection {
    let database = Connection::open(server.folder.path().join("data/palisade.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database
}

/// Lets so many minutes pass for all that was asked for and given.
fn pass(server: &Server, minutes: i64) {
    let sql = "UPDATE _elevations SET asked_at = asked_at - ?1, approved_at = approved_at - ?1, ends_at = ends_at - ?1, ended_at = ended_at - ?1";
    database(server).execute(sql, [minutes * 60_000]).unwrap();
}

#[test]
fn a3_rights_count_from_approval_on_and_when_consent_is_withdrawn_streams_are_cut_and_nothing_is_left()
 {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let (alice, zed) = (server.token("alice", &["admin"]), server.token(ZED, &[]));
    let id = asked(&server, &zed, 30);
    assert_eq!(code(server.get_as(&zed, "/api/analytics")), "insufficient-role");
    let approve = format!("/api/admin/elevations/{id}/approve");
    let more = server.post_as(&alice, &approve, &json!({ "minutes": 31 }));
    assert_eq!(code(more), "invalid-request", "no more than was asked for");
    let row = done(server.post_as(&alice, &approve, &json!({ "minutes": 15 })));
    assert_eq!((&row["state"], &row["grantedMinutes"]), (&json!("approved"), &json!(15)));
    assert_eq!(row["approvedBy"]["userId"], "alice");
    let me = done(server.get_as(&zed, "/api/me"));
    assert_eq!(me["roles"], json!(["admin", format!("elevation:{id}")]));
    assert_eq!(server.get_as(&zed, "/api/analytics").status(), 200);

    // What he does says by which right.
    let order = json!({ "userId": "mallory", "reason": "spam" });
    assert_eq!(server.post_as(&zed, "/api/admin/bans/ban-user", &order).status(), 200);
    let ban = &records(&server, &alice, "ban.user")[0];
    assert_eq!((&ban["actor"]["subject"], &ban["details"]["elevation"]), (&json!(ZED), &json!(id)));
    assert!(server.log().contains(&format!("elevation={id}")) || server.log().contains(&id));

    let wanted = json!({ "route": "/api/analytics/stream" });
    let ticket = done(server.post_as(&zed, "/api/stream-tickets", &wanted));
    let stream = lines(follow(&server, &zed));
    let withdrawn = done(step(&server, &alice, &id, "withdraw"));
    assert_eq!(withdrawn["state"], "withdrawn");
    let since = Instant::now();
    assert_eq!(code(server.get_as(&zed, "/api/analytics")), "insufficient-role", "at once");
    ends(stream);
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    assert_eq!(code(server.get(ticket["url"].as_str().unwrap())), "insufficient-role");
    let again = step(&server, &alice, &id, "approve");
    assert_eq!(code(again), "conflict", "nothing brings it back");
    let own = done(server.get_as(&zed, "/api/elevations"));
    assert_eq!(own["elevations"][0]["state"], "withdrawn");
    for (action, who) in [
        ("elevation.asked", ZED),
        ("elevation.approved", "alice"),
        ("elevation.taken-back", "alice"),
    ] {
        let records = records(&server, &alice, action);
        let is_done = |record: &&Value| record["outcome"] == "done";
        let record = records.iter().find(is_done).unwrap_or_else(|| panic!("{action}"));
        assert_eq!(
            (&record["actor"]["subject"], &record["target"]["id"]),
            (&json!(who), &json!(ZED))
        );
    }
}

#[test]
fn a3_nobody_approves_his_own_as_another_name_by_a_key_or_by_a_second_such_right() {
    let secret = ("JWT_SECRET", "a test secret of thirty-two bytes or more");
    let server = Server::unlimited(&[secret, ("ADMIN_USERS", "alice")]);
    let token = |user: &str, issuer: &str| {
        let arguments = ["token", "--user", user];
        let (fine, token, errors) =
            run(server.folder.path(), &arguments, &[secret, ("JWT_ISSUER", issuer)]);
        assert!(fine, "{errors}");
        token.trim().to_owned()
    };
    let (one, two) = ("https://one.example", "https://two.example");
    let (alice, bob, carol) = (token("alice", one), token("bob", one), token("carol", one));
    let id = asked(&server, &bob, 10);
    assert_eq!(code(step(&server, &bob, &id, "approve")), "insufficient-role");
    // He becomes an admin meanwhile, and decides about it no more than before: by neither issuer, and by no key.
    let admin = json!({ "userId": "bob", "roles": ["admin"] });
    done(server.post_as(&alice, "/api/admin/users/roles", &admin));
    let made = json!({ "owner": "bob", "roles": ["admin"] });
    let made = done(server.post_as(&alice, "/api/admin/api-keys", &made));
    for decision in ["approve", "refuse"] {
        assert_eq!(code(step(&server, &bob, &id, decision)), "self-approval");
        assert_eq!(code(step(&server, &token("bob", two), &id, decision)), "self-approval");
        let path = format!("/api/admin/elevations/{id}/{decision}");
        let by_key =
            server.request("POST", &path).header("x-api-key", made["key"].as_str().unwrap());
        assert_eq!(code(by_key.send().unwrap()), "token-required");
    }
    let own = asks(&server, &bob, 10);
    assert_eq!(code(own), "invalid-request", "an admin needs none");

    // Who is an admin for a while lends nothing on, and makes nobody one for good.
    let known = json!({ "userId": "carol", "roles": ["editor"] });
    done(server.post_as(&alice, "/api/admin/users/roles", &known));
    let hers = asked(&server, &carol, 10);
    done(step(&server, &alice, &hers, "approve"));
    assert!(is_admin(&server, &carol));
    let made = json!({ "owner": "carol", "roles": ["admin"] });
    let key = done(server.post_as(&alice, "/api/admin/api-keys", &made));
    let by_key = server.request("GET", "/api/analytics");
    let by_key = by_key.header("x-api-key", key["key"].as_str().unwrap()).send().unwrap();
    assert_eq!(code(by_key), "insufficient-role", "it is lent to her, and to no program of hers");
    for decision in ["approve", "refuse", "withdraw"] {
        assert_eq!(code(step(&server, &carol, &id, decision)), "elevated-admin", "{decision}");
    }
    for (path, order) in [
        ("/api/admin/users/roles", json!({ "userId": "carol", "roles": ["admin"] })),
        ("/api/admin/users/enable", json!({ "userId": "carol" })),
        ("/api/admin/users/disable", json!({ "userId": "alice" })),
        ("/api/admin/users/sign-out", json!({ "userId": "alice", "issuer": one })),
        ("/api/admin/api-keys", json!({ "owner": "carol", "roles": ["admin"] })),
        ("/api/admin/vfs/mounts", json!({ "name": "docs" })),
        (
            "/api/admin/vfs/rules",
            json!({ "mount": "docs", "kind": "revoke", "principal": "anyone" }),
        ),
    ] {
        assert_eq!(code(server.post_as(&carol, path, &order)), "elevated-admin", "{path}");
    }
    let evidence = server.request("DELETE", "/api/analytics").bearer_auth(&carol).send().unwrap();
    assert_eq!(code(evidence), "elevated-admin");
    let reserved = json!({ "userId": "dora", "roles": ["admin", "elevation:1"] });
    let reserved = server.post_as(&alice, "/api/admin/users/roles", &reserved);
    assert_eq!(code(reserved), "invalid-request");
    let refused = &records(&server, &alice, "user.roles&outcome=refused")[0];
    assert_eq!(
        (&refused["outcome"], &refused["code"]),
        (&json!("refused"), &json!("elevated-admin"))
    );
    assert_eq!(refused["details"]["elevation"], json!(hers));
    done(step(&server, &carol, &hers, "withdraw"));
    assert!(!is_admin(&server, &carol), "he gave it back himself");
}

#[test]
fn a3_who_has_the_same_name_with_another_issuer_is_taken_for_the_same_and_a_third_decides() {
    let server = Server::unlimited(&[("ADMIN_USERS", "dora")]);
    let (alice, dora) = (server.token("alice", &["admin"]), server.token("dora", &["admin"]));
    let sql = "INSERT INTO _elevations (id, user_id, reason, minutes, state, asked_at, ends_at)
        VALUES ('1', 'https://elsewhere.example|alice', 'the night shift is alone', 5, 'pending', unixepoch() * 1000, (unixepoch() + 3600) * 1000)";
    database(&server).execute(sql, []).unwrap();
    assert_eq!(code(step(&server, &alice, "1", "approve")), "self-approval");
    let refused = &records(&server, &dora, "elevation.approved")[0];
    assert_eq!(
        (&refused["outcome"], &refused["code"]),
        (&json!("refused"), &json!("self-approval"))
    );
    assert_eq!(done(step(&server, &dora, "1", "approve"))["issuer"], "https://elsewhere.example");
}

/// Sends a ban as far as its content, which the server waits for: so the request was judged.
fn begins_a_ban(server: &Server, token: &str, body: &str) -> TcpStream {
    let mut socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "POST /api/admin/bans/ban-user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 25];
    socket.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket
}

#[test]
fn a3_what_is_under_way_when_rights_end_or_consent_is_withdrawn_is_not_done() {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false"), ("BODY_TIMEOUT_MS", "20000")]);
    let (alice, zed) = (server.token("alice", &["admin"]), server.token(ZED, &[]));
    let order = json!({ "userId": "mallory", "reason": "spam" }).to_string();
    for ending in ["withdrawn", "expired"] {
        let id = asked(&server, &zed, 10);
        done(step(&server, &alice, &id, "approve"));
        let stream = lines(follow(&server, &zed));
        let mut socket = begins_a_ban(&server, &zed, &order);
        match ending {
            "withdrawn" => drop(done(step(&server, &alice, &id, "withdraw"))),
            _ => pass(&server, 10),
        }
        socket.write_all(order.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403"), "{ending}: {answer}");
        assert!(answer.contains("\"elevation-ended\""), "{ending}: {answer}");
        ends(stream);
        until("it is over", || !is_admin(&server, &zed));
        let bans = server.get_as(&alice, "/api/admin/bans").text().unwrap();
        assert!(!bans.contains("mallory"), "{ending}: {bans}");
        let record = &records(&server, &alice, "ban.user")[0];
        assert_eq!(
            (&record["outcome"], &record["code"], &record["details"]["elevation"]),
            (&json!("refused"), &json!("elevation-ended"), &json!(id)),
            "{ending}"
        );
    }
    until("its end is recorded", || !records(&server, &alice, "elevation.expired").is_empty());
    let record = &records(&server, &alice, "elevation.expired")[0];
    assert_eq!(
        (&record["actor"]["kind"], &record["target"]["id"]),
        (&json!("system"), &json!(ZED))
    );
    assert_eq!(record["details"]["was"], "approved");
}

#[test]
fn a3_rights_are_made_longer_by_nothing_and_end_for_the_day() {
    let server = Server::unlimited(&[]);
    let (alice, zed) = (server.token("alice", &["admin"]), server.token(ZED, &[]));
    for (reason, minutes) in [("too short", 5), (REASON, 0), (REASON, 61), ("          x", 5)] {
        let order = json!({ "reason": reason, "minutes": minutes });
        let refused = server.post_as(&zed, "/api/elevations", &order);
        assert_eq!(code(refused), "invalid-request", "{order}");
    }
    let late = asked(&server, &zed, 60);
    pass(&server, 60);
    assert_eq!(code(step(&server, &alice, &late, "approve")), "conflict", "an hour is over");
    for _ in 0..4 {
        let id = asked(&server, &zed, 60);
        let (status, another, _) = problem(asks(&server, &zed, 60));
        assert_eq!((status, &*another), (409, "conflict"), "one at a time");
        done(step(&server, &alice, &id, "approve"));
        let another = code(asks(&server, &zed, 1));
        assert!(["conflict", "elevation-limit"].contains(&&*another), "nor while it counts");
        assert_eq!(code(step(&server, &alice, &id, "approve")), "conflict", "once");
        pass(&server, 60);
        until("it is over", || !is_admin(&server, &zed));
    }
    assert_eq!(code(asks(&server, &zed, 1)), "elevation-limit");
    let all = done(server.get_as(&alice, "/api/admin/elevations?state=expired&limit=3"));
    assert_eq!(all["elevations"].as_array().unwrap().len(), 3);
    let next =
        format!("/api/admin/elevations?state=expired&cursor={}", all["next"].as_str().unwrap());
    let rest = done(server.get_as(&alice, &next));
    assert_eq!((rest["elevations"].as_array().unwrap().len(), &rest["next"]), (2, &Value::Null));
    assert_eq!(code(server.get_as(&zed, "/api/admin/elevations")), "insufficient-role");
    assert_eq!(code(step(&server, &alice, "nothing", "approve")), "not-found");
}

#[test]
fn a3_rights_are_gone_within_a_second_on_another_instance_and_its_streams_are_cut() {
    let mut postgres = PostgresServer::start();
    postgres.run("root", "CREATE ROLE palisade_runtime NOLOGIN").unwrap();
    postgres.run("root", "GRANT palisade_runtime TO owner WITH ADMIN OPTION").unwrap();
    postgres.run("root", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
    let (app, owner) = (postgres.url("app"), postgres.url("owner"));
    let settings = [
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("ADMIN_USERS", "alice"),
        ("DATABASE_URL", &app),
        ("DATABASE_MIGRATE_URL", &owner),
    ];
    let [one, two] = [(); 2].map(|()| Server::unlimited(&settings));
    let token = |user: &str| {
        let (fine, token, errors) =
            run(one.folder.path(), &["token", "--user", user], &settings[..2]);
        assert!(fine, "{errors}");
        token.trim().to_owned()
    };
    let (alice, zed) = (token("alice"), token(ZED));
    // A machine with other work may take longer now and then, but not every time.
    let mut times = (0..3).map(|_| {
        let id = asked(&one, &zed, 10);
        done(step(&one, &alice, &id, "approve"));
        until("the other knows", || is_admin(&two, &zed));
        let stream = lines(follow(&two, &zed));
        done(step(&one, &alice, &id, "withdraw"));
        let withdrawn = Instant::now();
        until("the other knows that, too", || !is_admin(&two, &zed));
        ends(stream);
        withdrawn.elapsed()
    });
    assert!(times.any(|took| took < Duration::from_secs(1)));
    // Who withdraws it on one instance while he acts on the other waits for nobody, and nobody for him.
    let id = asked(&one, &zed, 10);
    done(step(&two, &alice, &id, "approve"));
    until("the first knows", || is_admin(&one, &zed));
    assert_eq!(done(step(&two, &zed, &id, "withdraw"))["state"], "withdrawn");
    until("the first knows that, too", || !is_admin(&one, &zed));
    // Who cannot know whether it was withdrawn lets it count no more.
    let id = asked(&one, &zed, 10);
    done(step(&one, &alice, &id, "approve"));
    postgres.stop();
    until("it rests", || !is_admin(&one, &zed));
    postgres.restart();
    until("it counts again", || is_admin(&one, &zed));
}
