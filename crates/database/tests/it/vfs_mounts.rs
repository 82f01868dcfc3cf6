//! Mounts: who keeps them, and what becomes of what is in them.

use palisade_database::{
    Act, Caller, Database, DatabaseError, NewVfsMount, NewVfsRule, VfsCase, VfsDefaultAccess,
    VfsFiles, VfsMountRemoval, VfsMountRow, VfsMounts, VfsOrphans, VfsRuleKind, VfsRules, VfsScope,
};

use crate::{
    vfs_files::{PLAIN, id, mounted, put},
    world::{World, both},
};

fn named(name: &str) -> NewVfsMount<'_> {
    NewVfsMount { name, ..PLAIN }
}

async fn names(mut act: Act) -> Vec<String> {
    act.mounts(None, 99).await.unwrap().into_iter().map(|mount| mount.name).collect()
}

async fn revision(database: &Database) -> i64 {
    let mut service = database.read_as(Caller::service()).await.unwrap();
    service.vfs_revision().await.unwrap()
}

#[tokio::test]
async fn admins_and_the_service_keep_mounts_and_nobody_else_knows_of_any() {
    both(async |world| {
        mounted(world, "docs").await;
        let mut service = world.service().await;
        service.put_mount(named("tmp")).await.unwrap();
        service.commit().await.unwrap();
        assert_eq!(names(world.admin().await).await, ["docs", "tmp"]);
        assert_eq!(names(world.service().await).await, ["docs", "tmp"]);
        assert_eq!(world.admin().await.mounts(Some("docs"), 9).await.unwrap().len(), 1);
        for caller in [Caller::user("alice"), Caller::nobody()] {
            let mut act = world.database.act_as(caller.clone()).await.unwrap();
            assert!(act.mounts(None, 9).await.unwrap().is_empty());
            assert_eq!(act.mount("docs").await.unwrap(), None);
            assert!(!act.remove_mount("docs", VfsMountRemoval::WithFiles).await.unwrap());
            let put = act.put_mount(named("hers")).await;
            assert!(matches!(put, Err(DatabaseError::Denied)), "{put:?}");
            act.roll_back().await.unwrap();
            let mut act = world.database.act_as(caller).await.unwrap();
            let put = act.put_mount(named("docs")).await;
            assert!(matches!(put, Err(DatabaseError::Denied)), "{put:?}");
            act.roll_back().await.unwrap();
        }
        assert_eq!(names(world.admin().await).await, ["docs", "tmp"]);
    })
    .await;
}

#[tokio::test]
async fn a_mount_says_what_it_was_told_and_who_made_it() {
    both(async |world| {
        mounted(world, "docs").await;
        let mount = |owner: Option<&'static str>, default_access, case| NewVfsMount {
            name: "docs",
            owner,
            default_access,
            case,
        };
        let mut admin = world.database.act_as(Caller::admin("other")).await.unwrap();
        let made = admin.mount("docs").await.unwrap().unwrap();
        let told = |made: &VfsMountRow| (made.owner.clone(), made.default_access, made.case);
        assert_eq!(
            told(&made),
            (Some("alice".into()), VfsDefaultAccess::Nothing, VfsCase::Sensitive)
        );
        assert_eq!(made.created_by.as_deref(), Some("root"));
        admin.put_mount(mount(None, VfsDefaultAccess::Read, VfsCase::Folded)).await.unwrap();
        admin.commit().await.unwrap();
        let changed = world.service().await.mount("docs").await.unwrap().unwrap();
        assert_eq!(told(&changed), (None, VfsDefaultAccess::Read, VfsCase::Folded));
        assert_eq!((changed.created_at, changed.created_by), (made.created_at, made.created_by));
        let mut service = world.service().await;
        service.put_mount(named("tmp")).await.unwrap();
        assert_eq!(service.mount("tmp").await.unwrap().unwrap().created_by, None);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_empty_too_long_or_has_a_nul_is_refused_alike() {
    both(async |world| {
        for name in [String::new(), "n".repeat(1025), "ä".repeat(513), "a\0b".to_owned()] {
            let mut admin = world.admin().await;
            let put = admin.put_mount(named(&name)).await;
            assert!(matches!(put, Err(DatabaseError::Invalid)), "{name:?}: {put:?}");
            admin.roll_back().await.unwrap();
        }
        let mut admin = world.admin().await;
        admin.put_mount(named(&"n".repeat(1024))).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_mount_with_files_stays_unless_they_are_to_go_with_it() {
    both(async |world| {
        mounted(world, "docs").await;
        put(world, "a", 1).await;
        put(world, "b", 2).await;
        let mut admin = world.admin().await;
        let kept = admin.remove_mount("docs", VfsMountRemoval::IfEmpty).await;
        assert!(matches!(kept, Err(DatabaseError::Conflict)), "{kept:?}");
        admin.roll_back().await.unwrap();

        let mut admin = world.admin().await;
        assert!(admin.remove_mount("docs", VfsMountRemoval::WithFiles).await.unwrap());
        admin.roll_back().await.unwrap();
        assert_eq!(world.service().await.files_under("docs", "").await.unwrap(), 2);
        assert!(world.service().await.take_orphans(i64::MAX, 9).await.unwrap().is_empty());

        let mut admin = world.admin().await;
        assert!(admin.remove_mount("docs", VfsMountRemoval::WithFiles).await.unwrap());
        assert!(!admin.remove_mount("docs", VfsMountRemoval::WithFiles).await.unwrap());
        admin.commit().await.unwrap();
        let mut service = world.service().await;
        assert_eq!(service.mount("docs").await.unwrap(), None);
        assert_eq!(service.file("docs", "a").await.unwrap(), None);
        assert_eq!(service.take_orphans(i64::MAX, 9).await.unwrap(), [id(1), id(2)]);
        service.roll_back().await.unwrap();

        mounted(world, "docs").await;
        let mut admin = world.admin().await;
        assert!(admin.remove_mount("docs", VfsMountRemoval::IfEmpty).await.unwrap());
        admin.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn no_file_is_lost_that_is_put_while_its_mount_is_removed() {
    both(async |world| {
        for round in 0..10_u64 {
            mounted(world, "docs").await;
            put(world, "a", round * 100).await;
            let putting: Vec<_> = (1..5)
                .map(|number| {
                    let database = world.database.clone();
                    tokio::spawn(async move {
                        let number = round * 100 + number;
                        let key = if number % 2 == 0 { "a" } else { "b" };
                        crate::vfs_files::put_by(&database, key, number).await.is_ok()
                    })
                })
                .collect();
            let mut admin = world.admin().await;
            let removed = admin.remove_mount("docs", VfsMountRemoval::WithFiles).await;
            assert!(matches!(removed, Ok(true)), "{removed:?}");
            admin.commit().await.unwrap();
            for task in putting {
                task.await.unwrap();
            }
            // Put or refused: each object is an orphan now, and none a file.
            let mut service = world.service().await;
            assert_eq!(service.files_under("docs", "").await.unwrap(), 0);
            let orphans = service.take_orphans(i64::MAX, 99).await.unwrap();
            assert_eq!(orphans.len(), 5, "{orphans:?}");
            for orphan in orphans {
                assert!(service.forget_orphan(&orphan).await.unwrap());
            }
            service.commit().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn how_keys_are_made_does_not_change_while_there_are_any() {
    both(async |world| {
        mounted(world, "docs").await;
        put(world, "a", 1).await;
        let folded = NewVfsMount { case: VfsCase::Folded, ..named("docs") };
        let mut admin = world.admin().await;
        let changed = admin.put_mount(folded).await;
        assert!(matches!(changed, Err(DatabaseError::Conflict)), "{changed:?}");
        admin.roll_back().await.unwrap();
        let mut admin = world.admin().await;
        let read = NewVfsMount { default_access: VfsDefaultAccess::Read, ..named("docs") };
        admin.put_mount(read).await.unwrap();
        admin.commit().await.unwrap();
        assert!(world.service().await.file("docs", "a").await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_revision_grows_with_mounts_and_rules_and_not_with_files() {
    both(async |world| {
        let mut last = revision(&world.database).await;
        let mut grew = async || {
            let now = revision(&world.database).await;
            std::mem::replace(&mut last, now) < now
        };
        mounted(world, "docs").await;
        assert!(grew().await);
        put(world, "a", 1).await;
        put(world, "a", 2).await;
        assert!(!grew().await);
        let rule = NewVfsRule {
            id: "1",
            mount: "docs",
            kind: VfsRuleKind::Deny,
            principal: "anyone",
            actions: "delete",
            scope: &VfsScope::All,
            expires_at: None,
        };
        let mut admin = world.admin().await;
        admin.add_rule(rule).await.unwrap();
        admin.commit().await.unwrap();
        assert!(grew().await);
        let mut admin = world.admin().await;
        admin.remove_rule("1").await.unwrap();
        drop(admin);
        assert!(!grew().await);
        let mut admin = world.admin().await;
        admin.remove_rule("1").await.unwrap();
        admin.commit().await.unwrap();
        assert!(grew().await);
        let mut admin = world.admin().await;
        let read = NewVfsMount { default_access: VfsDefaultAccess::Read, ..named("docs") };
        admin.put_mount(read).await.unwrap();
        admin.commit().await.unwrap();
        assert!(grew().await);
        let mut admin = world.admin().await;
        admin.remove_mount("docs", VfsMountRemoval::WithFiles).await.unwrap();
        admin.commit().await.unwrap();
        assert!(grew().await);
        let asked = world.user("alice").await.vfs_revision().await;
        assert!(matches!(asked, Err(DatabaseError::NotFound)), "{asked:?}");
    })
    .await;
}

/// Mounts are equal where their bytes are.
#[tokio::test]
async fn v6_names_that_only_look_alike_are_of_different_mounts() {
    both(async |world: &World| {
        let alike = ["docs", "Docs", "docs ", "é", "e\u{301}"];
        for name in alike {
            mounted(world, name).await;
        }
        let mut sorted = alike.to_vec();
        sorted.sort_unstable();
        assert_eq!(names(world.admin().await).await, sorted);
        let mut admin = world.admin().await;
        assert!(admin.remove_mount("é", VfsMountRemoval::IfEmpty).await.unwrap());
        admin.commit().await.unwrap();
        assert!(world.admin().await.mount("e\u{301}").await.unwrap().is_some());
    })
    .await;
}
