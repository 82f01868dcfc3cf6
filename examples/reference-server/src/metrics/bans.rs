//! Who is banned, and who may soon be.

use palisade::{
    autoban::{AutoBan, AutoBanStatus},
    metrics::{Exposition, Family},
};

use crate::app::Shared;

const BANS: Family<1> = Family::gauge(
    "palisade_bans",
    "Bans, those included that ended and were not cleaned up yet.",
    ["kind"],
);
const OFFENDERS: Family<0> = Family::gauge(
    "palisade_ban_offenders",
    "Addresses, users and tokens whose violations are remembered.",
    [],
);
const FORGOTTEN: Family<0> = Family::counter(
    "palisade_ban_offenders_forgotten_total",
    "Of these, how many were forgotten because there was no room.",
    [],
);
const VIOLATIONS: Family<1> =
    Family::counter("palisade_violations_total", "Violations that were counted.", ["kind"]);
const FILE: Family<0> = Family::gauge(
    "palisade_ban_file_healthy",
    "1 while all bans of before are in force and all bans are on disk.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let auto_ban = shared.auto_ban();
    let status = auto_ban.map(AutoBan::status);
    let mut bans = page.family(&BANS);
    if let Some(AutoBanStatus { banned_ips, banned_users, banned_tokens, .. }) = status {
        bans.add(["ip"], banned_ips).add(["user"], banned_users).add(["token"], banned_tokens);
    }
    let mut offenders = page.family(&OFFENDERS);
    if let Some(status) = &status {
        offenders.add([], status.tracked);
    }
    let mut forgotten = page.family(&FORGOTTEN);
    if let Some(auto_ban) = auto_ban {
        forgotten.add([], auto_ban.forgotten());
    }
    let mut violations = page.family(&VIOLATIONS);
    if let Some(counted) = auto_ban.map(AutoBan::counted) {
        violations
            .add(["rate-limit"], counted.rate_limit)
            .add(["auth-failure"], counted.auth_failure)
            .add(["suspicious"], counted.suspicious)
            .add(["other"], counted.other);
    }
    let mut file = page.family(&FILE);
    if let Some(status) = &status {
        file.add([], status.is_healthy());
    }
}
