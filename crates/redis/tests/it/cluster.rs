//! A real cluster of three nodes.

use std::{num::NonZeroU32, process::Command, time::Duration};

use palisade_core::{Clock, Identity, IdentityKind};
use palisade_ratelimit::{Charge, Key, SharedStore};
use palisade_redis::{RedisLimiter, RedisOptions};
use palisade_test_support::{RedisServer, until};

use crate::shared::{address, answer, ask, connected, hourly, patient};

/// Three masters that know each other.
fn cluster() -> Vec<RedisServer> {
    let settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    let nodes: Vec<_> = (0..3).map(|_| RedisServer::with(&settings)).collect();
    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]).args(nodes.iter().map(|node| node.addr().to_string()));
    let output = create.args(["--cluster-yes"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    until("a cluster that is whole", || {
        nodes.iter().all(|node| node.command(&["CLUSTER", "INFO"]).contains("cluster_state:ok"))
    });
    nodes
}

fn url(nodes: &[RedisServer]) -> String {
    // One node is enough to find the others.
    format!("redis-cluster://{}", nodes[0].addr())
}

async fn limiter(nodes: &[RedisServer], options: RedisOptions) -> RedisLimiter {
    RedisLimiter::new(&connected(&url(nodes), options).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_all_quotas_of_a_client_are_on_one_node_and_clients_on_all() {
    let nodes = cluster();
    let [a, b] = [limiter(&nodes, patient()).await, limiter(&nodes, patient()).await];
    let (wide, narrow) = (hourly(100), hourly(3));
    let quotas = [("wide", &wide), ("narrow", &narrow), ("other", &wide)];
    for client in 0..60_u8 {
        let from = format!("203.0.113.{client}");
        let mut admitted = 0;
        for turn in 0..8 {
            let store = if turn % 2 == 0 { &a } else { &b };
            let standings = ask(store, &from, &quotas).await.unwrap();
            admitted += u32::from(!standings.iter().any(|standing| standing.is_refused()));
        }
        assert_eq!(admitted, 3);
    }
    for node in &nodes {
        assert!(node.number(&["DBSIZE"]) > 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_request_of_two_clients_quotas_is_counted_by_both_or_none() {
    let nodes = cluster();
    let store = limiter(&nodes, patient()).await;
    let (wide, narrow) = (hourly(100), hourly(1));
    for number in 0..20_u8 {
        let user = Identity::new(format!("user {number}"), IdentityKind::Jwt);
        let from = address(&format!("203.0.113.{number}"));
        let one = NonZeroU32::MIN;
        let charges = [
            Charge::new("address", Key::Address(from), &wide, one),
            Charge::new("user", Key::user(&user), &narrow, one),
        ];
        let now = Clock::system().now();
        let standings = answer(store.charge(&charges, now)).await.unwrap();
        assert_eq!((standings[0].remaining, standings[1].remaining), (99, 0));
        let standings = answer(store.charge(&charges, now)).await.unwrap();
        assert!(standings[1].is_refused());
        assert_eq!(standings[0].remaining, 99);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l3_a_node_that_dies_takes_no_request_along_and_the_others_go_on() {
    let mut nodes = cluster();
    // The cluster goes on with what is left, as a large one would with a replica in its place.
    for node in &nodes {
        node.command(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    }
    let options = RedisOptions::default().deadline(Duration::from_millis(300));
    let store = limiter(&nodes, options).await;
    nodes.pop();
    let (mut answered, mut failed, quota) = (0, 0, hourly(10));
    let quotas = [("test", &quota)];
    for client in 0..40_u8 {
        let from = format!("203.0.113.{client}");
        let asked = ask(&store, &from, &quotas);
        match tokio::time::timeout(Duration::from_secs(2), asked).await.unwrap() {
            Ok(_) => answered += 1,
            Err(_) => failed += 1,
        }
    }
    assert!(failed > 0 && answered + failed == 40, "{answered} {failed}");
}
