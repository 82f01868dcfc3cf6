//! Objects that are no file: found again, whenever whoever wrote them ended.

use std::time::{Duration, UNIX_EPOCH};

use palisade_core::ManualClock;
use palisade_database::{
    Caller, DatabaseError, DatabaseOptions, VfsExpected, VfsFiles, VfsOrphans,
};

use crate::{
    vfs_files::{file, id, mounted, noted},
    world::{World, both, both_by},
};

const HOUR: Duration = Duration::from_secs(3600);

/// The same in a world whose time is at 0.
async fn both_at_0(behaves: impl AsyncFn(&World, &ManualClock)) {
    let clock = ManualClock::at(UNIX_EPOCH);
    let options = || {
        clock.step_wall(UNIX_EPOCH);
        DatabaseOptions::new().clock(clock.clock())
    };
    both_by(options, async |world| behaves(world, &clock).await).await;
}

/// What a sweeper takes that looks for what is older than an hour.
async fn swept(world: &World, clock: &ManualClock) -> Vec<String> {
    let now = i64::try_from(clock.now().unix_seconds()).unwrap() * 1000;
    let mut service = world.service().await;
    let taken = service.take_orphans(now - 3_600_000, 99).await.unwrap();
    service.commit().await.unwrap();
    taken
}

#[tokio::test]
async fn what_was_noted_and_never_put_is_taken_when_it_is_old_enough() {
    both_at_0(async |world, clock| {
        noted(world, 1).await;
        clock.advance(HOUR / 2);
        noted(world, 2).await;
        assert!(swept(world, clock).await.is_empty());
        clock.advance(HOUR * 3 / 4);
        assert_eq!(swept(world, clock).await, [id(1)]);
        clock.advance(HOUR / 2);
        // The first is somebody's who deletes it.
        assert_eq!(swept(world, clock).await, [id(2)]);
        let mut service = world.service().await;
        assert!(service.forget_orphan(&id(2)).await.unwrap());
        assert!(!service.forget_orphan(&id(2)).await.unwrap());
        service.commit().await.unwrap();
        clock.advance(HOUR);
        // He did not come to the end of it.
        assert_eq!(swept(world, clock).await, [id(1)]);
    })
    .await;
}

#[tokio::test]
async fn no_more_are_taken_than_asked_for_and_the_oldest_first() {
    both_at_0(async |world, clock| {
        for number in [5, 3, 9, 1] {
            noted(world, number).await;
            clock.advance(HOUR);
        }
        let mut service = world.service().await;
        assert_eq!(service.take_orphans(i64::MAX, 3).await.unwrap(), [id(5), id(3), id(9)]);
    })
    .await;
}

#[tokio::test]
async fn what_is_taken_becomes_no_file_any_more_and_what_is_a_file_is_not_taken() {
    both_at_0(async |world, clock| {
        mounted(world, "docs").await;
        noted(world, 1).await;
        noted(world, 2).await;
        let mut service = world.service().await;
        service.put_file(file("a", &id(1)), VfsExpected::Any).await.unwrap();
        service.commit().await.unwrap();
        clock.advance(HOUR * 2);
        assert_eq!(swept(world, clock).await, [id(2)]);
        let mut service = world.service().await;
        let late = service.put_file(file("a", &id(2)), VfsExpected::Any).await;
        assert!(matches!(late, Err(DatabaseError::NotFound)), "{late:?}");
        service.roll_back().await.unwrap();
        assert_eq!(world.service().await.file("docs", "a").await.unwrap().unwrap().object, id(1));
    })
    .await;
}

#[tokio::test]
async fn an_object_that_is_a_file_or_noted_or_has_no_such_id_is_not_noted() {
    both(async |world| {
        mounted(world, "docs").await;
        noted(world, 1).await;
        noted(world, 2).await;
        let mut service = world.service().await;
        service.put_file(file("a", &id(1)), VfsExpected::Any).await.unwrap();
        service.commit().await.unwrap();
        for number in [1, 2] {
            let mut service = world.service().await;
            let again = service.note_orphan(&id(number)).await;
            assert!(matches!(again, Err(DatabaseError::Conflict)), "{again:?}");
            service.roll_back().await.unwrap();
        }
        let upper = "A".repeat(32);
        for wrong in ["", "1", "../../etc/passwd", &"g".repeat(32), &"a".repeat(33), &upper] {
            let mut service = world.service().await;
            let noted = service.note_orphan(wrong).await;
            assert!(matches!(noted, Err(DatabaseError::Invalid)), "{wrong}: {noted:?}");
            service.roll_back().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn orphans_are_the_services_alone() {
    both(async |world| {
        noted(world, 1).await;
        for caller in [Caller::admin("root"), Caller::user("alice"), Caller::nobody()] {
            let mut act = world.database.act_as(caller).await.unwrap();
            assert!(act.take_orphans(i64::MAX, 9).await.unwrap().is_empty());
            assert!(!act.forget_orphan(&id(1)).await.unwrap());
            let noted = act.note_orphan(&id(2)).await;
            assert!(matches!(noted, Err(DatabaseError::Denied)), "{noted:?}");
            act.roll_back().await.unwrap();
        }
        assert_eq!(world.service().await.take_orphans(i64::MAX, 9).await.unwrap(), [id(1)]);
    })
    .await;
}

#[tokio::test]
async fn two_who_take_at_once_take_each_object_once() {
    both_at_0(async |world, clock| {
        let mut service = world.service().await;
        for number in 0..100 {
            service.note_orphan(&id(number)).await.unwrap();
        }
        service.commit().await.unwrap();
        clock.advance(HOUR);
        let sweepers: Vec<_> = (0..4)
            .map(|_| {
                let database = world.database.clone();
                tokio::spawn(async move {
                    let service = Caller::service();
                    let mut service = database.act_as(service).await.unwrap();
                    let taken = service.take_orphans(1, 99).await.unwrap();
                    service.commit().await.unwrap();
                    taken
                })
            })
            .collect();
        let mut taken = Vec::new();
        for sweeper in sweepers {
            taken.extend(sweeper.await.unwrap());
        }
        let all = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!((taken.len(), all >= 99), (all, true));
    })
    .await;
}
