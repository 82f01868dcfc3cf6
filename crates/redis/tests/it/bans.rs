//! Violations and bans that instances share.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use palisade_autoban::{
    AutoBan, BanChange, BanExchange, BanOrder, BanTarget, Evidence, Violation, ViolationCounts,
};
use palisade_core::{TokenDigest, ViolationKind};
use palisade_redis::{Following, Redis, RedisBans, RedisOptions};
use palisade_test_support::{RedisServer, until};

use crate::shared::connected;

pub(crate) const CLIENT: &str = "203.0.113.9";

/// A part of a server that bans.
pub(crate) struct Instance {
    pub(crate) redis: Redis,
    pub(crate) bans: RedisBans,
    pub(crate) auto_ban: AutoBan,
    _following: Following,
}

pub(crate) fn options() -> RedisOptions {
    let pause = Duration::from_millis(20);
    RedisOptions::default().deadline(Duration::from_secs(1)).pauses(pause, 4 * pause)
}

impl Instance {
    pub(crate) async fn start(url: &str) -> Self {
        Self::with(connected(url, options()).await)
    }

    pub(crate) fn with(redis: Redis) -> Self {
        let bans = RedisBans::new(&redis);
        Self::sharing(redis, bans)
    }

    pub(crate) fn sharing(redis: Redis, bans: RedisBans) -> Self {
        let builder = AutoBan::builder().threshold(5).window(Duration::from_secs(60));
        let auto_ban = builder.exchange(Arc::new(bans.clone())).build().unwrap();
        let following = bans.follow(&auto_ban);
        Self { redis, bans, auto_ban, _following: following }
    }

    pub(crate) fn bans_ip(&self, ip: &str) -> bool {
        self.auto_ban.bans().ips.iter().any(|ban| ban.value == ip)
    }

    pub(crate) fn ban(&self, ip: &str) {
        self.auto_ban.ban_ip(ip, BanOrder::by("alice").reason("tests")).unwrap();
    }

    fn violates(&self, ip: &str, times: usize) {
        let target = BanTarget::ip(ip).unwrap();
        let at = SystemTime::UNIX_EPOCH;
        for _ in 0..times {
            let kind = ViolationKind::AuthFailure;
            self.bans.violated(&Violation::new(target.clone(), kind, 1, at));
        }
    }
}

/// Waits for less than the second that a ban may take.
async fn within_a_second(what: &str, is_so: impl Fn() -> bool) {
    let mut turn = tokio::time::interval(Duration::from_millis(5));
    let waiting = async {
        while !is_so() {
            turn.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), waiting).await.expect(what);
}

/// Waits as long as it takes, for what may take longer than a second on a loaded machine.
pub(crate) async fn at_last(what: &str, is_so: impl Fn() -> bool) {
    let mut turn = tokio::time::interval(Duration::from_millis(5));
    for _ in 0..4000 {
        if is_so() {
            return;
        }
        turn.tick().await;
    }
    panic!("it never came: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_is_in_force_everywhere_within_a_second_and_so_is_its_end() {
    let server = RedisServer::start();
    let (a, b) = (Instance::start(&server.url()).await, Instance::start(&server.url()).await);
    for ip in [CLIENT, "203.0.113.10", "2001:db8:1:2::/64"] {
        a.ban(ip);
        within_a_second("the ban", || b.bans_ip(ip)).await;
        let told = b.auto_ban.bans().ips.into_iter().find(|ban| ban.value == ip).unwrap();
        assert_eq!((told.by.as_str(), told.reason.as_deref()), ("alice", Some("tests")));
        assert_eq!(b.auto_ban.unban_ip(ip, "bob").unwrap().len(), 1);
        within_a_second("the lift", || !a.bans_ip(ip)).await;
    }
    a.auto_ban.ban_user("mallory", BanOrder::by("alice")).unwrap();
    a.auto_ban.ban_token("s3cret-token", BanOrder::by("alice")).unwrap();
    within_a_second("user and token", || {
        let bans = b.auto_ban.bans();
        (bans.users.len(), bans.tokens.len()) == (1, 1)
    })
    .await;
    let digest = TokenDigest::of("s3cret-token");
    assert!(b.auto_ban.is_token_banned(&digest, palisade_core::Clock::system().now()));
    let book = server.command(&[
        "EVAL",
        "return table.concat(redis.call('HGETALL', KEYS[1]))",
        "1",
        "palisade:{bans}:book",
    ]);
    assert!(book.contains("mallory") && !book.contains("s3cret"), "{book}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn violations_on_several_instances_are_counted_together_and_ban_once() {
    let server = RedisServer::start();
    let (a, b) = (Instance::start(&server.url()).await, Instance::start(&server.url()).await);
    a.violates(CLIENT, 3);
    b.violates(CLIENT, 2);
    at_last("all five", || a.bans.stats().shared + b.bans.stats().shared == 5).await;
    assert!(!a.bans_ip(CLIENT) && !b.bans_ip(CLIENT), "five are allowed");
    a.violates(CLIENT, 1);
    at_last("the ban", || a.bans_ip(CLIENT) && b.bans_ip(CLIENT)).await;
    // The count begins anew, so what comes late convicts nobody again.
    b.violates(CLIENT, 1);
    at_last("the late one", || a.bans.stats().shared + b.bans.stats().shared == 7).await;
    assert_eq!(a.bans.stats().convicted + b.bans.stats().convicted, 1);
    let ban = b.auto_ban.bans().ips.remove(0);
    let Evidence { violations, weight, .. } = ban.evidence.unwrap();
    assert_eq!((violations, weight), (ViolationCounts::of(ViolationKind::AuthFailure, 6), 6));
    // Another one is not held up, and nobody stands there in clear.
    b.violates("203.0.113.10", 5);
    at_last("five more", || b.bans.stats().shared == 8).await;
    assert!(!b.bans_ip("203.0.113.10"));
    let keys = server.command(&["EVAL", "return table.concat(redis.call('KEYS', '*'), ' ')", "0"]);
    assert!(keys.contains(":violations") && !keys.contains("203.0.113"), "{keys}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn violations_end_with_the_window_and_are_forgotten_with_the_ban() {
    let server = RedisServer::start();
    let a = Instance::start(&server.url()).await;
    a.violates(CLIENT, 5);
    at_last("all five", || a.bans.stats().shared == 5).await;
    let ends = "local k = redis.call('KEYS', '*:violations') return redis.call('PTTL', k[1])";
    assert!((1..=60_000).contains(&server.number(&["EVAL", ends, "0"])));
    a.ban(CLIENT);
    a.auto_ban.unban_ip(CLIENT, "bob").unwrap();
    let kept = "return #redis.call('KEYS', '*:violations')";
    at_last("nothing held against him", || server.number(&["EVAL", kept, "0"]) == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_lost_is_made_up_for_within_a_second() {
    let server = RedisServer::start();
    let (a, b) = (Instance::start(&server.url()).await, Instance::start(&server.url()).await);
    // Who listens is cut off, and may not listen again; scripts may publish.
    server.command(&["ACL", "SETUSER", "default", "-subscribe"]);
    server.command(&["CLIENT", "KILL", "TYPE", "pubsub"]);
    let script = "return redis.call('PUBSUB', 'NUMSUB', 'palisade:bans')[2]";
    until("silence", || server.number(&["EVAL", script, "0"]) == 0);
    a.ban(CLIENT);
    within_a_second("the ban", || b.bans_ip(CLIENT)).await;
    assert_eq!(server.number(&["EVAL", script, "0"]), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_that_comes_back_empty_learns_all_again_and_lifted_bans_stay_lifted() {
    let mut server = RedisServer::start();
    let (a, b) = (Instance::start(&server.url()).await, Instance::start(&server.url()).await);
    a.ban(CLIENT);
    a.ban("203.0.113.10");
    at_last("the bans", || b.bans_ip(CLIENT) && b.bans_ip("203.0.113.10")).await;
    b.auto_ban.unban_ip("203.0.113.10", "bob").unwrap();
    at_last("the lift", || !a.bans_ip("203.0.113.10")).await;
    server.restart();
    let entries = || server.number(&["HLEN", "palisade:{bans}:book"]);
    at_last("the ban and the lift", || entries() == 2).await;
    let c = Instance::start(&server.url()).await;
    at_last("the ban at a newcomer", || c.bans_ip(CLIENT)).await;
    assert!(!c.bans_ip("203.0.113.10") && !a.bans_ip("203.0.113.10"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_without_redis_is_told_when_it_is_back_and_an_older_lift_loses() {
    let mut server = RedisServer::start();
    let (a, b) = (Instance::start(&server.url()).await, Instance::start(&server.url()).await);
    a.ban(CLIENT);
    at_last("the ban", || b.bans_ip(CLIENT)).await;
    server.kill();
    at_last("an outage", || a.redis.status().last_error.is_some()).await;
    // Bob lifts, then Alice bans again: the newer counts, in whatever order Redis hears of them.
    b.auto_ban.unban_ip(CLIENT, "bob").unwrap();
    a.auto_ban.unban_ip(CLIENT, "alice").unwrap();
    let moment = wall();
    until("time to pass", || wall() > moment + Duration::from_millis(5));
    a.ban(CLIENT);
    a.ban("203.0.113.10");
    a.violates("203.0.113.11", 3);
    assert!(!b.bans_ip(CLIENT) && !b.bans_ip("203.0.113.10"));
    server.restart();
    at_last("both bans", || b.bans_ip(CLIENT) && b.bans_ip("203.0.113.10")).await;
    assert!(a.bans_ip(CLIENT));
    at_last("nothing left to tell", || a.bans.stats().waiting + b.bans.stats().waiting == 0).await;
    assert!(a.bans_ip(CLIENT) && b.bans_ip(CLIENT));
}

/// The time that bans are dated by.
pub(crate) fn wall() -> SystemTime {
    palisade_core::Clock::system().now().wall()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_everything_is_counted_and_banned_here() {
    let mut server = RedisServer::start();
    server.kill();
    let a = Instance::with(Redis::connect(&server.url(), options()).unwrap());
    a.ban(CLIENT);
    a.violates("203.0.113.10", 20_000);
    at_last("the violations", || a.bans.stats().dropped == 20_000).await;
    assert!(a.bans_ip(CLIENT));
    assert_eq!(a.bans.stats().waiting, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ban_that_ended_leaves_the_book_and_a_message_of_nonsense_is_counted() {
    let server = RedisServer::start();
    let a = Instance::start(&server.url()).await;
    let order = BanOrder::by("alice").lasting(Duration::from_millis(300));
    a.auto_ban.ban_ip(CLIENT, order).unwrap();
    let entries = || server.number(&["HLEN", "palisade:{bans}:book"]);
    at_last("the ban", || entries() == 1).await;
    at_last("the end", || !a.bans_ip(CLIENT)).await;
    a.ban("203.0.113.10");
    at_last("the other one alone", || {
        let log = server.number(&["ZCARD", "palisade:{bans}:log"]);
        entries() == 1 && log == 1 && server.number(&["ZCARD", "palisade:{bans}:ends"]) == 0
    })
    .await;
    let subscribers = "return redis.call('PUBSUB', 'NUMSUB', 'palisade:bans')[2]";
    at_last("a listener", || server.number(&["EVAL", subscribers, "0"]) == 1).await;
    server.command(&["PUBLISH", "palisade:bans", "{\"target\":7}"]);
    at_last("the nonsense", || a.bans.stats().unreadable == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_changes_than_one_page_all_arrive() {
    let server = RedisServer::start();
    let a = Instance::start(&server.url()).await;
    for number in 0..1000_u32 {
        a.ban(&std::net::Ipv4Addr::from(0xCB00_0000 + number).to_string());
    }
    let b = Instance::start(&server.url()).await;
    at_last("a thousand bans", || b.auto_ban.bans().ips.len() == 1000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_of_redis_with_the_documented_rights_is_enough() {
    let server = RedisServer::start();
    let rights = "+@scripting +@read +@write +@pubsub +@connection +time +cluster";
    let mut words = vec!["ACL", "SETUSER", "app", "on", ">s3cret", "~palisade:*", "&palisade:bans"];
    words.extend(rights.split(' '));
    assert_eq!(server.command(&words), "+OK\r\n");
    assert!(include_str!("../../src/lib.rs").replace("\n//!", "").contains(rights));
    let url = server.url().replace("redis://", "redis://app:s3cret@");
    let (a, b) = (Instance::start(&url).await, Instance::start(&url).await);
    let subscribers = "return redis.call('PUBSUB', 'NUMSUB', 'palisade:bans')[2]";
    at_last("two listeners", || server.number(&["EVAL", subscribers, "0"]) == 2).await;
    a.violates(CLIENT, 6);
    at_last("the ban", || b.bans_ip(CLIENT)).await;
    let store = palisade_redis::RedisLimiter::new(&a.redis);
    assert!(crate::shared::admits(&store, CLIENT, &crate::shared::hourly(3)).await);
    assert_eq!((a.redis.status().failures, b.redis.status().failures), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_lift_that_comes_late_does_not_take_a_ban_out_of_the_book() {
    let server = RedisServer::start();
    let a = Instance::start(&server.url()).await;
    a.ban(CLIENT);
    at_last("the ban in the book", || a.bans.stats().published == 1).await;
    let earlier = wall() - Duration::from_secs(3600);
    a.bans.changed(&BanChange::new(BanTarget::ip(CLIENT).unwrap(), None, earlier));
    at_last("the lift on its way", || a.bans.stats().published == 2).await;
    let newcomer = Instance::start(&server.url()).await;
    at_last("the ban", || newcomer.bans_ip(CLIENT)).await;
}

#[test]
fn a_change_says_nothing_that_is_not_a_ban() {
    let change = BanChange::new(BanTarget::token("s3cret").unwrap(), None, SystemTime::UNIX_EPOCH);
    assert!(!serde_json::to_string(&change).unwrap().contains("s3cret"));
}
