//! How it is going with Redis.

use palisade::metrics::{Exposition, Family};
use palisade_redis::{BanSharingStats, LimiterStats, RedisState, RedisStatus};

use crate::{app::Shared, instances::Instances};

const UP: Family<0> = Family::gauge("palisade_redis_up", "1 while Redis answers.", []);
const CALLS: Family<1> = Family::counter(
    "palisade_redis_calls_total",
    "Calls to Redis: answered, failed, or not sent (refused) because it was down or too many waited.",
    ["result"],
);
const TIME: Family<0> = Family::counter(
    "palisade_redis_answered_seconds_total",
    "What all calls took that were answered; divided by their number, the mean.",
    [],
);
const SLOWEST: Family<0> = Family::gauge(
    "palisade_redis_slowest_seconds",
    "The longest that a call took that was answered.",
    [],
);
const LIMITED: Family<1> = Family::counter(
    "palisade_redis_limited_total",
    "How shared limits decided: by a call, by what was taken ahead (lease), or by a refusal that is remembered (memory).",
    ["by"],
);
const LEASES: Family<0> =
    Family::gauge("palisade_redis_leases", "Clients that have a lease, or may soon get one.", []);
const VIOLATIONS: Family<1> = Family::counter(
    "palisade_redis_violations_total",
    "Violations that were counted for all instances (shared), or here alone (dropped).",
    ["result"],
);
const BAN_CHANGES: Family<1> = Family::counter(
    "palisade_redis_ban_changes_total",
    "Changes of bans: told to the others (published), heard of, unreadable, or without room in Redis (without-room).",
    ["result"],
);
const WAITING: Family<0> = Family::gauge(
    "palisade_redis_ban_changes_waiting",
    "Changes of bans that the others were not told yet.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let Some((redis, limiter, bans)) = shared.instances.as_ref().map(Instances::status) else {
        return without(page);
    };
    let RedisStatus { state, calls, failures, refused, answered_in, slowest, .. } = redis;
    page.family(&UP).add([], state == RedisState::Up);
    page.family(&CALLS)
        .add(["answered"], calls.saturating_sub(failures))
        .add(["failed"], failures)
        .add(["refused"], refused);
    page.family(&TIME).add([], answered_in);
    page.family(&SLOWEST).add([], slowest);
    let LimiterStats { calls, leased, remembered, keys, .. } = limiter;
    page.family(&LIMITED).add(["call"], calls).add(["lease"], leased).add(["memory"], remembered);
    page.family(&LEASES).add([], keys);
    let BanSharingStats { shared, dropped, published, heard, unreadable, without_room, .. } = bans;
    page.family(&VIOLATIONS).add(["shared"], shared).add(["dropped"], dropped);
    page.family(&BAN_CHANGES)
        .add(["published"], published)
        .add(["heard"], heard)
        .add(["unreadable"], unreadable)
        .add(["without-room"], without_room);
    page.family(&WAITING).add([], bans.waiting);
}

fn without(page: &mut Exposition) {
    page.family(&UP);
    page.family(&CALLS);
    page.family(&TIME);
    page.family(&SLOWEST);
    page.family(&LIMITED);
    page.family(&LEASES);
    page.family(&VIOLATIONS);
    page.family(&BAN_CHANGES);
    page.family(&WAITING);
}
