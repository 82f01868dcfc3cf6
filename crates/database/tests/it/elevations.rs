//! Admin rights for a while.

use std::{sync::Mutex, time::Duration};

use palisade_core::ManualClock;
use palisade_database::{
    Act, AuditLog, Caller, DatabaseError, DatabaseOptions, ElevationFilter, ElevationState,
    Elevations, PageText, Pages, Users, Visibility,
};

use crate::world::{World, both_by};

const REASON: &str = "the night shift is alone";
const MINUTE: Duration = Duration::from_mins(1);

/// Each database with a clock that the test turns.
async fn both(behaves: impl AsyncFn(&World, &ManualClock)) {
    let clocks = Mutex::new(Vec::new());
    let options = || {
        let clock = ManualClock::new();
        let options = DatabaseOptions::new().clock(clock.clock());
        clocks.lock().unwrap().push(clock);
        options
    };
    let latest = async |world: &World| {
        let clock = clocks.lock().unwrap().pop().unwrap();
        behaves(world, &clock).await;
    };
    both_by(options, latest).await;
}

async fn asked(world: &World, user: &str, id: &str, minutes: i64) {
    let mut act = world.user(user).await;
    act.ask_elevation(id, REASON, minutes).await.unwrap();
    act.commit().await.unwrap();
}

async fn approved(world: &World, id: &str, minutes: i64) {
    let mut act = world.admin().await;
    act.approve_elevation(id, minutes).await.unwrap();
    act.commit().await.unwrap();
}

async fn expired(world: &World, id: &str) {
    let mut act = world.service().await;
    assert!(act.expire_elevation(id).await.unwrap());
    act.commit().await.unwrap();
}

/// Does something that only an admin may see done.
async fn writes(act: &mut Act, id: &str) {
    let text = PageText { slug: id, title: "", body: "", visibility: Visibility::Private };
    act.write_page(id, text).await.unwrap();
}

fn ids(rows: &[palisade_database::ElevationRow]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

#[tokio::test]
async fn a_user_asks_an_admin_gives_and_it_ends() {
    both(async |world, clock| {
        asked(world, "bob", "1", 30).await;
        clock.advance(MINUTE);
        approved(world, "1", 20).await;
        let row = world.user("bob").await.elevation("1").await.unwrap();
        assert_eq!((row.state, row.minutes, row.granted), (ElevationState::Approved, 30, Some(20)));
        assert_eq!(row.approved_by.as_deref(), Some("root"));
        assert_eq!(row.ends_at - row.approved_at.unwrap(), 20 * 60_000);
        let lent = world.service().await.lent_rights().await.unwrap();
        assert_eq!((lent[0].user_id.as_str(), lent[0].ends_at), ("bob", row.ends_at));
        assert_eq!(world.service().await.next_lapse().await.unwrap(), Some(row.ends_at));
        clock.advance(20 * MINUTE);
        // It is over before anybody said so.
        assert!(world.service().await.lent_rights().await.unwrap().is_empty());
        let row = world.user("bob").await.elevation("1").await.unwrap();
        assert_eq!(row.state, ElevationState::Expired);
        assert_eq!(ids(&world.service().await.lapsed_elevations(9).await.unwrap()), ["1"]);
        expired(world, "1").await;
        assert!(!world.service().await.expire_elevation("1").await.unwrap(), "once");
        assert_eq!(world.service().await.next_lapse().await.unwrap(), None);
        let mut service = world.service().await;
        service.clear_elevations(row.ends_at + 1).await.unwrap();
        assert!(matches!(service.elevation("1").await, Err(DatabaseError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a3_nobody_approves_his_own_nor_by_a_right_that_he_has_for_a_while() {
    both(async |world, _| {
        asked(world, "bob", "1", 30).await;
        asked(world, "eve", "2", 30).await;
        approved(world, "2", 30).await;
        for caller in [
            Caller::user("bob"),
            Caller::admin("bob"),
            Caller::user("mallory"),
            // By another such right, and by two who would lift each other.
            Caller::elevated("eve", "2"),
        ] {
            for step in ["approve", "refuse", "withdraw"] {
                let told = format!("{step} by {caller:?}");
                let mut act = world.database.act_as(caller.clone()).await.unwrap();
                let done = match step {
                    "approve" => act.approve_elevation("1", 30).await,
                    "refuse" => act.refuse_elevation("1").await,
                    _ if caller.user_id() == Some("bob") => continue,
                    _ => act.withdraw_elevation("1").await,
                };
                assert!(
                    matches!(done, Err(DatabaseError::Denied | DatabaseError::NotFound)),
                    "{told}: {done:?}"
                );
                act.roll_back().await.unwrap();
            }
        }
        let more = world.admin().await.approve_elevation("1", 31).await;
        assert!(matches!(more, Err(DatabaseError::Invalid)), "{more:?}");
        let admin = world.admin().await.ask_elevation("3", REASON, 5).await;
        assert!(matches!(admin, Err(DatabaseError::Denied)), "{admin:?}");
        let row = world.admin().await.elevation("1").await.unwrap();
        assert_eq!(row.state, ElevationState::Pending);
    })
    .await;
}

#[tokio::test]
async fn a3_what_was_begun_while_a_right_counted_is_not_kept_once_it_ended() {
    both(async |world, clock| {
        asked(world, "bob", "1", 10).await;
        approved(world, "1", 10).await;
        let mut before = world.elevated("bob", "1").await;
        writes(&mut before, "before").await;
        before.commit().await.unwrap();

        let mut during = world.elevated("bob", "1").await;
        writes(&mut during, "during").await;
        clock.advance(10 * MINUTE);
        let kept = during.commit().await;
        assert!(matches!(kept, Err(DatabaseError::Lapsed)), "{kept:?}");
        let begun = world.database.act_as(Caller::elevated("bob", "1")).await.map(drop);
        assert!(matches!(begun, Err(DatabaseError::Lapsed)), "{begun:?}");
        let read = world.database.read_as(Caller::elevated("bob", "1")).await.map(drop);
        assert!(matches!(read, Err(DatabaseError::Lapsed)), "{read:?}");
        let pages = world.user("bob").await.pages(None, 9).await.unwrap();
        assert_eq!(pages.iter().map(|page| page.id.as_str()).collect::<Vec<_>>(), ["before"]);
        // Neither by one that nobody has, nor by another's.
        asked(world, "eve", "2", 10).await;
        approved(world, "2", 10).await;
        for elevation in ["2", "3", ""] {
            let begun = world.database.act_as(Caller::elevated("bob", elevation)).await.map(drop);
            assert!(matches!(begun, Err(DatabaseError::Lapsed)), "{elevation}: {begun:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a3_what_was_begun_before_consent_was_withdrawn_is_not_kept() {
    both(async |world, _| {
        asked(world, "bob", "1", 10).await;
        approved(world, "1", 10).await;
        let is_served = world.postgres.is_some();
        // An embedded database has one who writes at a time: who withdraws waits.
        if is_served {
            let mut during = world.elevated("bob", "1").await;
            writes(&mut during, "during").await;
            let mut admin = world.admin().await;
            admin.withdraw_elevation("1").await.unwrap();
            admin.commit().await.unwrap();
            let kept = during.commit().await;
            assert!(matches!(kept, Err(DatabaseError::Lapsed)), "{kept:?}");
        } else {
            let mut bob = world.user("bob").await;
            bob.withdraw_elevation("1").await.unwrap();
            bob.commit().await.unwrap();
        }
        let begun = world.database.act_as(Caller::elevated("bob", "1")).await.map(drop);
        assert!(matches!(begun, Err(DatabaseError::Lapsed)), "{begun:?}");
        assert!(world.user("bob").await.pages(None, 9).await.unwrap().is_empty());
        let row = world.admin().await.elevation("1").await.unwrap();
        assert_eq!(row.state, ElevationState::Withdrawn);
        let again = world.admin().await.withdraw_elevation("1").await;
        assert!(matches!(again, Err(DatabaseError::Conflict)), "{again:?}");
        let again = world.admin().await.approve_elevation("1", 5).await;
        assert!(matches!(again, Err(DatabaseError::Conflict)), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a3_nothing_makes_a_right_longer_and_no_more_than_four_hours_of_a_day_are_given() {
    both(async |world, clock| {
        asked(world, "bob", "0", 60).await;
        let twice = world.user("bob").await.ask_elevation("x", REASON, 5).await;
        assert!(matches!(twice, Err(DatabaseError::Conflict)), "{twice:?}");
        clock.advance(60 * MINUTE);
        let late = world.admin().await.approve_elevation("0", 5).await;
        assert!(matches!(late, Err(DatabaseError::Conflict)), "{late:?}");
        expired(world, "0").await;
        for (number, minutes) in [(1, 60), (2, 60), (3, 60), (4, 50)] {
            let id = number.to_string();
            asked(world, "bob", &id, minutes).await;
            approved(world, &id, minutes).await;
            let again = world.admin().await.approve_elevation(&id, minutes).await;
            assert!(matches!(again, Err(DatabaseError::Conflict)), "{again:?}");
            clock.advance(Duration::from_secs(u64::try_from(minutes).unwrap() * 60));
            expired(world, &id).await;
        }
        let asked_more = world.user("bob").await.ask_elevation("5", REASON, 11).await;
        assert!(matches!(asked_more, Err(DatabaseError::Exhausted)), "{asked_more:?}");
        asked(world, "bob", "5", 10).await;
        approved(world, "5", 10).await;
        clock.advance(10 * MINUTE);
        expired(world, "5").await;
        let one = world.user("bob").await.ask_elevation("6", REASON, 1).await;
        assert!(matches!(one, Err(DatabaseError::Exhausted)), "{one:?}");
        // What is asked for while there is room is looked at again where it is given.
        clock.advance(Duration::from_hours(20) - MINUTE);
        let one = world.user("bob").await.ask_elevation("6", REASON, 1).await;
        assert!(matches!(one, Err(DatabaseError::Exhausted)), "{one:?}");
        clock.advance(2 * MINUTE);
        asked(world, "bob", "6", 1).await;
        approved(world, "6", 1).await;
        // Another's time is his own.
        asked(world, "eve", "7", 60).await;
    })
    .await;
}

#[tokio::test]
async fn one_user_asks_twenty_times_a_day() {
    both(async |world, _| {
        for number in 0..20 {
            let id = number.to_string();
            asked(world, "bob", &id, 5).await;
            let mut bob = world.user("bob").await;
            bob.withdraw_elevation(&id).await.unwrap();
            bob.commit().await.unwrap();
        }
        let more = world.user("bob").await.ask_elevation("20", REASON, 5).await;
        assert!(matches!(more, Err(DatabaseError::Exhausted)), "{more:?}");
        let long = "x".repeat(501);
        for (reason, minutes) in [("too short", 5), (&*long, 5), (REASON, 0), (REASON, 61)] {
            let asked = world.user("eve").await.ask_elevation("1x", reason, minutes).await;
            assert!(matches!(asked, Err(DatabaseError::Invalid)), "{reason} {minutes}: {asked:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn everybody_sees_his_own_and_admins_all_the_latest_first() {
    both(async |world, clock| {
        for (id, user) in [("1", "bob"), ("2", "eve"), ("3", "carol")] {
            asked(world, user, id, 5).await;
            clock.advance(MINUTE);
        }
        approved(world, "2", 5).await;
        let all = ElevationFilter::new();
        let mut bob = world.user("bob").await;
        assert_eq!(ids(&bob.elevations(&all, None, 9).await.unwrap()), ["1"]);
        assert!(matches!(bob.elevation("2").await, Err(DatabaseError::NotFound)));
        drop(bob);
        assert!(world.nobody().await.elevations(&all, None, 9).await.unwrap().is_empty());
        let mut admin = world.admin().await;
        let first = admin.elevations(&all, None, 2).await.unwrap();
        assert_eq!(ids(&first), ["3", "2"]);
        let behind = Some((first[1].asked_at, first[1].id.clone()));
        assert_eq!(ids(&admin.elevations(&all, behind, 2).await.unwrap()), ["1"]);
        let pending = ElevationFilter::new().in_state(ElevationState::Pending);
        assert_eq!(ids(&admin.elevations(&pending, None, 9).await.unwrap()), ["3", "1"]);
        let of_eve = ElevationFilter::new().of_user("eve");
        assert_eq!(ids(&admin.elevations(&of_eve, None, 9).await.unwrap()), ["2"]);
        drop(admin);
        let mut elevated = world.elevated("eve", "2").await;
        assert_eq!(elevated.elevations(&all, None, 9).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a3_who_is_an_admin_for_a_while_sees_as_one_and_makes_nobody_one_for_good() {
    both(async |world, _| {
        let mut admin = world.admin().await;
        for id in ["bob", "mallory"] {
            admin.know_user(id).await.unwrap();
        }
        admin.commit().await.unwrap();
        asked(world, "bob", "1", 10).await;
        approved(world, "1", 10).await;
        assert_eq!(world.elevated("bob", "1").await.users(None, 9).await.unwrap().len(), 2);
        assert!(world.elevated("bob", "1").await.audit_records(0, 9).await.unwrap().is_empty());
        let role = ["admin".to_owned()];
        let mut act = world.elevated("bob", "1").await;
        let given = act.replace_roles("bob", &role).await;
        assert!(matches!(given, Err(DatabaseError::Denied)), "{given:?}");
        drop(act);
        let known = world.elevated("bob", "1").await.know_user("new").await;
        assert!(matches!(known, Err(DatabaseError::Denied)), "{known:?}");
        for step in ["disable", "enable", "forget"] {
            let mut act = world.elevated("bob", "1").await;
            let done = match step {
                "disable" => act.disable_user("mallory").await,
                "enable" => act.enable_user("mallory").await,
                _ => act.forget_user("mallory").await.map(drop),
            };
            assert!(matches!(done, Err(DatabaseError::Denied)), "{step}: {done:?}");
        }
        let mallory = world.admin().await.user("mallory").await.unwrap().unwrap();
        assert_eq!((mallory.disabled_at, mallory.roles), (None, Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn every_step_is_counted_for_those_who_keep_rights_in_memory() {
    both(async |world, clock| {
        let mut seen = Vec::new();
        let mut look = async || {
            seen.push(world.service().await.elevations_revision().await.unwrap());
        };
        look().await;
        asked(world, "bob", "1", 5).await;
        look().await;
        approved(world, "1", 5).await;
        look().await;
        clock.advance(5 * MINUTE);
        expired(world, "1").await;
        look().await;
        assert!(seen.is_sorted_by(|one, other| one < other), "{seen:?}");
        assert!(world.user("bob").await.elevations_revision().await.is_err());
    })
    .await;
}
