//! Two servers and one Redis: what they share, and what becomes of it while Redis is ill.

use std::time::{Duration, Instant};

use palisade_test_support::RedisServer;
use serde_json::{Value, json};

use crate::server::{Server, problem, until};

/// So long a request may take while Redis is ill: its deadline, and time to be scheduled on a busy machine.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Ten requests in an hour: what is admitted is counted, not timed.
const TEN: [(&str, &str); 4] = [
    ("RATE_LIMIT_MAX", "10"),
    ("RATE_LIMIT_WINDOW_MS", "3600000"),
    ("AUTO_BAN_ENABLED", "false"),
    ("TRUSTED_PROXIES", "127.0.0.1"),
];

/// Two servers that share the Redis at `url`, with these settings.
fn pair(url: &str, settings: &[(&str, &str)]) -> [Server; 2] {
    let settings = [settings, &[("REDIS_URL", url)]].concat();
    let servers = [Server::start(&settings), Server::start(&settings)];
    servers.iter().for_each(|server| until_redis_is(server, "ok"));
    servers
}

/// The status of one request of a client, which must not wait.
fn ask(server: &Server, client: &str) -> u16 {
    ask_for(server, client, "/api/feed")
}

/// Whether a client is banned: by asking for what has no limit.
fn is_banned(server: &Server, client: &str) -> bool {
    ask_for(server, client, "/") == 403
}

fn ask_for(server: &Server, client: &str, path: &str) -> u16 {
    let asked = Instant::now();
    let answer = server.request("GET", path).header("x-forwarded-for", client).send().unwrap();
    let took = asked.elapsed();
    assert!(took < PATIENCE, "a request took {took:?}");
    answer.status().as_u16()
}

/// How many of `count` requests, in turn to every server, are admitted.
fn admitted(servers: &[Server], client: &str, count: usize) -> usize {
    let servers = servers.iter().cycle().take(count);
    servers.filter(|server| ask(server, client) == 200).count()
}

fn readiness(server: &Server) -> Value {
    server.get("/readyz").json().unwrap()
}

fn until_redis_is(server: &Server, state: &str) {
    let mut number = 0_u32;
    until(&format!("redis is {state}"), || {
        // Only who is asked finds out: every time another client, so that no limit is in the way.
        number += 1;
        ask(server, &format!("203.0.113.{}", number % 250));
        readiness(server)["parts"]["redis"] == state
    });
}

#[test]
fn two_servers_admit_together_what_the_quota_allows() {
    let redis = RedisServer::start();
    let servers = pair(&redis.url(), &TEN);
    assert_eq!(admitted(&servers, "198.51.100.1", 30), 10);
    assert_eq!(admitted(&servers, "198.51.100.2", 30), 10, "each client has its own");
}

#[test]
fn with_leases_no_more_is_admitted_than_the_quota_and_a_lease_for_each_server() {
    let redis = RedisServer::start();
    let settings = [&TEN[..], &[("RATE_LIMIT_MAX", "100"), ("RATE_LIMIT_LEASE", "10")]].concat();
    let servers = pair(&redis.url(), &settings);
    let admitted = admitted(&servers, "198.51.100.1", 300);
    assert!((100..=120).contains(&admitted), "{admitted}");
}

#[test]
fn a_ban_on_one_server_is_refused_on_the_other_within_a_second_and_lifted_there_as_well() {
    let redis = RedisServer::start();
    let servers =
        pair(&redis.url(), &[("TRUSTED_PROXIES", "127.0.0.1"), ("RATE_LIMIT_ENABLED", "false")]);
    let admins = servers.each_ref().map(|server| server.token("alice", &["admin"]));
    let order = json!({ "ip": "198.51.100.7", "reason": "ticket 4711" });
    assert_eq!(servers[0].post_as(&admins[0], "/api/admin/bans/ban-ip", &order).status(), 200);
    let banned = Instant::now();
    until("the other one refuses", || is_banned(&servers[1], "198.51.100.7"));
    assert!(banned.elapsed() < Duration::from_secs(1), "{:?}", banned.elapsed());
    let lift = json!({ "ip": "198.51.100.7" });
    assert_eq!(servers[1].post_as(&admins[1], "/api/admin/bans/unban-ip", &lift).status(), 200);
    let lifted = Instant::now();
    until("the first one lets it in", || !is_banned(&servers[0], "198.51.100.7"));
    assert!(lifted.elapsed() < Duration::from_secs(1), "{:?}", lifted.elapsed());
}

#[test]
fn violations_on_two_servers_add_up_to_a_ban_on_both() {
    let redis = RedisServer::start();
    let settings = [
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("RATE_LIMIT_MAX", "1"),
        ("RATE_LIMIT_WINDOW_MS", "3600000"),
        ("AUTO_BAN_WINDOW_MS", "3600000"),
    ];
    let servers = pair(&redis.url(), &settings);
    assert_eq!(admitted(&servers, "198.51.100.9", 1), 1);
    // Three on each: neither of them alone has seen six.
    assert_eq!(admitted(&servers, "198.51.100.9", 6), 0);
    for server in &servers {
        until("it is banned", || is_banned(server, "198.51.100.9"));
    }
}

#[test]
fn l3_while_redis_is_dead_paused_or_slow_nobody_waits_and_each_mode_does_what_it_says() {
    for (mode, instances, while_ill) in [("local", "2", 10), ("open", "1", 20), ("closed", "1", 0)]
    {
        let mut redis = RedisServer::start();
        let settings =
            [&TEN[..], &[("RATE_LIMIT_WITHOUT_REDIS", mode), ("RATE_LIMIT_INSTANCES", instances)]];
        let servers = pair(&redis.url(), &settings.concat());
        assert_eq!(admitted(&servers, "198.51.100.1", 20), 10, "{mode}: well");

        redis.pause();
        servers.iter().for_each(|server| until_redis_is(server, "degraded"));
        assert_eq!(admitted(&servers, "198.51.100.2", 20), while_ill, "{mode}: paused");
        redis.resume();
        servers.iter().for_each(|server| until_redis_is(server, "ok"));
        assert_eq!(admitted(&servers, "198.51.100.3", 20), 10, "{mode}: well again");

        redis.kill();
        servers.iter().for_each(|server| until_redis_is(server, "degraded"));
        assert_eq!(admitted(&servers, "198.51.100.4", 20), while_ill, "{mode}: dead");
        redis.restart();
        servers.iter().for_each(|server| until_redis_is(server, "ok"));
        assert_eq!(admitted(&servers, "198.51.100.5", 20), 10, "{mode}: restarted, empty");
    }
}

#[test]
fn l3_a_redis_that_is_slow_is_as_one_that_is_down_and_heals() {
    let redis = RedisServer::start();
    let proxy = redis.slow(Duration::ZERO);
    let servers = pair(&proxy.url(), &TEN);
    assert_eq!(admitted(&servers, "198.51.100.1", 20), 10);
    proxy.delays(Duration::from_millis(200));
    servers.iter().for_each(|server| until_redis_is(server, "degraded"));
    assert_eq!(admitted(&servers, "198.51.100.2", 40), 20, "each counts for itself");
    proxy.delays(Duration::ZERO);
    servers.iter().for_each(|server| until_redis_is(server, "ok"));
    assert_eq!(admitted(&servers, "198.51.100.3", 20), 10);
}

#[test]
fn l3_a_redis_that_is_read_only_is_as_one_that_is_down_and_heals() {
    let redis = RedisServer::start();
    let servers = pair(&redis.url(), &TEN);
    assert_eq!(admitted(&servers, "198.51.100.1", 20), 10);
    redis.read_only();
    servers.iter().for_each(|server| until_redis_is(server, "degraded"));
    redis.writable();
    servers.iter().for_each(|server| until_redis_is(server, "ok"));
    assert_eq!(admitted(&servers, "198.51.100.2", 20), 10);
}

#[test]
fn bans_of_before_are_in_a_redis_that_was_restarted_empty() {
    let mut redis = RedisServer::start();
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("RATE_LIMIT_ENABLED", "false")];
    let servers = pair(&redis.url(), &settings);
    let admin = servers[0].token("alice", &["admin"]);
    let order = json!({ "ip": "198.51.100.7", "reason": "ticket 4711" });
    assert_eq!(servers[0].post_as(&admin, "/api/admin/bans/ban-ip", &order).status(), 200);
    until("the other one refuses", || is_banned(&servers[1], "198.51.100.7"));
    redis.kill();
    redis.restart();
    let url = redis.url();
    let newcomer = Server::start(&[&settings[..], &[("REDIS_URL", &*url)]].concat());
    until("a third one hears of it", || is_banned(&newcomer, "198.51.100.7"));
}

#[test]
fn without_redis_a_server_starts_and_says_what_it_misses() {
    let mut redis = RedisServer::start();
    redis.kill();
    let url = redis.url();
    let server = Server::start(&[&TEN[..], &[("REDIS_URL", &*url)]].concat());
    until_redis_is(&server, "degraded");
    assert!(server.log().contains("redis.down"), "{}", server.log());
    let (status, code, _) = problem(server.get("/api/me"));
    assert_eq!((status, &*code), (401, "credentials-required"), "it serves");
}
