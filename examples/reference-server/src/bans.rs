//! Who is banned for what, and who never is.

use std::net::IpAddr;

use palisade::{
    autoban::{AutoBan, AutoBanBuilder, Escalation, Signatures, SuspiciousPolicy},
    blocklist::SharedBlocklist,
    core::{Clock, ConfigError},
};

use crate::{
    instances::Instances,
    settings::{AutoBanSettings, Settings, SuspiciousRequests, ThisMachine},
};

/// What bans, unless that is off.
pub(crate) fn auto_ban(
    settings: &Settings,
    blocklist: &SharedBlocklist,
    instances: Option<&Instances>,
    clock: &Clock,
) -> Result<Option<AutoBan>, ConfigError> {
    let Some(rules) = &settings.auto_ban else { return Ok(None) };
    let mut auto_ban = lasting(AutoBan::builder(), rules)
        .clock(clock.clone())
        .file(&settings.ban_file)
        .threshold(rules.threshold)
        .window(rules.window)
        .cleanup_interval(rules.cleanup_interval)
        .protect(&rules.protected);
    for (kind, weight) in &rules.weights {
        auto_ban = auto_ban.weight(*kind, *weight);
    }
    if let Some(proxies) = &settings.trusted_proxies {
        // A ban of a proxy would be a ban of everyone behind it.
        auto_ban = auto_ban.protect(proxies.cidrs());
    }
    if rules.this_machine == ThisMachine::Protected {
        auto_ban = auto_ban.protect_loopback();
    }
    if let Some(instances) = instances {
        auto_ban = auto_ban.exchange(instances.exchange());
    }
    let (list, clock) = (blocklist.clone(), clock.clone());
    let is_safe = move |addr: IpAddr| list.list().is_safe(addr, clock.now().wall());
    auto_ban.protect_if(is_safe).build().map(Some)
}

fn lasting(auto_ban: AutoBanBuilder, rules: &AutoBanSettings) -> AutoBanBuilder {
    match (rules.duration, rules.escalation_up_to) {
        (Some(time), Some(most)) => {
            auto_ban.ban_duration(time).escalation(Escalation::doubling().up_to(most))
        }
        (Some(time), None) => auto_ban.ban_duration(time),
        (None, _) => auto_ban,
    }
}

/// What looks for probes, unless nobody is to.
pub(crate) fn suspicious(
    settings: &Settings,
    auto_ban: Option<&AutoBan>,
) -> Result<Option<SuspiciousPolicy>, ConfigError> {
    let (Some(rules), Some(auto_ban)) = (&settings.auto_ban, auto_ban) else { return Ok(None) };
    let policy = || SuspiciousPolicy::new(auto_ban.clone(), Signatures::documented());
    match rules.suspicious {
        SuspiciousRequests::Count => policy().map(Some),
        SuspiciousRequests::Refuse => policy().map(SuspiciousPolicy::refuse).map(Some),
        SuspiciousRequests::Ignore => Ok(None),
    }
}
