//! What was done, in the transaction that does it, on both engines: the contract of `palisade-audit`, and what the database adds.

use palisade_audit::{Action, Actor, ActorKind, Event, Outcome, Person, Record, verify};
use palisade_database::{
    AuditFilter, AuditLog, Caller, Database, DatabaseOptions, PageText, Pages, Visibility,
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    contract::{self, log_contract},
    world::{World, both},
};

const TEXT: PageText<'_> =
    PageText { slug: "plans", title: "Plans", body: "", visibility: Visibility::Private };

/// The log as the contract asks for it: whoever calls waits.
struct Waiting {
    runtime: Runtime,
    database: Database,
}

impl contract::Store for Waiting {
    fn append(&self, event: Event) -> Record {
        self.runtime.block_on(async {
            let mut act = self.database.act_as(Caller::user("alice")).await.unwrap();
            let record = act.record(event).await.unwrap();
            act.commit().await.unwrap();
            record
        })
    }

    fn records(&self) -> Vec<Record> {
        self.runtime.block_on(all(&self.database))
    }

    fn erase(&self, person: &Person) -> u64 {
        self.runtime.block_on(async {
            let mut act = self.database.act_as(Caller::admin("root")).await.unwrap();
            let parts = act.erase_person(person).await.unwrap();
            if parts > 0 {
                act.record(Event::erasure(Actor::new(ActorKind::Operator), parts)).await.unwrap();
            }
            act.commit().await.unwrap();
            parts
        })
    }
}

async fn all(database: &Database) -> Vec<Record> {
    let mut act = database.read_as(Caller::service()).await.unwrap();
    let mut records: Vec<Record> = Vec::new();
    loop {
        // A page is read where the last one ended.
        let after = records.last().map_or(0, |last| last.sequence);
        let page = act.audit_records(after, 7).await.unwrap();
        if page.is_empty() {
            // Whoever asks by other means next, and blocks this thread meanwhile, waits for no lock of this one.
            act.roll_back().await.unwrap();
            return records;
        }
        records.extend(page);
    }
}

fn with_each(check: &dyn Fn(&dyn contract::Store)) {
    let runtime = || Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let started = runtime();
    let world = started.block_on(World::embedded());
    check(&Waiting { runtime: started, database: world.database.clone() });
    let started = runtime();
    let world = started.block_on(World::served());
    let waiting = Waiting { runtime: started, database: world.database.clone() };
    check(&waiting);
    waiting.runtime.block_on(world.database.close());
}

log_contract!(with_each);

fn event(action: Action, who: &str) -> Event {
    Event::new(action, Actor::new(ActorKind::User).person(Person::new(who)), Outcome::Done)
}

const WRITTEN: Action = Action::new("page.written");

#[tokio::test]
async fn a2_what_is_done_and_its_record_are_both_kept_or_neither() {
    both(async |world| {
        let mut kept = world.user("alice").await;
        kept.write_page("1", TEXT).await.unwrap();
        kept.record(event(WRITTEN, "alice")).await.unwrap();
        kept.commit().await.unwrap();

        // The action fails behind the record, and the record behind the action.
        let mut failed = world.user("alice").await;
        failed.record(event(WRITTEN, "alice")).await.unwrap();
        failed.write_page("1", TEXT).await.unwrap_err();
        drop(failed);
        let mut failed = world.user("alice").await;
        failed.write_page("2", PageText { slug: "2", ..TEXT }).await.unwrap();
        failed.record(event(WRITTEN, "alice")).await.unwrap();
        drop(failed);

        assert_eq!(all(&world.database).await.len(), 1);
        assert_eq!(world.user("alice").await.pages(None, 9).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn it_is_read_by_admins_and_the_service_alone_and_added_to_by_all() {
    both(async |world| {
        let mut act = world.user("alice").await;
        act.record(event(WRITTEN, "alice")).await.unwrap();
        assert!(act.audit_records(0, 9).await.unwrap().is_empty());
        assert_eq!(act.erase_person(&Person::new("alice")).await.unwrap(), 0);
        act.commit().await.unwrap();
        let mut nobody = world.nobody().await;
        nobody.record(event(WRITTEN, "nobody")).await.unwrap();
        nobody.commit().await.unwrap();
        assert_eq!(world.admin().await.audit_records(0, 9).await.unwrap().len(), 2);
        let (_, head) = world.user("alice").await.audit_head().await.unwrap();
        assert_eq!(head.sequence(), 2);
    })
    .await;
}

#[tokio::test]
async fn it_is_asked_by_who_what_when_and_to_whom() {
    both(async |world| {
        let read = Action::new("secret.read");
        let mut act = world.user("alice").await;
        for (action, who) in
            [(WRITTEN, "alice"), (read, "alice"), (WRITTEN, "bob"), (WRITTEN, "alice")]
        {
            act.record(event(action, who)).await.unwrap();
        }
        act.commit().await.unwrap();
        let numbers = async |filter: AuditFilter, before| -> Vec<u64> {
            let found = world.admin().await.find_audited(&filter, before, 2).await.unwrap();
            found.iter().map(|record| record.sequence).collect()
        };
        assert_eq!(numbers(AuditFilter::default(), None).await, [4, 3]);
        assert_eq!(numbers(AuditFilter::default(), Some(3)).await, [2, 1]);
        let mut filter = AuditFilter::default();
        filter.actor = Some("alice".to_owned());
        filter.action = Some("page.written".to_owned());
        assert_eq!(numbers(filter.clone(), None).await, [4, 1]);
        filter.until = Some(0);
        assert!(numbers(filter, None).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a1_past_our_code_it_is_added_to_in_order_and_not_changed_by_trigger_and_grant() {
    let world = World::served().await;
    let mut act = world.user("alice").await;
    for _ in 0..3 {
        act.record(event(WRITTEN, "alice")).await.unwrap();
    }
    act.commit().await.unwrap();
    let before = all(&world.database).await;
    let postgres = world.postgres.as_ref().unwrap();
    let admin = r#"SET request.jwt.claims = '{"sub":"root","role":"authenticated","app_metadata":{"roles":["admin"]}}'"#;
    for statement in [
        "DELETE FROM audit_log WHERE sequence = 3",
        "TRUNCATE audit_log",
        "UPDATE audit_log SET action = 'nothing' WHERE sequence = 1",
        "UPDATE audit_log SET actor_subject = 'bob' WHERE sequence = 1",
        "INSERT INTO audit_log SELECT * FROM audit_log WHERE sequence = 3",
        "INSERT INTO audit_log (sequence, time, action, outcome, actor_kind, previous, hash) SELECT 9, time, action, outcome, actor_kind, previous, hash FROM audit_log WHERE sequence = 3",
        "UPDATE audit_identity SET id = id",
    ] {
        for role in ["app", "owner", "root"] {
            let said = postgres.run(role, &format!("{admin}; {statement}"));
            // Where the rules show it no row, the owner changes none without an error.
            assert!(said.is_err() || role != "app", "{statement} as {role}: {said:?}");
        }
        if !statement.contains("audit_identity") {
            assert!(postgres.run("root", statement).is_err(), "{statement} as root");
        }
    }
    assert_eq!(all(&world.database).await, before);
    assert!(verify(&before, &[]).is_whole());
    world.database.close().await;
}

#[tokio::test]
async fn a1_two_connections_of_postgresql_that_add_at_once_make_one_chain() {
    let world = World::served_by(
        palisade_test_support::PostgresServer::start(),
        &DatabaseOptions::new().connections(12),
    )
    .await;
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let database = world.database.clone();
            tokio::spawn(async move {
                let mut act = database.act_as(Caller::user("alice")).await.unwrap();
                let slug = number.to_string();
                act.write_page(&slug, PageText { slug: &slug, ..TEXT }).await.unwrap();
                act.record(event(WRITTEN, "alice")).await.unwrap();
                act.commit().await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let records = all(&world.database).await;
    assert_eq!(records.len(), 60);
    assert!(verify(&records, &[]).is_whole());
    world.database.close().await;
}
