//! A real sentinel, a master that dies, and the replica that takes its place.

use std::time::Duration;

use palisade_redis::{RedisLimiter, RedisOptions};
use palisade_test_support::{RedisServer, until};

use crate::shared::{admits, ask, connected, hourly};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_behind_a_sentinel_the_next_master_is_found_by_itself() {
    let mut master = RedisServer::start();
    let port = master.addr().port().to_string();
    let replica =
        RedisServer::with(&["--replicaof", "127.0.0.1", &port, "--repl-diskless-sync-delay", "0"]);
    let sentinel = RedisServer::sentinel_of(&master);
    until("a replica in step that the sentinel knows", || {
        replica.command(&["INFO", "replication"]).contains("master_link_status:up")
            && sentinel.command(&["INFO", "sentinel"]).contains("slaves=1")
    });
    let url = format!("redis-sentinel://{}/main", sentinel.addr());
    let pause = Duration::from_millis(20);
    let options = RedisOptions::default().deadline(Duration::from_secs(1)).pauses(pause, 4 * pause);
    let store = RedisLimiter::new(&connected(&url, options).await);
    let quota = hourly(3);
    assert!(admits(&store, "203.0.113.9", &quota).await);
    until("what was counted at the replica", || {
        replica.command(&["INFO", "keyspace"]).contains("keys=")
    });
    master.kill();
    let mut turn = tokio::time::interval(Duration::from_millis(10));
    let mut answer = Err(palisade_ratelimit::Outage::new("not-asked"));
    for _ in 0..3000 {
        answer = ask(&store, "203.0.113.9", &[("test", &quota)]).await;
        if answer.is_ok() {
            break;
        }
        turn.tick().await;
    }
    // What the replica had heard of still counts.
    assert_eq!(answer.unwrap()[0].remaining, 1);
    assert!(replica.command(&["ROLE"]).contains("master"));
}
