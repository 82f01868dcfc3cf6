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
    let alice = server.token("alice", &["admin"]);
    let refused = "/api/admin/audit?action=organisation.entered&actor=carol&limit=100";
    let audit: Value = server.get_as(&alice, refused).json().unwrap();
    let audit = audit["records"].as_array().unwrap();
    assert_eq!(audit.len(), 14, "each is recorded, whether there is such an organisation or not");
    let told = |record: &Value| (record["outcome"].clone(), record["code"].clone());
    assert!(audit.iter().all(|record| told(record) == told(&audit[0])), "{audit:?}");
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

#[test]
fn an_owner_shares_a_page_and_whoever_it_is_shared_with_does_what_he_may_and_leaves() {
    let server = Server::unlimited(&[]);
    let [alice, eve, victor, mallory] =
        ["bob", "eve", "victor", "mallory"].map(|who| server.token(who, &[]));
    let written = done(ask(&server, &alice, ("POST", "/api/pages"), None, &page("plans")));
    let id = written["id"].as_str().unwrap();
    let one = format!("/api/pages/{id}");
    let all = format!("{one}/collaborators");
    let share = |who: &str, user: &str, role: &str| {
        let role = json!({ "role": role });
        ask(&server, who, ("PUT", &format!("{all}/{user}")), None, &role)
    };
    assert_eq!(problem(ask(&server, &eve, ("GET", &one), None, &Value::Null)).0, 404);
    assert_eq!(problem(share(&eve, "eve", "editor")).0, 404, "what is not hers is not there");
    assert_eq!(done(share(&alice, "eve", "editor"))["role"], "editor");
    assert_eq!(done(share(&alice, "victor", "viewer"))["role"], "viewer");
    assert_eq!(problem(share(&alice, "victor", "owner")).0, 422);
    // An editor edits, and neither shares nor publishes.
    let edited = done(ask(&server, &eve, ("PUT", &one), None, &page("plans")));
    assert_eq!(edited["published"], false);
    assert_eq!(problem(share(&eve, "mallory", "viewer")).0, 403);
    let mut published = page("plans");
    published["published"] = true.into();
    assert_eq!(problem(ask(&server, &eve, ("PUT", &one), None, &published)).0, 403);
    assert_eq!(problem(ask(&server, &victor, ("PUT", &one), None, &page("plans"))).0, 403);
    assert_eq!(problem(ask(&server, &mallory, ("GET", &all), None, &Value::Null)).0, 404);
    let names = |who: &str| {
        let seen = done(ask(&server, who, ("GET", &all), None, &Value::Null));
        let seen = seen["collaborators"].as_array().unwrap().clone();
        seen.iter().map(|one| one["userId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(&alice), names(&victor)),
        (vec!["eve".into(), "victor".into()], vec!["victor".into()])
    );
    // What is published stays so when an editor says nothing of it.
    done(ask(&server, &alice, ("PUT", &one), None, &published));
    assert_eq!(done(ask(&server, &eve, ("PUT", &one), None, &page("plans")))["published"], true);
    let left = ask(&server, &victor, ("DELETE", &format!("{all}/victor")), None, &Value::Null);
    assert_eq!(done(left)["removed"], true);
    assert_eq!(names(&alice), ["eve"]);
}
