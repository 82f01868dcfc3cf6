//! The book of bans: what is lost, what is full, and who has the last word.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use palisade_autoban::{AutoBan, Ban, BanChange, BanExchange, BanOrder, BanTarget};
use palisade_core::ManualClock;
use palisade_redis::{Redis, RedisBans, RedisOptions, RedisState};
use palisade_test_support::{RedisServer, SecurityLog, SlowProxy, until};

use crate::{
    bans::{CLIENT, Instance, at_last, options, wall},
    shared::connected,
};

const HOUR: Duration = Duration::from_secs(3600);

fn ip(number: u32) -> String {
    std::net::Ipv4Addr::from(0xCB00_7100 + number).to_string()
}

fn entries(server: &RedisServer) -> i64 {
    server.number(&["HLEN", "palisade:{bans}:book"])
}

/// A bulk string of Redis without its header.
fn text(answer: &str) -> String {
    answer.lines().nth(1).unwrap().to_owned()
}

/// Nobody hears any more what is published: what is in the book must do.
fn silence(server: &RedisServer) {
    server.command(&["ACL", "SETUSER", "default", "-subscribe"]);
    server.command(&["CLIENT", "KILL", "TYPE", "pubsub"]);
    let script = "return redis.call('PUBSUB', 'NUMSUB', 'palisade:bans')[2]";
    until("silence", || server.number(&["EVAL", script, "0"]) == 0);
}

/// A change as an instance would tell it.
fn ban(by: &str, since: SystemTime, lasts: Duration) -> BanChange {
    let mut ban: Ban = serde_json::from_str(&format!(
        r#"{{"value":"{CLIENT}","by":"{by}","since":"2026-01-01T00:00:00Z"}}"#
    ))
    .unwrap();
    (ban.since, ban.until) = (since, Some(since + lasts));
    BanChange::new(BanTarget::ip(CLIENT).unwrap(), Some(ban), since)
}

fn lift(at: SystemTime) -> BanChange {
    BanChange::new(BanTarget::ip(CLIENT).unwrap(), None, at)
}

/// What a newcomer reads, after these were told one after the other.
async fn in_the_book_after(changes: &[BanChange]) -> Option<Ban> {
    let server = RedisServer::start();
    let redis = connected(&server.url(), options()).await;
    let bans = RedisBans::new(&redis);
    for change in changes {
        bans.changed(change);
        assert_eq!(bans.flush(Duration::from_secs(20)).await, 0);
    }
    let newcomer = Instance::start(&server.url()).await;
    // Behind all that is in the book.
    newcomer.ban("203.0.113.99");
    at_last("the last of it", || newcomer.bans.stats().published == 1).await;
    newcomer.auto_ban.bans().ips.into_iter().find(|ban| ban.value == CLIENT)
}

async fn cut(proxy: &SlowProxy, instances: &[&Instance]) {
    proxy.delays(Duration::from_millis(700));
    for instance in instances {
        at_last("an outage", || instance.redis.status().state == RedisState::Down).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_that_lost_bans_is_made_up_for_though_new_ones_were_written_first() {
    let server = RedisServer::start();
    let proxy = server.slow(Duration::ZERO);
    let options = options().deadline(Duration::from_millis(300));
    let one = || async { Instance::with(connected(&proxy.url(), options.clone()).await) };
    let (a, b) = (one().await, one().await);
    for number in 1..=3 {
        a.ban(&ip(number));
        at_last("the ban", || b.bans_ip(&ip(number))).await;
    }
    silence(&server);
    cut(&proxy, &[&a, &b]).await;
    // The one that takes over had the first of the three alone.
    let lost = "local last = redis.call('ZRANGE', KEYS[1], 1, 2)
        redis.call('HDEL', KEYS[2], unpack(last)) redis.call('ZREM', KEYS[1], unpack(last))
        return redis.call('HSET', KEYS[3], 'n', 1)";
    let keys = ["palisade:{bans}:log", "palisade:{bans}:book", "palisade:{bans}:version"];
    server.command(&["EVAL", lost, "3", keys[0], keys[1], keys[2]]);
    assert_eq!(entries(&server), 1);
    b.ban(&ip(4));
    b.ban(&ip(5));
    proxy.delays(Duration::ZERO);
    at_last("all five in the book", || entries(&server) == 5).await;
    at_last("both at the other one", || a.bans_ip(&ip(4)) && a.bans_ip(&ip(5))).await;
    let newcomer = Instance::start(&server.url()).await;
    at_last("all five at a newcomer", || (1..=5).all(|n| newcomer.bans_ip(&ip(n)))).await;
}

#[tokio::test]
async fn what_did_not_fit_among_what_waits_is_told_though_the_book_could_not_be_read_at_first() {
    let server = RedisServer::start();
    let a = Instance::start(&server.url()).await;
    a.ban(&ip(0));
    at_last("the ban", || a.bans.stats().heard >= 1).await;
    // Only the log is out of order, which is no outage of Redis.
    server.command(&["SET", "palisade:{bans}:log", "nonsense"]);
    server.command(&["HSET", "palisade:{bans}:version", "n", "1000"]);
    let before = a.redis.status().failures;
    for number in 1..17_000 {
        a.ban(&ip(number));
    }
    at_last("some failures", || a.redis.status().failures > before + 3).await;
    assert_eq!(a.redis.status().state, RedisState::Up);
    server.command(&["DEL", "palisade:{bans}:log"]);
    at_last("all of them", || entries(&server) == 17_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_of_nonsense_in_the_book_stops_nobody() {
    let server = RedisServer::start();
    let first = Instance::start(&server.url()).await;
    first.ban(CLIENT);
    at_last("the ban", || entries(&server) == 1).await;
    drop(first);
    let field = "return redis.call('HKEYS', 'palisade:{bans}:book')[1]";
    let field = text(&server.command(&["EVAL", field, "0"]));
    // Neither a text nor an entry, and one that only begins like one.
    let nonsense = "redis.call('FLUSHALL')
        redis.call('HSET', KEYS[1], ARGV[1], '\\255 nonsense', 'other', 'ban 1 0 \\255')
        redis.call('ZADD', KEYS[2], 1, ARGV[1], 2, 'other', 'inf', 'endless')
        return redis.call('HSET', KEYS[3], 'n', 2)";
    let keys = ["palisade:{bans}:book", "palisade:{bans}:log", "palisade:{bans}:version"];
    server.command(&["EVAL", nonsense, "3", keys[0], keys[1], keys[2], &field]);
    let (a, b) = (Instance::start(&server.url()).await, Instance::start(&server.url()).await);
    silence(&server);
    a.ban(CLIENT);
    a.ban(&ip(1));
    at_last("both bans", || b.bans_ip(CLIENT) && b.bans_ip(&ip(1))).await;
    b.ban(&ip(2));
    at_last("one of the other's", || a.bans_ip(&ip(2))).await;
    assert!(b.bans.stats().unreadable > 0);
}

#[tokio::test]
async fn a_ban_for_which_redis_has_no_room_is_said_in_the_log_and_not_once_for_each() {
    let log = SecurityLog::start();
    let clock = ManualClock::new();
    let server = RedisServer::start();
    let redis = connected(&server.url(), options().clock(clock.clock())).await;
    let a = Instance::sharing(redis.clone(), RedisBans::with_room(&redis, 2));
    let said = || log.of("bans.not-shared");
    for number in 1..=2 {
        a.ban(&ip(number));
    }
    at_last("two bans", || a.bans.stats().published == 2).await;
    assert!(said().is_empty());
    a.ban(&ip(3));
    at_last("one too many", || a.bans.stats().without_room == 1).await;
    assert!(a.bans_ip(&ip(3)) && entries(&server) == 2);
    assert!(matches!(&said()[..], [line] if line.contains("bans=1 ")), "{:?}", said());
    for number in 4..=9 {
        a.ban(&ip(number));
    }
    at_last("six more", || a.bans.stats().without_room == 7).await;
    assert_eq!(said().len(), 1);
    clock.advance(Duration::from_secs(60));
    at_last("the others", || said().len() == 2).await;
    assert!(said()[1].contains("bans=6 "), "{:?}", said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_ban_by_a_person_replaces_a_longer_one_and_an_older_one_does_not_come_back() {
    let (t, minute) = (wall(), Duration::from_secs(60));
    let (long, short) = (ban("auto-ban", t, 10 * HOUR), ban("alice", t + minute, HOUR));
    let by = |found: Option<Ban>| found.unwrap().by;
    assert_eq!(by(in_the_book_after(&[long.clone(), short.clone()]).await), "alice");
    let late = [long.clone(), short.clone(), long.clone()];
    assert_eq!(by(in_the_book_after(&late).await), "alice");
    // Of auto-ban's own the longer one holds, and of a person's and a newer one of auto-ban's.
    let newer = ban("auto-ban", t + minute, HOUR);
    let found = in_the_book_after(&[long.clone(), newer]).await.unwrap();
    assert_eq!(found.until, Some(t + 10 * HOUR));
    let newest = ban("auto-ban", t + 2 * minute, 10 * HOUR);
    assert_eq!(by(in_the_book_after(&[short, newest]).await), "auto-ban");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_ban_and_a_lift_of_the_same_date_the_lift_holds_whichever_comes_first() {
    let (t, later) = (wall(), Duration::from_secs(1));
    let both = [ban("alice", t, HOUR), lift(t)];
    assert_eq!(in_the_book_after(&both).await, None);
    let [ban_first, lift_first] = both;
    assert_eq!(in_the_book_after(&[lift_first, ban_first.clone()]).await, None);
    let newer = [lift(t), ban("alice", t + later, HOUR)];
    assert!(in_the_book_after(&newer).await.is_some());
    assert!(in_the_book_after(&[lift(t), ban_first, newer[1].clone()]).await.is_some());
}

#[tokio::test]
async fn a_server_that_ends_tells_what_waits_and_hears_how_much_it_could_not() {
    let mut server = RedisServer::start();
    let redis = connected(&server.url(), options()).await;
    // Nobody follows: what is told is told by this alone.
    let bans = RedisBans::new(&redis);
    let auto_ban = AutoBan::builder().exchange(Arc::new(bans.clone())).build().unwrap();
    for number in 0..500 {
        auto_ban.ban_ip(&ip(number), BanOrder::by("alice")).unwrap();
    }
    assert_eq!(bans.stats().waiting, 500);
    assert_eq!(bans.flush(Duration::from_secs(20)).await, 0);
    assert_eq!(entries(&server), 500);
    server.kill();
    auto_ban.ban_ip(&ip(1000), BanOrder::by("alice")).unwrap();
    let flushed = tokio::time::timeout(Duration::from_secs(20), async {
        bans.flush(Duration::from_millis(50)).await
    });
    assert_eq!(flushed.await.unwrap(), 1);
    server.restart();
    assert_eq!(bans.flush(Duration::from_secs(20)).await, 0);
    assert_eq!(entries(&server), 1);
    let never = Redis::connect("redis://127.0.0.1:1", RedisOptions::default()).unwrap();
    assert_eq!(RedisBans::new(&never).flush(Duration::ZERO).await, 0);
}
