//! Files: which object is at a path, said by one transaction at a time, and listed without asking the storage.

use palisade_database::{
    Caller, Database, DatabaseError, NewVfsFile, NewVfsMount, VfsCase, VfsDefaultAccess,
    VfsExpected, VfsFiles, VfsMounts, VfsOrphans,
};

use crate::world::{World, both};

pub(crate) const PLAIN: NewVfsMount<'_> = NewVfsMount {
    name: "docs",
    owner: Some("alice"),
    default_access: VfsDefaultAccess::Nothing,
    case: VfsCase::Sensitive,
};

/// The id of an object.
pub(crate) fn id(number: u64) -> String {
    format!("{number:032x}")
}

/// A file of Alice's in `docs`.
pub(crate) fn file<'a>(key: &'a str, object: &'a str) -> NewVfsFile<'a> {
    NewVfsFile {
        mount: "docs",
        key,
        case: VfsCase::Sensitive,
        path: key,
        object,
        length: 3,
        content_type: "text/plain",
        written_by: Some("alice"),
    }
}

pub(crate) async fn mounted(world: &World, name: &str) {
    let mut admin = world.admin().await;
    admin.put_mount(NewVfsMount { name, ..PLAIN }).await.unwrap();
    admin.commit().await.unwrap();
}

pub(crate) async fn noted(world: &World, number: u64) {
    let mut service = world.service().await;
    service.note_orphan(&id(number)).await.unwrap();
    service.commit().await.unwrap();
}

/// Notes an object and puts it, in two transactions, as who writes to a storage in between does.
pub(crate) async fn put_as(
    database: &Database,
    key: &str,
    number: u64,
    expected: VfsExpected<'_>,
) -> Result<Option<String>, DatabaseError> {
    let mut service = database.act_as(Caller::service()).await?;
    service.note_orphan(&id(number)).await?;
    service.commit().await?;
    let mut service = database.act_as(Caller::service()).await?;
    let replaced = service.put_file(file(key, &id(number)), expected).await;
    match replaced {
        Ok(replaced) => service.commit().await.map(|()| replaced),
        Err(error) => service.roll_back().await.and(Err(error)),
    }
}

pub(crate) async fn put_by(
    database: &Database,
    key: &str,
    number: u64,
) -> Result<Option<String>, DatabaseError> {
    put_as(database, key, number, VfsExpected::Any).await
}

pub(crate) async fn put(world: &World, key: &str, number: u64) -> Option<String> {
    put_by(&world.database, key, number).await.unwrap()
}

async fn orphans(world: &World) -> Vec<String> {
    let mut service = world.service().await;
    let mut orphans = service.take_orphans(i64::MAX, 999).await.unwrap();
    service.roll_back().await.unwrap();
    orphans.sort_unstable();
    orphans
}

#[tokio::test]
async fn a_file_is_what_was_put_and_what_it_replaces_is_an_orphan() {
    both(async |world| {
        mounted(world, "docs").await;
        assert_eq!(put(world, "a", 1).await, None);
        let made = world.service().await.file("docs", "a").await.unwrap().unwrap();
        assert_eq!((made.key.as_str(), made.path.as_str(), made.object), ("a", "a", id(1)));
        assert_eq!((made.length, made.content_type.as_str(), made.revision), (3, "text/plain", 1));
        assert_eq!(made.written_by.as_deref(), Some("alice"));
        assert!(orphans(world).await.is_empty());

        noted(world, 2).await;
        let object = id(2);
        let other = NewVfsFile {
            length: 9,
            content_type: "text/css",
            written_by: None,
            ..file("a", &object)
        };
        let mut service = world.service().await;
        let replaced = service.put_file(other, VfsExpected::Present).await.unwrap();
        assert_eq!(replaced, Some(id(1)));
        service.commit().await.unwrap();
        let changed = world.service().await.file("docs", "a").await.unwrap().unwrap();
        assert_eq!((changed.object, changed.length, changed.revision), (id(2), 9, 2));
        assert_eq!((changed.content_type.as_str(), changed.written_by), ("text/css", None));
        assert!(changed.modified_at >= made.modified_at);
        assert_eq!(orphans(world).await, [id(1)]);

        let mut service = world.service().await;
        let removed = service.remove_file("docs", "a", VfsExpected::Any).await.unwrap();
        assert_eq!(removed, Some(id(2)));
        assert_eq!(service.remove_file("docs", "a", VfsExpected::Any).await.unwrap(), None);
        service.commit().await.unwrap();
        assert_eq!(world.service().await.file("docs", "a").await.unwrap(), None);
        assert_eq!(orphans(world).await, [id(1), id(2)]);
    })
    .await;
}

#[tokio::test]
async fn a_file_is_changed_only_where_there_is_what_was_expected() {
    both(async |world| {
        mounted(world, "docs").await;
        put(world, "a", 1).await;
        let (first, other) = (id(1), id(77));
        for (key, expected, fits) in [
            ("a", VfsExpected::Absent, false),
            ("a", VfsExpected::Object(&other), false),
            ("b", VfsExpected::Present, false),
            ("b", VfsExpected::Object(&first), false),
            ("a", VfsExpected::Any, true),
            ("a", VfsExpected::Present, true),
            ("a", VfsExpected::Object(&first), true),
            ("b", VfsExpected::Any, true),
            ("b", VfsExpected::Absent, true),
        ] {
            let mut service = world.service().await;
            service.note_orphan(&id(2)).await.unwrap();
            let put = service.put_file(file(key, &id(2)), expected).await;
            match put {
                Ok(replaced) => assert!(fits && (replaced.is_some() == (key == "a"))),
                Err(error) => assert!(!fits && matches!(error, DatabaseError::Conflict)),
            }
            service.roll_back().await.unwrap();
            let mut service = world.service().await;
            let removed = service.remove_file("docs", key, expected).await;
            match removed {
                Ok(removed) => assert!(fits && (removed.is_some() == (key == "a"))),
                Err(error) => assert!(!fits && matches!(error, DatabaseError::Conflict)),
            }
            service.roll_back().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn an_object_that_was_not_noted_a_mount_that_is_not_there_and_a_key_made_otherwise_are_refused()
 {
    both(async |world| {
        mounted(world, "docs").await;
        noted(world, 1).await;
        put(world, "there", 2).await;
        let (known, unknown, taken) = (id(1), id(9), id(2));
        let long = "k".repeat(2600 - 4 + 1);
        let longest = "k".repeat(1024);
        let wide = "t".repeat(256);
        let good = file("a", &known);
        for (wrong, told) in [
            (file("a", &unknown), "not noted"),
            (file("a", &taken), "the object of another file"),
            (NewVfsFile { mount: "Docs", ..good }, "no such mount"),
            (NewVfsFile { case: VfsCase::Folded, ..good }, "another way to make keys"),
            (NewVfsFile { key: "there", case: VfsCase::Folded, ..good }, "another way, replacing"),
            (NewVfsFile { key: &long, path: &longest, ..good }, "too long"),
            (NewVfsFile { path: &long, ..good }, "too long"),
            (NewVfsFile { key: "", ..good }, "empty"),
            (NewVfsFile { key: "a\0b", ..good }, "a NUL"),
            (NewVfsFile { content_type: &wide, ..good }, "too long"),
            (NewVfsFile { length: u64::MAX, ..good }, "too large"),
        ] {
            let mut service = world.service().await;
            let put = service.put_file(wrong, VfsExpected::Any).await.unwrap_err();
            let invalid = told.starts_with("too") || told == "empty" || told == "a NUL";
            let fits = match put {
                DatabaseError::NotFound => !invalid,
                DatabaseError::Invalid => invalid,
                _ => false,
            };
            assert!(fits, "{told}: {put:?}");
            service.roll_back().await.unwrap();
        }
        assert_eq!(orphans(world).await, [id(1)]);
    })
    .await;
}

#[tokio::test]
async fn the_longest_key_is_kept_also_where_nothing_of_it_can_be_made_shorter() {
    both(async |world| {
        mounted(world, "docs").await;
        let mut state: u64 = 1;
        let key: String = (0..2596)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'!' + u8::try_from((state >> 33) % 94).unwrap())
            })
            .collect();
        noted(world, 1).await;
        let mut service = world.service().await;
        let object = id(1);
        let new = NewVfsFile { path: "a", ..file(&key, &object) };
        service.put_file(new, VfsExpected::Any).await.unwrap();
        assert_eq!(service.file("docs", &key).await.unwrap().unwrap().path, "a");
    })
    .await;
}

#[tokio::test]
async fn files_are_the_services_alone() {
    both(async |world| {
        mounted(world, "docs").await;
        put(world, "a", 1).await;
        noted(world, 2).await;
        for caller in [Caller::admin("root"), Caller::user("alice"), Caller::nobody()] {
            let mut act = world.database.act_as(caller).await.unwrap();
            assert_eq!(act.file("docs", "a").await.unwrap(), None);
            assert!(act.files("docs", None, "", 9).await.unwrap().is_empty());
            assert_eq!(act.files_under("docs", "").await.unwrap(), 0);
            let removed = act.remove_file("docs", "a", VfsExpected::Any).await.unwrap();
            assert_eq!(removed, None);
            let put = act.put_file(file("a", &id(2)), VfsExpected::Any).await;
            assert!(matches!(put, Err(DatabaseError::Denied)), "{put:?}");
            act.roll_back().await.unwrap();
        }
        assert_eq!(world.service().await.file("docs", "a").await.unwrap().unwrap().object, id(1));
    })
    .await;
}

#[tokio::test]
async fn a_put_that_is_dropped_leaves_all_as_it_was() {
    both(async |world| {
        mounted(world, "docs").await;
        put(world, "a", 1).await;
        noted(world, 2).await;
        let mut service = world.service().await;
        service.put_file(file("a", &id(2)), VfsExpected::Any).await.unwrap();
        service.remove_file("docs", "a", VfsExpected::Object(&id(2))).await.unwrap();
        drop(service);
        assert_eq!(world.service().await.file("docs", "a").await.unwrap().unwrap().object, id(1));
        assert_eq!(orphans(world).await, [id(2)]);
    })
    .await;
}

/// Eight who write in turns: each reads what is there, and puts another in its place if it still is.
#[tokio::test]
async fn eight_who_replace_what_they_read_lose_nothing_of_each_other() {
    const EACH: u64 = 6;
    both(async |world| {
        mounted(world, "docs").await;
        put(world, "a", 0).await;
        let writers: Vec<_> = (0..8_u64)
            .map(|writer| {
                let database = world.database.clone();
                tokio::spawn(async move {
                    let (mut done, mut next) = (0, (writer + 1) * 100_000);
                    while done < EACH {
                        let mut service = database.read_as(Caller::service()).await.unwrap();
                        let read = service.file("docs", "a").await.unwrap().unwrap().object;
                        drop(service);
                        next += 1;
                        match put_as(&database, "a", next, VfsExpected::Object(&read)).await {
                            Ok(replaced) => {
                                assert_eq!(replaced, Some(read));
                                done += 1;
                            }
                            Err(DatabaseError::Conflict) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let last = world.service().await.file("docs", "a").await.unwrap().unwrap();
        assert_eq!(last.revision, i64::try_from(1 + 8 * EACH).unwrap());
        assert!(!orphans(world).await.contains(&last.object));
    })
    .await;
}

#[tokio::test]
async fn of_eight_who_make_a_file_at_once_all_come_through_or_the_first_as_they_ask() {
    both(async |world| {
        mounted(world, "docs").await;
        for (key, expected, through) in
            [("any", VfsExpected::Any, 8), ("absent", VfsExpected::Absent, 1)]
        {
            let writers: Vec<_> = (0..8)
                .map(|writer| {
                    let database = world.database.clone();
                    let number = writer + 100 * through;
                    tokio::spawn(async move { put_as(&database, key, number, expected).await })
                })
                .collect();
            let mut come = 0;
            for writer in writers {
                match writer.await.unwrap() {
                    Ok(_) => come += 1,
                    Err(error) => assert!(matches!(error, DatabaseError::Conflict), "{error:?}"),
                }
            }
            assert_eq!(come, through, "{key}");
            let made = world.service().await.file("docs", key).await.unwrap().unwrap();
            assert_eq!(made.revision, i64::try_from(through).unwrap());
        }
        assert_eq!(orphans(world).await.len(), 14);
    })
    .await;
}
