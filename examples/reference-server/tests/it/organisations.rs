//! Organisations, and pages in them: who is met there, and by whom nothing is told.

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::server::{Server, problem};

fn ask(
    server: &Server,
    token: &str,
    ask: (&str, &str),
    slug: Option<&str>,
    body: &Value,
) -> Response {
    let request = server.request(ask.0, ask.1).bearer_auth(token);
    let request =
        slug.into_iter().fold(request, |request, slug| request.header("x-org-slug", slug));
    let request = if body.is_null() { request } else { request.json(body) };
    request.send().unwrap()
}

fn done(answer: Response) -> Value {
    assert!(answer.status().is_success(), "{}", answer.text().unwrap());
    answer.json().unwrap()
}

fn founded(server: &Server, token: &str, slug: &str) {
    let order = json!({ "slug": slug, "name": "An organisation" });
    let answer = ask(server, token, ("POST", "/api/orgs"), None, &order);
    assert_eq!(answer.status(), 201, "{slug}");
}

fn page(slug: &str) -> Value {
    json!({ "slug": slug, "title": "Plans", "body": "None yet." })
}

#[test]
fn d3_a_slug_of_others_and_one_of_nobody_answer_alike_in_every_spelling() {
    let server = Server::unlimited(&[]);
    let (bob, carol) = (server.token("bob", &[]), server.token("carol", &[]));
    founded(&server, &bob, "acme");
    let told = |slug: &str, what: (&str, &str), body: &Value| {
        let (status, code, mut body) = problem(ask(&server, &carol, what, Some(slug), body));
        body.as_object_mut().unwrap().remove("instance");
        (status, code, body)
    };
    for (what, body) in
        [(("GET", "/api/pages"), Value::Null), (("POST", "/api/pages"), page("plans"))]
    {
        let nobodys = told("nobodys", what, &body);
        assert_eq!((nobodys.0, &*nobodys.1), (404, "not-found"));
        for slug in ["acme", "ACME", "acme ", "acmé", "acme,acme", ""] {
            assert_eq!(told(slug, what, &body), nobodys, "{what:?} {slug}");
        }
    }
    let twice = server.request("GET", "/api/pages").bearer_auth(&bob);
    let twice = twice.header("x-org-slug", "acme").header("x-org-slug", "acme").send().unwrap();
    let (status, code, _) = problem(twice);
    assert_eq!((status, &*code), (400, "ambiguous-organisation"));
    let members = ask(&server, &carol, ("GET", "/api/orgs/acme/members"), None, &Value::Null);
    assert_eq!(problem(members).0, 404);
    let taken = json!({ "slug": "acme", "name": "x" });
    let (status, code, _) = problem(ask(&server, &carol, ("POST", "/api/orgs"), None, &taken));
    assert_eq!((status, &*code), (409, "conflict"));
}

#[test]
fn members_come_and_go_and_meet_what_belongs_to_their_organisation_alone() {
    let server = Server::unlimited(&[]);
    let (bob, carol) = (server.token("bob", &[]), server.token("carol", &[]));
    founded(&server, &bob, "acme");
    founded(&server, &bob, "other");
    let member = |who: &str, method: &str, user: &str, role: &Value| {
        ask(&server, who, (method, &format!("/api/orgs/acme/members/{user}")), None, role)
    };
    done(member(&bob, "PUT", "carol", &json!({ "role": "member" })));
    let own = done(ask(&server, &carol, ("GET", "/api/orgs"), None, &Value::Null));
    assert_eq!(
        own["organisations"],
        json!([{ "slug": "acme", "name": "An organisation", "role": "member" }])
    );
    assert_eq!(problem(member(&carol, "PUT", "dora", &json!({ "role": "owner" }))).1, "denied");
    assert_eq!(
        problem(member(&bob, "DELETE", "bob", &Value::Null)).1,
        "conflict",
        "one owner stays"
    );

    let write = |token: &str, slug: &str, org: &str| {
        done(ask(&server, token, ("POST", "/api/pages"), Some(org), &page(slug)))["id"].clone()
    };
    let (first, second) = (write(&carol, "hers", "acme"), write(&bob, "his", "other"));
    let ids = |token: &str, org: &str| {
        let pages = done(ask(&server, token, ("GET", "/api/pages"), Some(org), &Value::Null));
        pages["pages"].as_array().unwrap().iter().map(|page| page["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        ids(&bob, "acme"),
        std::slice::from_ref(&first),
        "an owner reads what members write"
    );
    assert_eq!(ids(&bob, "other"), std::slice::from_ref(&second));
    let path = format!("/api/pages/{}", first.as_str().unwrap());
    let read = done(ask(&server, &carol, ("GET", &path), Some("acme"), &Value::Null));
    assert_eq!((&read["body"], &read["owner"]["userId"]), (&json!("None yet."), &json!("carol")));
    assert_eq!(problem(ask(&server, &bob, ("PUT", &path), Some("acme"), &page("x"))).1, "denied");
    assert_eq!(problem(ask(&server, &bob, ("GET", &path), Some("other"), &Value::Null)).0, 404);
    done(ask(&server, &carol, ("PUT", &path), Some("acme"), &page("renamed")));
    assert_eq!(ask(&server, &carol, ("DELETE", &path), Some("acme"), &Value::Null).status(), 204);
    assert_eq!(done(member(&bob, "DELETE", "carol", &Value::Null))["removed"], true);
    let away = ask(&server, &carol, ("GET", "/api/pages"), Some("acme"), &Value::Null);
    assert_eq!(problem(away).0, 404);
}

#[test]
fn d3_an_admin_who_enters_where_he_does_not_belong_is_recorded_with_in_whose_name() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    founded(&server, &bob, "acme");
    done(ask(&server, &bob, ("POST", "/api/pages"), Some("acme"), &page("plans")));
    let pages = done(ask(&server, &alice, ("GET", "/api/pages"), Some("acme"), &Value::Null));
    assert_eq!(pages["pages"].as_array().unwrap().len(), 1);
    let audit: Value = server.get_as(&alice, "/api/admin/audit").json().unwrap();
    let latest = &audit["records"][0];
    assert_eq!(
        (&latest["action"], &latest["actor"]["subject"]),
        (&json!("organisation.entered"), &json!("alice"))
    );
    assert_eq!(latest["onBehalfOf"], json!({ "issuer": "organisation", "subject": "acme" }));
    assert_eq!(audit["records"][1]["action"], "page.written");
    assert_eq!(audit["records"][2]["action"], "organisation.founded");
}
