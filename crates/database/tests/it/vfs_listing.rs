//! Listings of files: in the order of bytes, page by page, in bounded time.

use std::time::{Duration, Instant};

use palisade_database::{
    Caller, Database, DatabaseOptions, NewVfsFile, VfsExpected, VfsFileRow, VfsFiles, VfsMounts,
    VfsOrphans,
};

use crate::{
    vfs_files::{PLAIN, file, id, mounted, put},
    world::both,
};

fn keys(files: Vec<VfsFileRow>) -> Vec<String> {
    files.into_iter().map(|file| file.key).collect()
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
        // A page that looked at all of them would take hundreds of times as long: 200 pages, 1000 folders. How busy the machine is
        // counts for both.
        let bound = at_once * 10 + Duration::from_secs(2);
        assert!(by_pages < bound && by_folders < bound, "{at_once:?} {by_pages:?} {by_folders:?}");
    })
    .await;
}
