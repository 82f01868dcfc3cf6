//! Rules that are taken over one by one as they come and go: they say what all of them say that are read at once.

use serde_json::{Value, json};

use crate::{
    server::{Server, until},
    two_servers::Site,
    vfs_rules::{mount, rule},
};

/// So many rules come or go.
const CHANGES: usize = 90;
const USERS: [&str; 4] = ["u0", "u1", "u2", "u3"];
const PATHS: [&str; 6] =
    ["docs/a", "docs/a/b.md", "docs/a/b/c", "docs/x.md", "open/a/b", "open/z.md"];
const ACTIONS: [&str; 4] = ["read", "write", "list", "delete"];

/// Numbers that look like chance, and are the same each time.
struct Chance(u64);

// === impl Chance ===

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap() % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Some rule.
    fn rule(&mut self) -> Value {
        let principal = match self.below(6) {
            0 => json!("anyone"),
            1 => json!({ "role": "editor" }),
            _ => json!({ "user": { "userId": self.one(&USERS) } }),
        };
        let mut rule = json!({ "mount": self.one(&["docs", "open"]), "principal": principal });
        let kind = self.one(&["grant", "grant", "grant", "deny", "revoke"]);
        rule["kind"] = kind.into();
        if kind != "revoke" {
            rule["actions"] = json!([self.one(&ACTIONS)]);
        }
        match self.below(3) {
            0 => rule["under"] = self.one(&["a", "a/b", "z.md"]).into(),
            1 => rule["matching"] = self.one(&["**/*.md", "a/*", "**"]).into(),
            _ => {}
        }
        rule
    }
}

/// What a server answers to every question.
fn answers(server: &Server, admin: &str) -> Vec<String> {
    let mut answers = Vec::new();
    for user in USERS {
        for path in PATHS {
            for action in ACTIONS {
                let query = format!("user={user}&roles=editor&path={path}&action={action}");
                let said = server.get_as(admin, &format!("/api/admin/vfs/explain?{query}"));
                let said: Value = said.json().unwrap();
                answers.push(format!("{query}: {} {}", said["allowed"], said["refusedWith"]));
            }
        }
    }
    answers
}

/// Has rules come and go by these servers, and says which came last. A mount changes in between.
fn change(servers: &[&Server], admin: &str) {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut ids = Vec::new();
    for name in ["docs", "open"] {
        mount(servers[0], admin, &json!({ "name": name }));
    }
    for number in 0..CHANGES {
        let server = servers[chance.below(servers.len())];
        if number == CHANGES / 2 {
            mount(server, admin, &json!({ "name": "open", "defaultAccess": "read" }));
        }
        if ids.len() < 5 || chance.below(5) < 3 {
            ids.push(rule(server, admin, &chance.rule()));
        } else {
            let id: String = ids.swap_remove(chance.below(ids.len()));
            let path = format!("/api/admin/vfs/rules/{id}");
            let gone = server.request("DELETE", &path).bearer_auth(admin).send().unwrap();
            assert_eq!(gone.status(), 204);
        }
    }
}

/// How often rules were taken over one by one, and how often all of them were read.
fn taken(server: &Server) -> (usize, usize) {
    let log = server.log();
    let count = |words: &str| log.matches(words).count();
    (count("rules of files came and went"), count("the rules of files are read anew"))
}

#[test]
fn what_two_servers_follow_of_each_others_rules_is_what_a_third_reads_at_once() {
    let site = Site::new(&[
        ("LOG_LEVEL", "info,palisade_server=debug"),
        ("RATE_LIMIT_ENABLED", "false"),
        ("ADMIN_RATE_LIMIT_MAX", "100000"),
    ]);
    let (a, b) = (site.start(), site.start());
    let alice = site.token(&a, "alice");
    change(&[&a, &b], &alice);
    let fresh = site.start();
    let all = answers(&fresh, &alice);
    let allowed = all.iter().filter(|answer| answer.ends_with("true null")).count();
    assert!(allowed > 5 && allowed < all.len() - 5, "{allowed}: this shows nothing");
    for server in [&a, &b] {
        until("it knows as much", || answers(server, &alice) == all);
        let (followed, anew) = taken(server);
        assert!(followed >= 20 && anew <= 6, "{followed} {anew}");
    }
    assert_eq!(taken(&fresh).0, 0, "it has read all of them");
}

#[test]
fn so_it_is_with_the_database_of_one_server() {
    let settings = [("LOG_LEVEL", "info,palisade_server=debug")];
    let server = Server::unlimited(&settings);
    let alice = server.token("alice", &["admin"]);
    change(&[&server], &alice);
    let (followed, anew) = taken(&server);
    assert!(followed >= CHANGES / 2 && anew <= 4, "{followed} {anew}");
    let all = answers(&server, &alice);
    let settings = [&settings[..], &[("RATE_LIMIT_ENABLED", "false")]].concat();
    let server = Server::start_in(server.kill(), &settings);
    assert_eq!(answers(&server, &alice), all);
}
