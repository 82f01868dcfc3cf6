//! PostgreSQL as the last guard: what a session of the runtime role can do past our code.

use palisade_database::{
    ApiKeyRow, ApiKeys, Caller, CollaboratorRole, Database, DatabaseError, DatabaseOptions,
    Elevations, MemberRole, NewOrder, NewVfsRule, OpenError, Orders, Organisations,
    PageCollaborators, PageText, Pages, SealedSecret, SignOut, SignOuts, StreamTickets,
    TicketBounds, TicketRow, UserSecrets, Users, VfsOrphans, VfsRuleKind, VfsRules, VfsScope,
    Visibility,
};
use palisade_test_support::PostgresServer;

use crate::{
    vfs_files::{id, mounted, put},
    world::World,
};

const TEXT: PageText<'_> =
    PageText { slug: "plans", title: "Plans", body: "", visibility: Visibility::Private };

/// Each table with a row of Alice's, and Mallory is a user like any other.
async fn furnished() -> World {
    let world = World::served().await;
    let mut admin = world.admin().await;
    for id in ["alice", "mallory"] {
        admin.know_user(id).await.unwrap();
    }
    admin.replace_roles("alice", &["editor".to_owned()]).await.unwrap();
    let (key, body) = ("4kq0v7m2x9rt".to_owned(), "alice".to_owned());
    admin.put_api_key(&ApiKeyRow { id: key, body, revision: 1, last_used: None }).await.unwrap();
    let order = ["1", "alice", "bans", "[]"].map(str::to_owned);
    let [number, server, kind, body] = order;
    admin.order(&NewOrder { id: number, server, kind, body }).await.unwrap();
    admin.commit().await.unwrap();
    let mut alice = world.user("alice").await;
    let secret = SealedSecret {
        name: "openai",
        sealed: b"sealed",
        last_characters: None,
        revision: 1,
        key_version: 1,
    };
    alice.put_secret(secret).await.unwrap();
    alice.found("1", "acme", "Acme").await.unwrap();
    alice.put_member("1", "bob", MemberRole::Member).await.unwrap();
    alice.write_page("1", TEXT).await.unwrap();
    alice.share("1", "bob", CollaboratorRole::Viewer).await.unwrap();
    let (user_id, token) = ("alice".to_owned(), Some("a".repeat(64)));
    let sign_out = SignOut { user_id, issuer: None, token, issued_until: None, ends_at: i64::MAX };
    alice.sign_out(&sign_out).await.unwrap();
    alice.ask_elevation("1", "the night shift is alone", 30).await.unwrap();
    alice.commit().await.unwrap();
    let (digest, user_id) = ("b".repeat(64), "alice".to_owned());
    let ticket = TicketRow { digest, user_id, sealed: b"sealed".to_vec(), ends_at: i64::MAX };
    let mut service = world.service().await;
    assert!(service.keep_ticket(&ticket, TicketBounds { of_one: 1, of_all: 1 }).await.unwrap());
    service.commit().await.unwrap();
    mounted(&world, "docs").await;
    let mut admin = world.database.act_as(Caller::admin("alice")).await.unwrap();
    let rule = NewVfsRule {
        id: "1",
        mount: "docs",
        kind: VfsRuleKind::Grant,
        principal: "bob",
        actions: "read",
        scope: &VfsScope::All,
        expires_at: None,
    };
    admin.add_rule(rule).await.unwrap();
    admin.commit().await.unwrap();
    put(&world, "a", 1).await;
    let mut service = world.service().await;
    service.note_orphan(&id(2)).await.unwrap();
    service.commit().await.unwrap();
    world
}

const TABLES: [(&str, &str); 18] = [
    ("users", "id"),
    ("user_roles", "user_id"),
    ("user_secrets", "user_id"),
    ("organisations", "created_by"),
    ("organisation_members", "user_id"),
    ("pages", "owner_id"),
    ("page_collaborators", "user_id"),
    ("api_keys", "body"),
    ("sign_outs", "user_id"),
    ("stream_tickets", "user_id"),
    ("shared_keys", "name"),
    ("orders", "server"),
    ("elevations", "user_id"),
    ("vfs_mounts", "owner"),
    ("vfs_rules", "created_by"),
    ("vfs_files", "written_by"),
    ("vfs_orphans", "object"),
    ("vfs_changes", "principal"),
];

#[tokio::test]
async fn d2_a_raw_session_with_no_claims_or_anothers_sees_and_changes_nothing_table_by_table() {
    let world = furnished().await;
    let postgres = world.postgres.as_ref().unwrap();
    let claims = [
        "",
        "{}",
        r#"{"sub":"mallory","role":"authenticated","app_metadata":{"roles":[]}}"#,
        r#"{"role":"authenticated","app_metadata":{"roles":["admin"]}}"#,
    ];
    for claims in claims {
        for (table, column) in TABLES {
            let own = if table == "users" && claims.contains("mallory") { "1" } else { "0" };
            let said = |statements: &str| {
                let claims = claims.replace('\'', "''");
                let script = format!("SET request.jwt.claims = '{claims}'; {statements}");
                postgres.run("app", &script)
            };
            let counted = said(&format!("SELECT count(*) FROM {table}")).unwrap();
            assert_eq!(counted, own, "{table} read with {claims}");
            // Past the rules' silence: the rows of Alice stay what they are.
            drop(said(&format!("UPDATE {table} SET {column} = {column} || 'x'")));
            drop(said(&format!("DELETE FROM {table} WHERE {column} <> 'mallory'")));
            let kept = postgres.run(
                "root",
                &format!(
                    "SELECT count(*) FROM {table} WHERE {column} IN ('alice', 'bob', 'stream-tickets', '{}')",
                    id(2)
                ),
            );
            assert_ne!(kept.unwrap(), "0", "{table} changed with {claims}");
        }
    }
    for insert in [
        "INSERT INTO user_roles VALUES ('mallory', 'admin', 1)",
        "INSERT INTO users VALUES ('new', 1)",
        "INSERT INTO user_secrets VALUES ('alice', 'x', '', NULL, 1, 1, 1)",
        "INSERT INTO organisations VALUES ('9', 'nine', 'Nine', 'alice', 1)",
        "INSERT INTO organisation_members VALUES ('1', 'mallory', 'owner', 1)",
        "INSERT INTO pages VALUES ('9', NULL, 'alice', 's', 't', 'b', 0, 1, 1)",
        "INSERT INTO page_collaborators VALUES ('1', 'mallory', 'editor', 1)",
        "INSERT INTO api_keys VALUES ('000000000000', 'mine', 1, 1)",
        "INSERT INTO sign_outs VALUES (1, 'alice', NULL, NULL, 9, 9)",
        "SELECT palisade.sign_out_numbered()",
        "INSERT INTO stream_tickets VALUES (repeat('c', 64), 'mallory', '', 9)",
        "INSERT INTO shared_keys VALUES ('stream-tickets', repeat('x', 32)::bytea)",
        "INSERT INTO orders VALUES ('9', 'alice', 'bans', '[]', 1)",
        "INSERT INTO elevations VALUES ('9', 'alice', 'a reason of hers', 5, 'pending', 1, NULL, NULL, NULL, 3600001)",
        "INSERT INTO elevations VALUES ('9', 'mallory', 'approved by herself', 5, 'approved', 1, 'alice', 1, 5, 300001)",
        "INSERT INTO vfs_mounts VALUES ('hers', 'mallory', 'read', 'sensitive', 1)",
        "INSERT INTO vfs_rules VALUES ('9', 'docs', 'grant', 'mallory', 'read', 'all', NULL, NULL, 1)",
        "INSERT INTO vfs_files VALUES ('docs', 'b', 'sensitive', 'b', '00000000000000000000000000000009', 0, 'text/plain', 1, 'mallory', 1)",
        "INSERT INTO vfs_orphans VALUES ('00000000000000000000000000000001', 1)",
        "INSERT INTO vfs_changes VALUES (9, 'added', '9', 'docs', 'grant', 'mallory', 'read', 'all', NULL, NULL, 1)",
        "SELECT palisade.vfs_rules_changed()",
        "UPDATE revisions SET revision = 0",
        "TRUNCATE users CASCADE",
        "DROP TABLE pages",
        "ALTER TABLE pages DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY open ON pages USING (true)",
        "SET ROLE owner",
        "CREATE FUNCTION palisade.is_admin() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    ] {
        for claims in claims {
            let script = format!("SET request.jwt.claims = '{claims}'; {insert}");
            let refused = postgres.run("app", &script);
            assert!(refused.is_err(), "{insert} with {claims}: {refused:?}");
        }
    }
    world.database.close().await;
}

#[tokio::test]
async fn a3_a_raw_session_approves_nothing_of_its_own_makes_nothing_longer_and_no_admin_of_a_right_that_is_lent()
 {
    let world = furnished().await;
    let postgres = world.postgres.as_ref().unwrap();
    let approve = "UPDATE elevations SET state = 'approved', approved_by = 'REST', approved_at = asked_at, granted = 5, ends_at = asked_at + 300000";
    let admin = r#""role":"authenticated","app_metadata":{"roles":["admin"]}"#;
    let said = |who: &str, more: &str, statement: &str| {
        let claims = format!(r#"{{"sub":"{who}",{admin}{more}}}"#);
        let statement = statement.replace("REST", who);
        postgres.run("app", &format!("SET request.jwt.claims = '{claims}'; {statement}"))
    };
    let lent = r#","elevation":"1""#;
    for (who, more, statement) in [
        ("alice", "", approve),
        ("alice", lent, approve),
        ("mallory", lent, approve),
        ("root", "", "UPDATE elevations SET minutes = 60"),
        ("root", "", "UPDATE elevations SET ends_at = ends_at + 1"),
        ("root", "", "UPDATE elevations SET user_id = 'root'"),
        ("root", "", "UPDATE elevations SET state = 'expired', ended_at = ends_at"),
        ("alice", lent, "INSERT INTO user_roles VALUES ('alice', 'admin', 1)"),
        ("alice", lent, "INSERT INTO users VALUES ('new', 1)"),
    ] {
        let refused = said(who, more, statement);
        assert!(refused.is_err(), "{who}{more}: {statement}: {refused:?}");
    }
    drop(said("alice", lent, "DELETE FROM user_roles; UPDATE users SET disabled_at = 1"));
    drop(said("root", "", "DELETE FROM elevations"));
    for (kept, of) in [
        ("1", "user_roles"),
        ("0", "users WHERE disabled_at IS NOT NULL"),
        ("1", "elevations WHERE state = 'pending'"),
    ] {
        let counted = postgres.run("root", &format!("SELECT count(*) FROM {of}")).unwrap();
        assert_eq!(counted, kept, "{of}");
    }
    said("root", "", approve).unwrap();
    for longer in ["granted = 30", "ends_at = ends_at + 1", "approved_at = approved_at + 1"] {
        let refused = said("root", "", &format!("UPDATE elevations SET {longer}"));
        assert!(refused.is_err(), "{longer}: {refused:?}");
    }
    world.database.close().await;
}

#[tokio::test]
async fn d2_a_raw_session_of_an_admin_keeps_mounts_and_neither_sees_files_nor_says_who_made_what() {
    let world = furnished().await;
    let postgres = world.postgres.as_ref().unwrap();
    let said = |statement: &str| {
        let claims = r#"{"sub":"root","role":"authenticated","app_metadata":{"roles":["admin"]}}"#;
        postgres.run("app", &format!("SET request.jwt.claims = '{claims}'; {statement}"))
    };
    for (table, seen) in [
        ("vfs_mounts", "1"),
        ("vfs_rules", "1"),
        ("vfs_files", "0"),
        ("vfs_orphans", "0"),
        ("vfs_changes", "0"),
    ] {
        assert_eq!(said(&format!("SELECT count(*) FROM {table}")).unwrap(), seen, "{table}");
    }
    for statement in [
        "UPDATE vfs_mounts SET name = 'other'",
        "UPDATE vfs_mounts SET created_by = 'root'",
        "UPDATE vfs_rules SET principal = 'root'",
        "UPDATE vfs_mounts SET case_policy = 'folded'",
        "DELETE FROM vfs_mounts",
        "INSERT INTO vfs_files VALUES ('docs', 'b', 'sensitive', 'b', '00000000000000000000000000000009', 0, 'text/plain', 1, 'root', 1)",
        "INSERT INTO vfs_orphans VALUES ('00000000000000000000000000000001', 1)",
        "SELECT palisade.vfs_emptied()",
    ] {
        let refused = said(statement);
        assert!(refused.is_err(), "{statement}: {refused:?}");
    }
    // What is emptied are the real files, whatever stands in their place in this session.
    let shadows = "CREATE TEMP TABLE vfs_files (mount text, object text);
        CREATE TEMP TABLE vfs_orphans (object text, since bigint)";
    said(&format!("{shadows}; UPDATE public.vfs_mounts SET emptied_at = 7")).unwrap();
    assert_eq!(postgres.run("root", "SELECT count(*) FROM vfs_files").unwrap(), "0");
    let noted = postgres.run("root", "SELECT object FROM vfs_orphans WHERE since = 7");
    assert_eq!(noted.unwrap(), id(1));
    world.database.close().await;
}

#[tokio::test]
async fn d2_a_temporary_table_answers_no_rule_in_the_place_of_the_real_one() {
    let world = furnished().await;
    let postgres = world.postgres.as_ref().unwrap();
    let shadows =
        "CREATE TEMP TABLE organisation_members (organisation_id text, user_id text, role text);
        INSERT INTO organisation_members VALUES ('1', 'mallory', 'owner');
        CREATE TEMP TABLE page_collaborators (page_id text, user_id text, role text);
        INSERT INTO page_collaborators VALUES ('1', 'mallory', 'editor');
        CREATE TEMP TABLE audit_identity (id bytea);
        GRANT ALL ON organisation_members, page_collaborators, audit_identity TO PUBLIC;
        SET request.jwt.claims = '{\"sub\":\"mallory\",\"role\":\"authenticated\"}'";
    for (question, answer) in [
        ("SELECT count(*) FROM public.organisations", "0"),
        ("SELECT count(*) FROM public.pages", "0"),
        ("SELECT coalesce(palisade.page_role('1'), 'none')", "none"),
        ("SELECT (palisade.audit_head(false)).log IS NOT NULL", "t"),
    ] {
        let said = postgres.run("app", &format!("{shadows}; {question}")).unwrap();
        assert_eq!(said, answer, "{question}");
    }
    world.database.close().await;
}

#[tokio::test]
async fn an_editor_gives_a_page_to_nobody_else_past_our_code_either() {
    let world = furnished().await;
    let mut alice = world.user("alice").await;
    alice.share("1", "eve", CollaboratorRole::Editor).await.unwrap();
    alice.commit().await.unwrap();
    let postgres = world.postgres.as_ref().unwrap();
    let eve = r#"SET request.jwt.claims = '{"sub":"eve","role":"authenticated"}'"#;
    let edited = postgres
        .run("app", &format!("{eve}; UPDATE pages SET body = 'two' WHERE id = '1' RETURNING body"));
    assert_eq!(edited.unwrap(), "two");
    for change in ["owner_id = 'eve'", "organisation_id = '1'", "id = '2'", "published = 1"] {
        let changed =
            postgres.run("app", &format!("{eve}; UPDATE pages SET {change} WHERE id = '1'"));
        assert!(changed.is_err(), "{change}");
    }
    world.database.close().await;
}

#[tokio::test]
async fn d2_a_role_that_passes_by_the_rules_is_refused_at_the_start() {
    let server = PostgresServer::start();
    let options = DatabaseOptions::new();
    let early = Database::open(&server.url("owner"), &options).await.map(drop);
    assert!(matches!(early, Err(OpenError::OutOfDate)), "{early:?}");
    Database::migrate(&server.url("owner"), &options).await.unwrap();
    // Twice is once.
    Database::migrate(&server.url("owner"), &options).await.unwrap();
    for (role, make, told) in [
        ("root", "SELECT 1", "is a superuser, or may become one"),
        ("owner", "SELECT 1", "owns tables, or may become their owner"),
        (
            "past",
            "CREATE ROLE past LOGIN BYPASSRLS IN ROLE palisade_runtime",
            "has BYPASSRLS, or may become one that has",
        ),
        (
            "heir",
            "CREATE ROLE heir LOGIN NOINHERIT IN ROLE owner, palisade_runtime",
            "owns tables, or may become their owner",
        ),
        (
            "deputy",
            "CREATE ROLE deputy LOGIN NOINHERIT IN ROLE past, palisade_runtime",
            "has BYPASSRLS, or may become one that has",
        ),
    ] {
        server.run("root", make).unwrap();
        let opened = Database::open(&server.url(role), &options).await;
        let Err(error @ OpenError::UnsafeRole { .. }) = opened else {
            panic!("{role}: {opened:?}")
        };
        assert!(error.to_string().contains(told), "{role}: {error}");
        assert!(error.to_string().contains("palisade_runtime"), "{error}");
    }
    server.run("root", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
    server.run("root", "GRANT CREATE ON SCHEMA public TO PUBLIC").unwrap();
    let opened = Database::open(&server.url("app"), &options).await.unwrap_err().to_string();
    assert!(opened.contains("may create things") && opened.contains("Revoke CREATE"), "{opened}");
    server.run("root", "REVOKE CREATE ON SCHEMA public FROM PUBLIC").unwrap();
    for (break_it, mend, told) in [
        (
            "ALTER TABLE pages DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE pages ENABLE ROW LEVEL SECURITY",
            "`pages` has no forced",
        ),
        (
            "ALTER TABLE user_secrets NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE user_secrets FORCE ROW LEVEL SECURITY",
            "`user_secrets` has no forced",
        ),
        (
            "CREATE VIEW all_pages AS SELECT * FROM pages; GRANT SELECT ON all_pages TO PUBLIC",
            "DROP VIEW all_pages",
            "`all_pages` is a view",
        ),
    ] {
        server.run("owner", break_it).unwrap();
        let opened = Database::open(&server.url("app"), &options).await;
        let Err(error @ OpenError::UnguardedTable { .. }) = opened else {
            panic!("{break_it}: {opened:?}")
        };
        assert!(error.to_string().contains(told), "{error}");
        server.run("owner", mend).unwrap();
    }
    server.run("owner", "CREATE VIEW my_pages WITH (security_invoker = true) AS SELECT * FROM pages; GRANT SELECT ON my_pages TO PUBLIC").unwrap();
    Database::open(&server.url("app"), &options).await.unwrap().close().await;
}

#[tokio::test]
async fn a_server_that_ends_and_comes_back_is_a_passing_error_and_nothing_is_half_written() {
    let mut world = World::served().await;
    let mut alice = world.user("alice").await;
    alice.write_page("1", TEXT).await.unwrap();
    world.postgres.as_mut().unwrap().stop();
    let ended = alice.commit().await.unwrap_err();
    assert!(ended.is_passing(), "{ended:?}");
    let down = world.database.act_as(Caller::user("alice")).await.unwrap_err();
    assert!(down.is_passing(), "{down:?}");
    world.postgres.as_mut().unwrap().restart();
    let mut alice = world.user("alice").await;
    assert!(matches!(alice.page("1").await, Err(DatabaseError::NotFound)));
    alice.write_page("1", TEXT).await.unwrap();
    alice.commit().await.unwrap();
    world.database.close().await;
}
