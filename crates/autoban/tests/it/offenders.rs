//! Whom violations count against, what they weigh, and what is told of them.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use palisade_autoban::{AutoBan, AutoBanPolicy, BanOrder, BannedUsersPolicy};
use palisade_core::{
    Access, ClientIp, ClientIpSource, Identity, IdentityKind, Ipv6Prefix, Policies, Route,
    SecurityContext,
    ViolationKind::{AuthFailure, RateLimit, Suspicious},
};
use palisade_test_support::Ask;

use crate::{Bench, Who, code};

const BOT: Who<'_> = Who("203.0.113.9", None);

/// The context of a user of an issuer.
fn user(bench: &Bench, issuer: Option<&str>, subject: &str) -> SecurityContext {
    let context = bench.context(Who("192.0.2.1", None));
    let identity = Identity::new(subject, IdentityKind::Jwt);
    context.learn_identity(match issuer {
        Some(issuer) => identity.issued_by(issuer),
        None => identity,
    });
    context
}

fn asks(bench: &Bench, context: &SecurityContext) -> &'static str {
    let stack = AutoBanPolicy::new(bench.auto_ban.clone())
        .then(BannedUsersPolicy::new(bench.auto_ban.clone()));
    code(&Ask::get("/").context(context).policies(stack))
}

#[test]
fn kinds_count_by_their_weights_and_one_of_weight_zero_does_not() {
    let weights = |settings: palisade_autoban::AutoBanBuilder| {
        settings.weight(Suspicious, 3).weight(RateLimit, 0).threshold(6)
    };
    let bench = Bench::new(weights);
    bench.violates(BOT, RateLimit, 100);
    assert_eq!(bench.auto_ban.violations().tracked, 0);
    bench.violates(BOT, Suspicious, 2);
    assert_eq!(bench.asks(BOT), "", "six are forgiven");
    bench.violates(BOT, AuthFailure, 1);
    assert_eq!(bench.asks(BOT), "banned");
    let evidence = bench.auto_ban.bans().ips.remove(0).evidence.unwrap();
    assert_eq!(
        (evidence.weight, evidence.violations.total()),
        (7, 3),
        "violations are counted, too"
    );
    let stats = serde_json::to_value(bench.auto_ban.violations()).unwrap();
    assert_eq!(stats["weights"]["suspicious"], 3);
    assert_eq!(stats["counted"], serde_json::json!({"suspicious": 2, "auth-failure": 1}));
    let nothing =
        AutoBan::builder().weight(Suspicious, 0).weight(RateLimit, 0).weight(AuthFailure, 0);
    assert!(nothing.build().is_err());
    let heavy = Bench::new(|settings| settings.weight(Suspicious, u32::MAX));
    heavy.violates(BOT, Suspicious, 1);
    assert_eq!(heavy.asks(BOT), "banned", "one is enough");
}

#[test]
fn users_of_two_issuers_are_two() {
    let bench = Bench::new(|settings| settings);
    let (ours, theirs, none) = (
        user(&bench, Some("https://a.example"), "alice"),
        user(&bench, Some("https://b.example"), "alice"),
        user(&bench, None, "alice"),
    );
    for _ in 0..6 {
        bench.auto_ban.report(&ours, RateLimit);
    }
    assert_eq!(asks(&bench, &ours), "banned");
    assert_eq!((asks(&bench, &theirs), asks(&bench, &none)), ("", ""));
    let banned = bench.auto_ban.bans().users.remove(0);
    assert_eq!((&*banned.value, banned.issuer.as_deref()), ("alice", Some("https://a.example")));
    // An identity without an issuer is a user of its own.
    for _ in 0..6 {
        bench.auto_ban.report(&none, RateLimit);
    }
    assert_eq!((asks(&bench, &none), asks(&bench, &theirs)), ("banned", ""));
    assert_eq!(bench.auto_ban.unban_user("alice", "root").len(), 2, "by the id alone, all of them");
    assert_eq!((asks(&bench, &ours), asks(&bench, &none)), ("", ""));
}

#[test]
fn a_person_bans_a_subject_of_every_issuer_or_of_one() {
    let bench = Bench::new(|settings| settings);
    let (ours, theirs) = (
        user(&bench, Some("https://a.example"), "alice"),
        user(&bench, Some("https://b.example"), "alice"),
    );
    let order = || BanOrder::by("root");
    bench.auto_ban.ban_user_of("https://a.example", "alice", order()).unwrap();
    assert_eq!((asks(&bench, &ours), asks(&bench, &theirs)), ("banned", ""));
    bench.auto_ban.ban_user("alice", order()).unwrap();
    assert_eq!((asks(&bench, &ours), asks(&bench, &theirs)), ("banned", "banned"));
    assert_eq!(bench.auto_ban.unban_user_of("https://a.example", "alice", "root").len(), 1);
    assert_eq!(asks(&bench, &ours), "banned", "the ban for all stays");
    assert_eq!(bench.auto_ban.unban_user("alice", "root").len(), 1);
    assert_eq!((asks(&bench, &ours), asks(&bench, &theirs)), ("", ""));
    assert!(bench.auto_ban.ban_user_of(&"x".repeat(257), "alice", order()).is_err());
}

#[test]
fn p15_failed_credentials_touch_neither_the_user_nor_the_token_they_name() {
    l9_and_p15(AuthFailure);
}

#[test]
fn l9_a_flood_of_failures_never_counts_against_a_victims_key() {
    l9_and_p15(RateLimit);
}

/// Requests that name a victim and prove nothing, from many addresses.
fn l9_and_p15(kind: palisade_core::ViolationKind) {
    let bench = Bench::new(|settings| settings);
    for last in 0..=255 {
        let context = bench.context(Who(&format!("198.51.100.{last}"), None));
        let head = palisade_test_support::head_of(Ask::get("/").bearer("the-victims-token"));
        context.credential(&head);
        bench.auto_ban.report(&context, kind);
        bench.auto_ban.report(&context, Suspicious);
    }
    let stats = bench.auto_ban.violations();
    assert!(stats.offenders.iter().all(|offender| offender.kind == "ip"), "{stats:?}");
    assert_eq!(asks(&bench, &user(&bench, None, "victim")), "");
}

#[test]
fn a_ban_tells_kinds_counts_weight_times_and_routes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let bench = Bench::new(|settings| settings.file(&path).threshold(19));
    for number in 0..20 {
        let context = bench.context(BOT);
        context.learn_route(Route::new(format!("route-{}", number % 10), Access::Public));
        bench.auto_ban.report(&context, Suspicious);
    }
    let evidence = bench.auto_ban.bans().ips.remove(0).evidence.unwrap();
    let routes: Vec<_> = (0..8).map(|number| format!("route-{number}")).collect();
    assert_eq!(evidence.routes.iter().map(|id| id.to_string()).collect::<Vec<_>>(), routes);
    drop(bench);
    let again = Bench::new(|settings| settings.file(&path));
    assert_eq!(again.auto_ban.bans().ips.remove(0).evidence.unwrap(), evidence);
}

#[test]
fn a_route_outside_the_window_is_no_evidence() {
    let bench = Bench::new(|settings| settings);
    let report = |route: &str| {
        let context = bench.context(BOT);
        context.learn_route(Route::new(route, Access::Public));
        bench.auto_ban.report(&context, Suspicious);
    };
    report("early");
    bench.clock.advance(std::time::Duration::from_secs(10));
    (0..6).for_each(|_| report("late"));
    assert_eq!(*bench.auto_ban.bans().ips.remove(0).evidence.unwrap().routes, ["late".into()]);
}

#[test]
fn p1_loopback_is_protected_for_the_peer_and_not_by_a_header() {
    let bench = Bench::new(|settings| settings.protect_loopback());
    let from = |source| {
        let context = SecurityContext::new(bench.clock.now());
        let addr = "127.0.0.1".parse().unwrap();
        context.learn_client_ip(ClientIp::new(addr, source, Ipv6Prefix::default()));
        context
    };
    for _ in 0..20 {
        bench.auto_ban.report(&from(ClientIpSource::Peer), Suspicious);
    }
    assert_eq!(bench.auto_ban.bans().ips, []);
    for _ in 0..20 {
        bench.auto_ban.report(&from(ClientIpSource::Header), Suspicious);
    }
    assert_eq!(asks(&bench, &from(ClientIpSource::Header)), "banned");
    assert_eq!(asks(&bench, &from(ClientIpSource::Peer)), "", "who is on this machine is served");
    assert!(bench.auto_ban.ban_ip("::1", BanOrder::by("alice")).is_err());
}

#[test]
fn p2_who_is_on_a_safelist_that_reloads_is_not_banned() {
    let listed = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&listed);
    let safe: IpAddr = BOT.0.parse().unwrap();
    let bench = Bench::new(|settings| {
        settings.protect_if(move |addr| addr == safe && asked.load(Ordering::Relaxed))
    });
    bench.violates(BOT, Suspicious, 20);
    assert_eq!(bench.asks(BOT), "");
    listed.store(false, Ordering::Relaxed);
    bench.violates(BOT, Suspicious, 6);
    assert_eq!(bench.asks(BOT), "banned");
    listed.store(true, Ordering::Relaxed);
    assert_eq!(bench.asks(BOT), "", "a list that names him again lets him in");
}

/// What an attacker writes into `X-Forwarded-For` bans nobody: without a trusted proxy the header is not read, and behind
/// one the address is that which the proxy saw.
#[test]
fn p2_a_forged_header_bans_the_attacker_and_never_the_victim() {
    let victim = "198.51.100.7".parse().unwrap();
    let bench = Bench::new(|settings| settings.protect(["10.0.0.0/8"]));
    let seen = |addr: IpAddr, source| {
        let context = SecurityContext::new(bench.clock.now());
        context.learn_client_ip(ClientIp::new(addr, source, Ipv6Prefix::default()));
        bench.auto_ban.report(&context, Suspicious);
        asks(&bench, &context)
    };
    let attacker = BOT.0.parse().unwrap();
    for _ in 0..20 {
        // Direct: the header is not read. Through the proxy: what it saw. Garbage: the proxy itself, which counts nowhere.
        seen(attacker, ClientIpSource::Peer);
        seen(attacker, ClientIpSource::Header);
        assert_eq!(seen("10.0.0.1".parse().unwrap(), ClientIpSource::PeerAfterJunk), "");
        assert_eq!(seen("192.0.2.77".parse().unwrap(), ClientIpSource::PeerAfterJunk), "");
    }
    assert_eq!(seen(attacker, ClientIpSource::Header), "banned");
    let context = SecurityContext::new(bench.clock.now());
    context.learn_client_ip(ClientIp::new(victim, ClientIpSource::Header, Ipv6Prefix::default()));
    assert_eq!(asks(&bench, &context), "");
    let banned: Vec<_> = bench.auto_ban.bans().ips.into_iter().map(|ban| ban.value).collect();
    assert_eq!(banned, [BOT.0]);
}
