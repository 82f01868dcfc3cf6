//! Files: which object is at a path, said by one transaction at a time, and listed without asking the storage.

use std::time::{Duration, Instant};

use palisade_database::{
    Caller, Database, DatabaseError, DatabaseOptions, NewVfsFile, NewVfsMount, VfsCase,
    VfsDefaultAccess, VfsExpected, VfsFileRow, VfsFiles, VfsMounts, VfsOrphans,
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

fn keys(files: Vec<VfsFileRow>) -> Vec<String> {
    files.into_iter().map(|file| file.key).collect()
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

/// In the order of their bytes.
const IN_ORDER: [&str; 10] = ["A", "B", "a", "a b", "a-b", "a/b", "a0", "b", "ä", "🦀"];

async fn lists_in_the_order_of_bytes(database: &Database) {
    let mut service = database.act_as(Caller::service()).await.unwrap();
    service.put_mount(PLAIN).await.unwrap();
    for (number, key) in (1..).zip(IN_ORDER.iter().rev()) {
        service.note_orphan(&id(number)).await.unwrap();
        service.put_file(file(key, &id(number)), VfsExpected::Absent).await.unwrap();
    }
    assert_eq!(keys(service.files("docs", None, "", 99).await.unwrap()), IN_ORDER);
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = keys(service.files("docs", after.as_deref(), "", 3).await.unwrap());
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        all.extend(page);
    }
    assert_eq!(all, IN_ORDER);
    service.roll_back().await.unwrap();
}

#[tokio::test]
async fn files_are_listed_in_the_order_of_their_bytes_whatever_the_database_thinks_of_letters() {
    both(async |world| {
        lists_in_the_order_of_bytes(&world.database).await;
        let Some(postgres) = &world.postgres else { return };
        let made = "CREATE DATABASE words OWNER owner TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
        postgres.run("root", made).unwrap();
        let url = |role| postgres.url(role).replace("/palisade", "/words");
        let options = DatabaseOptions::new();
        Database::migrate(&url("owner"), &options).await.unwrap();
        let words = Database::open(&url("app"), &options).await.unwrap();
        lists_in_the_order_of_bytes(&words).await;
        words.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_page_holds_what_begins_as_asked_and_goes_on_where_the_last_one_ended() {
    both(async |world| {
        mounted(world, "docs").await;
        mounted(world, "docs2").await;
        let mut service = world.service().await;
        let last = format!("{0}{0}", char::MAX);
        let all = [
            "a",
            "a/b",
            "a/b/c",
            "a/b/\u{10FFFF}",
            "a/c",
            "a0",
            "b",
            "\u{D7FF}",
            "\u{E000}",
            &last,
        ];
        for (number, key) in (1..).zip(all) {
            service.note_orphan(&id(number)).await.unwrap();
            service.put_file(file(key, &id(number)), VfsExpected::Absent).await.unwrap();
        }
        service.note_orphan(&id(99)).await.unwrap();
        let (object, key) = (id(99), "a/other");
        let other = NewVfsFile { mount: "docs2", ..file(key, &object) };
        service.put_file(other, VfsExpected::Absent).await.unwrap();
        for (after, prefix, expected) in [
            (None, "a/", &all[1..5]),
            (None, "a", &all[..6]),
            (Some("a/b"), "a/", &all[2..5]),
            (Some("a/b/\u{10FFFF}"), "a/", &all[4..5]),
            (Some("A"), "a/", &all[1..5]),
            (Some("b"), "a/", &[]),
            (None, "nothing", &[]),
            (None, "\u{D7FF}", &all[7..8]),
            (None, "\u{10FFFF}", &all[9..]),
            (Some("b"), "", &all[7..]),
            (None, "a%", &[]),
            (None, "a_b", &[]),
        ] {
            let found = keys(service.files("docs", after, prefix, 99).await.unwrap());
            assert_eq!(found, expected, "{after:?} {prefix:?}");
            if after.is_none() {
                let counted = service.files_under("docs", prefix).await.unwrap();
                assert_eq!(counted, u64::try_from(expected.len()).unwrap(), "{prefix:?}");
            }
        }
        assert_eq!(keys(service.files("docs", None, "a/", 2).await.unwrap()), all[1..3]);
        assert_eq!(service.files_under("docs", "").await.unwrap(), 10);
        assert_eq!(service.files_under("docs2", "").await.unwrap(), 1);
    })
    .await;
}

/// Keys are equal where their bytes are: a database that takes two for one gives somebody another's file.
#[tokio::test]
async fn v6_keys_that_only_look_alike_are_of_different_files() {
    both(async |world| {
        mounted(world, "docs").await;
        let alike = [
            "é", "e\u{301}", "file", "File", "FILE", "file ", "file\t", "ﬁle", "straße", "strasse",
        ];
        for (number, key) in (1..).zip(alike) {
            assert_eq!(put(world, key, number).await, None, "{key:?}");
        }
        let mut service = world.service().await;
        for (number, key) in (1..).zip(alike) {
            assert_eq!(service.file("docs", key).await.unwrap().unwrap().object, id(number));
        }
        assert_eq!(service.remove_file("docs", "é", VfsExpected::Any).await.unwrap(), Some(id(1)));
        assert_eq!(service.file("docs", "e\u{301}").await.unwrap().unwrap().object, id(2));
        service.roll_back().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_hundred_thousand_files_are_listed_by_pages_in_bounded_time() {
    const ALL: usize = 100_000;
    both(async |world| {
        mounted(world, "docs").await;
        world
            .past_the_rules(
                "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
                INSERT INTO _vfs_files SELECT 'docs', printf('f/%03d/%06d', i % 1000, i), 'sensitive', 'p', lower(hex(randomblob(16))),
                    1, 'text/plain', 1, NULL, 1 FROM n",
                "INSERT INTO vfs_files SELECT 'docs', 'f/' || to_char(i % 1000, 'FM000') || '/' || to_char(i, 'FM000000'), 'sensitive', 'p',
                    md5(i::text), 1, 'text/plain', 1, NULL, 1 FROM generate_series(0, 99999) i",
            )
            .await;
        let mut service = world.database.read_as(Caller::service()).await.unwrap();
        let began = Instant::now();
        let all = service.files("docs", None, "f/", 1_000_000).await.unwrap();
        assert_eq!(all.len(), ALL);
        let at_once = began.elapsed();
        let began = Instant::now();
        let (mut counted, mut after) = (0, String::new());
        loop {
            let page = keys(service.files("docs", Some(&after), "f/", 500).await.unwrap());
            let Some(last) = page.last() else { break };
            assert!(page.is_sorted() && page[0] > after);
            (counted, after) = (counted + page.len(), last.clone());
        }
        assert_eq!(counted, ALL);
        let by_pages = began.elapsed();
        let began = Instant::now();
        // One level of a thousand folders, each left out once its name is known.
        let (mut folders, mut after) = (0, String::new());
        loop {
            let page = keys(service.files("docs", Some(&after), "f/", 1).await.unwrap());
            let Some(first) = page.first() else { break };
            folders += 1;
            after = format!("{}/{}", first.rsplit_once('/').unwrap().0, char::MAX);
        }
        assert_eq!(folders, 1000);
        let by_folders = began.elapsed();
        assert_eq!(service.files_under("docs", "f/007/").await.unwrap(), 100);
        assert_eq!(service.files_under("docs", "").await.unwrap(), ALL as u64);
        println!("at once {at_once:?}, by pages {by_pages:?}, by folders {by_folders:?}");
        // A page that looked at all of them would take hundreds of times as long: 200 pages, 1000 folders. How busy the machine is
        // counts for both.
        let bound = at_once * 10 + Duration::from_secs(2);
        assert!(by_pages < bound && by_folders < bound, "{at_once:?} {by_pages:?} {by_folders:?}");
    })
    .await;
}
