//! What the tests say in one line.

use std::{net::IpAddr, num::NonZeroU32, time::Duration};

use palisade_core::{Clock, IpKey, Ipv6Prefix};
use palisade_ratelimit::{Charge, Charged, Key, Outage, Quota, SharedStore, Standing};
use palisade_redis::{Redis, RedisOptions};

/// Long enough for a loaded machine; what is measured is measured elsewhere.
pub(crate) fn patient() -> RedisOptions {
    RedisOptions::default().deadline(Duration::from_secs(5))
}

pub(crate) async fn connected(url: &str, options: RedisOptions) -> Redis {
    let redis = Redis::connect(url, options).unwrap();
    assert!(redis.ready(Duration::from_secs(20)).await, "{:?}", redis.status());
    redis
}

pub(crate) fn address(text: &str) -> IpKey {
    IpKey::new(text.parse::<IpAddr>().unwrap(), Ipv6Prefix::new(64).unwrap())
}

pub(crate) fn hourly(limit: u32) -> Quota {
    Quota::per_hour(limit).unwrap()
}

pub(crate) async fn answer(charged: Charged) -> Result<Vec<Standing>, Outage> {
    match charged {
        Charged::Now(answer) => answer,
        Charged::Later(answer) => answer.await,
    }
}

/// Counts one request of an address against these quotas.
pub(crate) async fn ask(
    store: &impl SharedStore,
    from: &str,
    quotas: &[(&str, &Quota)],
) -> Result<Vec<Standing>, Outage> {
    let key = Key::Address(address(from));
    let charges: Vec<_> =
        quotas.iter().map(|(name, quota)| Charge::new(name, key, quota, NonZeroU32::MIN)).collect();
    answer(store.charge(&charges, Clock::system().now())).await
}

/// Whether one request of an address is admitted.
pub(crate) async fn admits(store: &impl SharedStore, from: &str, quota: &Quota) -> bool {
    !ask(store, from, &[("test", quota)]).await.unwrap()[0].is_refused()
}
