//! Rules of mounts: kept by admins, read in pages.

use palisade_database::{
    Caller, DatabaseError, NewVfsRule, VfsChange, VfsChanges, VfsMountRemoval, VfsMounts,
    VfsRuleKind, VfsRuleRow, VfsRules, VfsScope,
};

use crate::{
    vfs_files::mounted,
    world::{World, both},
};

const RULE: NewVfsRule<'_> = NewVfsRule {
    id: "1",
    mount: "docs",
    kind: VfsRuleKind::Grant,
    principal: r#"{"user":"alice"}"#,
    actions: "read,list",
    scope: &VfsScope::All,
    expires_at: None,
};

fn ids(rules: Vec<VfsRuleRow>) -> Vec<String> {
    rules.into_iter().map(|rule| rule.id).collect()
}

#[tokio::test]
async fn admins_and_the_service_keep_rules_and_nobody_else_knows_of_any() {
    both(async |world| {
        mounted(world, "docs").await;
        let mut admin = world.admin().await;
        admin.add_rule(RULE).await.unwrap();
        admin.commit().await.unwrap();
        let mut service = world.service().await;
        service.add_rule(NewVfsRule { id: "2", ..RULE }).await.unwrap();
        service.commit().await.unwrap();
        for caller in [Caller::user("alice"), Caller::nobody()] {
            let mut act = world.database.act_as(caller).await.unwrap();
            assert!(act.rules(None, 9).await.unwrap().is_empty());
            assert!(act.rules_of("docs", None, 9).await.unwrap().is_empty());
            assert_eq!(act.rule("1").await.unwrap(), None);
            assert!(!act.remove_rule("1").await.unwrap());
            let added = act.add_rule(NewVfsRule { id: "3", ..RULE }).await;
            assert!(matches!(added, Err(DatabaseError::Denied)), "{added:?}");
            act.roll_back().await.unwrap();
        }
        let mut admin = world.admin().await;
        assert_eq!(ids(admin.rules(None, 9).await.unwrap()), ["1", "2"]);
        assert_eq!(admin.rule("2").await.unwrap().unwrap().created_by, None);
        assert!(admin.remove_rule("2").await.unwrap());
        assert!(!admin.remove_rule("2").await.unwrap());
        admin.commit().await.unwrap();
        assert_eq!(ids(world.service().await.rules(None, 9).await.unwrap()), ["1"]);
    })
    .await;
}

#[tokio::test]
async fn a_rule_says_what_it_was_told() {
    both(async |world| {
        mounted(world, "docs").await;
        let mut admin = world.admin().await;
        for (id, kind, scope, expires_at) in [
            ("1", VfsRuleKind::Grant, VfsScope::All, None),
            ("2", VfsRuleKind::Revoke, VfsScope::Under("reports/Ä".into()), Some(7)),
            ("3", VfsRuleKind::Deny, VfsScope::Matching("**/*.md".into()), Some(i64::MAX)),
        ] {
            let rule = NewVfsRule { id, kind, scope: &scope, expires_at, ..RULE };
            admin.add_rule(rule).await.unwrap();
            let kept = admin.rule(id).await.unwrap().unwrap();
            assert_eq!((kept.kind, kept.scope, kept.expires_at), (kind, scope, expires_at));
            let texts = (kept.mount, kept.principal, kept.actions, kept.created_by);
            let root = Some("root".to_owned());
            assert_eq!(texts, ("docs".into(), RULE.principal.into(), RULE.actions.into(), root));
        }
    })
    .await;
}

#[tokio::test]
async fn a_rule_of_no_mount_of_a_taken_id_or_without_words_is_refused_alike() {
    both(async |world| {
        mounted(world, "docs").await;
        let mut admin = world.admin().await;
        admin.add_rule(RULE).await.unwrap();
        admin.commit().await.unwrap();
        let long = VfsScope::Under("p".repeat(1025));
        let nowhere = VfsScope::Under(String::new());
        let other = NewVfsRule { id: "2", ..RULE };
        for (rule, told) in [
            (RULE, "there is one already"),
            (NewVfsRule { mount: "Docs", ..other }, "no such mount"),
            (NewVfsRule { id: "", ..other }, "no id"),
            (NewVfsRule { principal: "", ..other }, "nobody"),
            (NewVfsRule { actions: "", ..other }, "nothing"),
            (NewVfsRule { scope: &long, ..other }, "too long"),
            (NewVfsRule { scope: &nowhere, ..other }, "under nothing"),
        ] {
            let mut admin = world.admin().await;
            let added = admin.add_rule(rule).await.unwrap_err();
            let fits = match told {
                "there is one already" => matches!(added, DatabaseError::Conflict),
                "no such mount" => matches!(added, DatabaseError::NotFound),
                _ => matches!(added, DatabaseError::Invalid),
            };
            assert!(fits, "{told}: {added:?}");
            admin.roll_back().await.unwrap();
        }
        assert_eq!(ids(world.admin().await.rules(None, 9).await.unwrap()), ["1"]);
    })
    .await;
}

#[tokio::test]
async fn rules_are_read_in_pages_of_all_mounts_or_of_one_and_go_with_their_mount() {
    both(async |world| {
        for mount in ["docs", "tmp"] {
            mounted(world, mount).await;
        }
        let mut admin = world.admin().await;
        for number in 0..25 {
            let (id, mount) =
                (format!("{number:02}"), if number % 5 == 0 { "tmp" } else { "docs" });
            admin.add_rule(NewVfsRule { id: &id, mount, ..RULE }).await.unwrap();
        }
        admin.commit().await.unwrap();
        let mut service = world.service().await;
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = ids(service.rules(after.as_deref(), 10).await.unwrap());
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            all.extend(page);
        }
        let expected: Vec<_> = (0..25).map(|number| format!("{number:02}")).collect();
        assert_eq!(all, expected);
        let of_tmp = service.rules_of("tmp", Some("00"), 3).await.unwrap();
        assert_eq!(ids(of_tmp), ["05", "10", "15"]);
        service.roll_back().await.unwrap();
        let mut admin = world.admin().await;
        assert!(admin.remove_mount("tmp", VfsMountRemoval::IfEmpty).await.unwrap());
        admin.commit().await.unwrap();
        assert_eq!(world.admin().await.rules(None, 99).await.unwrap().len(), 20);
    })
    .await;
}

/// What came (+) and went (-) behind a revision; none if all is to be read anew.
async fn changes(world: &World, revision: i64) -> Option<Vec<String>> {
    let found = world.service().await.vfs_changes(revision).await.unwrap()?;
    let told = found.into_iter().map(|change| match change {
        VfsChange::Added(rule) => format!("+{}", rule.id),
        VfsChange::Removed(rule) => format!("-{}", rule.id),
    });
    Some(told.collect())
}

#[tokio::test]
async fn whoever_follows_reads_what_came_and_went_or_that_all_is_to_be_read_anew() {
    both(async |world| {
        mounted(world, "docs").await;
        let revision = async || world.service().await.vfs_revision().await.unwrap();
        let add = async |ids: &[String]| {
            let mut admin = world.admin().await;
            for id in ids {
                admin.add_rule(NewVfsRule { id, ..RULE }).await.unwrap();
            }
            admin.commit().await.unwrap();
        };
        let remove = async |id: &str| {
            let mut admin = world.admin().await;
            assert!(admin.remove_rule(id).await.unwrap());
            admin.commit().await.unwrap();
        };
        let first = revision().await;
        assert_eq!(changes(world, first).await, Some(vec![]));
        add(&["1".into(), "2".into()]).await;
        let second = revision().await;
        remove("1").await;
        add(&["3".into()]).await;
        let mut undone = world.admin().await;
        undone.add_rule(NewVfsRule { id: "4", ..RULE }).await.unwrap();
        undone.roll_back().await.unwrap();
        // What is not there is no change.
        let mut admin = world.admin().await;
        assert!(!admin.remove_rule("9").await.unwrap());
        admin.commit().await.unwrap();
        assert_eq!(changes(world, first).await.unwrap(), ["+1", "+2", "-1", "+3"]);
        assert_eq!(changes(world, second).await.unwrap(), ["-1", "+3"]);
        let told = world.service().await.vfs_changes(second).await.unwrap().unwrap();
        let VfsChange::Removed(gone) = &told[0] else { panic!("it is told what it was") };
        assert_eq!((gone.mount.as_str(), gone.principal.as_str()), ("docs", RULE.principal));
        assert_eq!((gone.kind, &gone.scope), (RULE.kind, &VfsScope::All));

        // A mount, and a revision that was never.
        let third = revision().await;
        assert_eq!(changes(world, third + 1).await, None);
        mounted(world, "other").await;
        assert_eq!(changes(world, second).await, None);
        let fourth = revision().await;
        assert_eq!(changes(world, fourth).await, Some(vec![]));
        // A mount with its rules.
        let mut admin = world.admin().await;
        assert!(admin.remove_mount("docs", VfsMountRemoval::IfEmpty).await.unwrap());
        admin.commit().await.unwrap();
        assert_eq!(changes(world, fourth).await, None);
        // Too long ago.
        mounted(world, "docs").await;
        let fifth = revision().await;
        let ids: Vec<_> = (0..1001).map(|id| format!("m{id}")).collect();
        add(&ids[..1000]).await;
        assert_eq!(changes(world, fifth).await.map(|all| all.len()), Some(1000));
        add(&ids[1000..]).await;
        assert_eq!(changes(world, fifth).await, None);
        assert_eq!(changes(world, fifth + 1).await.map(|all| all.len()), Some(1000));
        // Nobody else follows.
        assert!(world.admin().await.vfs_changes(fifth).await.is_err());
    })
    .await;
}
