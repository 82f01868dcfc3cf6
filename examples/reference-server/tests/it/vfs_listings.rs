//! Listings of files by a pattern.

use serde_json::{Value, json};

use crate::{
    server::problem,
    vfs_files::{get, put, served},
    vfs_rules::{mount, rule},
};

#[test]
fn a_listing_shows_what_matches_page_by_page_and_nothing_that_is_not_to_be_shown() {
    let (server, alice, bob) = served(&[]);
    let carol = server.token("carol", &[]);
    mount(
        &server,
        &alice,
        &json!({ "name": "docs/inner", "owner": { "user": { "userId": "carol" } } }),
    );
    assert_eq!(put(&server, &carol, "docs/inner/x.md", "hers").status(), 201);
    for name in
        ["a.md", "b.txt", "plans/c.md", "plans/d.md", "plans/e.txt", "secret/f.md", "z%2Bz.md"]
    {
        assert_eq!(put(&server, &bob, &format!("docs/{name}"), name).status(), 201, "{name}");
    }
    let hidden = json!({ "mount": "docs", "kind": "deny", "principal": "anyone", "actions": ["list"], "under": "secret" });
    rule(&server, &alice, &hidden);
    let unread = json!({ "mount": "docs", "kind": "deny", "principal": "anyone", "actions": ["read"], "under": "plans/d.md" });
    rule(&server, &alice, &unread);
    let list = |path: &str, query: &str| -> Value {
        let answer = get(&server, &bob, &format!("{path}?{query}"));
        assert_eq!(answer.status(), 200, "{path} {query}");
        answer.json().unwrap()
    };
    let names = |page: &Value| -> Vec<String> {
        page["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["path"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = list("docs", "glob=**/*.md");
    assert_eq!(names(&all), ["docs/a.md", "docs/plans/c.md", "docs/plans/d.md", "docs/z+z.md"]);
    let [readable, unread] = [&all["files"][1], &all["files"][2]];
    assert_eq!((&readable["length"], unread.as_object().unwrap().len()), (&json!(10), 1), "{all}");
    assert_eq!(
        names(&list("docs/plans", "glob=*")),
        ["docs/plans/c.md", "docs/plans/d.md", "docs/plans/e.txt"]
    );
    assert_eq!(names(&list("docs", "glob=*")), ["docs/a.md", "docs/b.txt", "docs/z+z.md"]);
    let (mut seen, mut query) = (Vec::new(), "glob=**/*.md&limit=1".to_owned());
    loop {
        let page = list("docs", &query);
        seen.extend(names(&page));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("glob=**/*.md&limit=1&cursor={}", next.replace('+', "%2B"));
    }
    assert_eq!(seen, names(&all));
    for path in ["docs/inner?glob=*", "docs/secret?glob=*", "nowhere?glob=*"] {
        assert!([403, 404].contains(&problem(get(&server, &bob, path)).0), "{path}");
    }
    for query in [
        "glob=[z-a]",
        "glob=*&limit=0",
        "glob=*&cursor=..%2Fx",
        "glob=*&cursor=elsewhere/x",
        "limit=1",
        "glob=*&glob=*",
        "page=1",
    ] {
        assert_eq!(problem(get(&server, &bob, &format!("docs?{query}"))).0, 422, "{query}");
    }
    // Where case does not count, a file has one name in all cases, and is shown as it was written.
    mount(
        &server,
        &alice,
        &json!({ "name": "folded", "case": "folded", "owner": { "user": { "userId": "bob" } } }),
    );
    for (name, status) in [("B.md", 201), ("a.md", 201), ("A.MD", 204), ("c.md", 201)] {
        assert_eq!(put(&server, &bob, &format!("folded/{name}"), name).status(), status, "{name}");
    }
    assert_eq!(names(&list("folded", "glob=*.md")), ["folded/A.MD", "folded/B.md", "folded/c.md"]);
    assert_eq!(get(&server, &bob, "folded/a.Md").text().unwrap(), "A.MD");
}
