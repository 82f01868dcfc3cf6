//! Which address is banned, and which never is.

use palisade_autoban::{AutoBan, BanError, BanOrder};
use palisade_core::{
    ClientIp, ClientIpSource, Ipv6Prefix, SecurityContext, ViolationKind::Suspicious,
};

use crate::{Bench, Who};

#[test]
fn p2_a_protected_address_is_never_banned_and_neither_is_a_network_around_it() {
    let bench = Bench::new(|settings| {
        settings.protect(["192.0.2.0/24", "2001:db8::7", "::ffff:198.51.100.7"])
    });
    for addr in ["192.0.2.9", "::ffff:192.0.2.9", "2001:db8::7", "2001:db8::8", "198.51.100.7"] {
        assert_eq!(bench.violates(Who(addr, None), Suspicious, 20), "inside");
        assert_eq!(bench.asks(Who(addr, None)), "", "{addr}");
    }
    bench.violates(Who("2001:db8:0:1::8", None), Suspicious, 6);
    assert_eq!(bench.asks(Who("2001:db8:0:1::8", None)), "banned", "another /64");
    let order = || BanOrder::by("alice");
    assert_eq!(bench.auto_ban.ban_ip("192.0.2.9", order()), Err(BanError::Protected));
    assert_eq!(bench.auto_ban.ban_ip("2001:db8::/48", order()), Err(BanError::Protected));
    assert_eq!(bench.auto_ban.ban_ip("2001:db8::8", order()), Ok(()), "a neighbour alone");
    assert_eq!(
        (bench.asks(Who("2001:db8::8", None)), bench.asks(Who("2001:db8::7", None))),
        ("banned", "")
    );
}

#[test]
fn p2_a_proxy_whose_header_made_no_sense_is_not_banned_for_its_clients() {
    let bench = Bench::new(|settings| settings);
    for _ in 0..20 {
        let context = SecurityContext::new(bench.clock.now());
        let proxy = "192.0.2.9".parse().unwrap();
        context.learn_client_ip(ClientIp::new(
            proxy,
            ClientIpSource::PeerAfterJunk,
            Ipv6Prefix::default(),
        ));
        bench.auto_ban.report(&context, Suspicious);
    }
    assert_eq!(bench.asks(Who("192.0.2.9", None)), "");
}

#[test]
fn p1_loopback_is_banned_unless_it_is_protected() {
    let bench = Bench::new(|settings| settings);
    bench.violates(Who("127.0.0.1", None), Suspicious, 6);
    assert_eq!(bench.asks(Who("127.0.0.1", None)), "banned");
}

#[test]
fn p9_an_ipv6_client_is_counted_and_banned_by_its_network() {
    let bench = Bench::new(|settings| settings);
    for last in 1..=6 {
        bench.violates(Who(&format!("2001:db8::{last}"), None), Suspicious, 1);
    }
    assert_eq!(bench.asks(Who("2001:db8::ffff", None)), "banned");
    assert_eq!(bench.asks(Who("2001:db8:0:1::1", None)), "");
    assert_eq!(bench.auto_ban.bans().ips[0].value, "2001:db8::/64");
}

#[test]
fn p10_a_mapped_address_is_the_ipv4_address() {
    let bench = Bench::new(|settings| settings);
    for addr in
        ["1.2.3.4", "::ffff:1.2.3.4", "::ffff:102:304", "1.2.3.4", "::ffff:1.2.3.4", "1.2.3.4"]
    {
        bench.violates(Who(addr, None), Suspicious, 1);
    }
    for (addr, code) in [
        ("1.2.3.4", "banned"),
        ("::ffff:1.2.3.4", "banned"),
        ("64:ff9b::1.2.3.4", ""),
        ("2001:db8::1.2.3.4", ""),
    ] {
        assert_eq!(bench.asks(Who(addr, None)), code, "{addr}");
    }
}

#[test]
fn a_network_that_became_protected_is_served_in_spite_of_an_old_ban() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    std::fs::write(&path, r#"{"bannedIPs": ["192.0.2.9", "198.51.100.1"]}"#).unwrap();
    let bench = Bench::new(|settings| settings.file(&path).protect(["192.0.2.0/24"]));
    assert_eq!(bench.asks(Who("192.0.2.9", None)), "");
    assert_eq!(bench.asks(Who("198.51.100.1", None)), "banned");
}

#[test]
fn a_wrong_protected_network_is_told_with_what_was_meant() {
    let told =
        |network: &str| AutoBan::builder().protect([network]).build().unwrap_err().to_string();
    assert!(told("10.1.0.0/8").contains("did you mean `10.0.0.0/8`?"));
    assert!(told("0.0.0.0/0").contains("nobody could be banned"));
    assert!(told("localhost").contains("an address"));
}
