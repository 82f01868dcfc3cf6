//! The rows of the adversarial list that are about the client's address.

use http::HeaderName;
use palisade_client_ip::{ClientIpHeader, ClientIpPolicy, Trust};
use palisade_core::Ipv6Prefix;
use palisade_test_support::Ask;

use crate::asking::{ask, behind_ten, client, read};

fn xff(line: &str) -> String {
    read(&ClientIpHeader::XForwardedFor, line)
}

fn has(policy: &ClientIpPolicy, peer: &str, name: &str) -> bool {
    let (head, _) = ask(policy, Ask::get("/").from(peer).header(name, "203.0.113.9"));
    head.headers.contains_key(name)
}

#[test]
fn p1_a_client_that_claims_to_be_localhost_is_not() {
    let claim = |peer| Ask::get("/").from(peer).header("x-forwarded-for", "127.0.0.1");
    assert_eq!(client(&ClientIpPolicy::new(), claim("203.0.113.9")), "203.0.113.9 peer");
    // The proxy appended the address it was called from.
    assert_eq!(xff("127.0.0.1, 203.0.113.9"), "203.0.113.9 header");
    // And loopback is not trusted unless it is configured.
    let local = claim("127.0.0.1").header("x-forwarded-for", "6.6.6.6");
    assert_eq!(client(&ClientIpPolicy::new(), local), "127.0.0.1 peer");
}

#[test]
fn p2_an_attacker_cannot_have_a_victim_banned_in_his_place() {
    let victim = "198.51.100.7";
    assert_eq!(xff(&format!("{victim}, 203.0.113.9")), "203.0.113.9 header");
    assert_eq!(xff(&format!("{victim}, 203.0.113.9, 10.0.0.2")), "203.0.113.9 header");
    let direct = Ask::get("/").from("203.0.113.9").header("x-forwarded-for", victim);
    assert_eq!(client(&behind_ten(), direct), "203.0.113.9 peer");
    // Whoever must not be banned in place of others is told apart.
    assert_eq!(xff(&format!("{victim}, junk")), "10.0.0.1 peer-after-junk");
}

#[test]
fn p3_only_the_configured_header_is_read_and_the_others_do_not_go_on() {
    let both = || {
        Ask::get("/")
            .from("10.0.0.1")
            .header("forwarded", "for=6.6.6.6")
            .header("x-real-ip", "6.6.6.6")
            .header("x-forwarded-for", "203.0.113.9")
    };
    let (head, context) = ask(&behind_ten(), both());
    assert_eq!(context.client_ip().unwrap().to_string(), "203.0.113.9");
    assert_eq!(head.headers.keys().collect::<Vec<_>>(), ["x-forwarded-for"]);

    let policy = behind_ten().header(ClientIpHeader::Forwarded);
    let (head, context) = ask(&policy, both());
    assert_eq!(context.client_ip().unwrap().to_string(), "6.6.6.6");
    assert_eq!(head.headers.keys().collect::<Vec<_>>(), ["forwarded"]);

    let policy = behind_ten().header("X-Real-IP".parse().unwrap());
    let (head, _) = ask(&policy, both());
    assert_eq!(head.headers.keys().collect::<Vec<_>>(), ["x-real-ip"]);
}

#[test]
fn p4_two_header_lines_are_one_list() {
    let lines = |first: &str, second: &str| {
        let ask = Ask::get("/").from("10.0.0.1");
        client(
            &behind_ten(),
            ask.header("x-forwarded-for", first).header("x-forwarded-for", second),
        )
    };
    assert_eq!(lines("6.6.6.6", "203.0.113.9"), "203.0.113.9 header");
    assert_eq!(lines("6.6.6.6, 203.0.113.9", "10.0.0.2"), "203.0.113.9 header");
    assert_eq!(lines("203.0.113.9", "10.0.0.3, 10.0.0.2"), "203.0.113.9 header");
    assert_eq!(lines("203.0.113.9", ""), "10.0.0.1 peer-after-junk");
}

#[test]
fn p4_a_header_of_one_address_that_comes_twice_is_junk() {
    let policy = behind_ten().header("cf-connecting-ip".parse().unwrap());
    let once = Ask::get("/").from("10.0.0.1").header("cf-connecting-ip", "203.0.113.9");
    assert_eq!(client(&policy, once), "203.0.113.9 header");
    let twice = Ask::get("/").from("10.0.0.1").header("cf-connecting-ip", "6.6.6.6");
    let twice = twice.header("cf-connecting-ip", "203.0.113.9");
    assert_eq!(client(&policy, twice), "10.0.0.1 peer-after-junk");
    let list = Ask::get("/").from("10.0.0.1").header("cf-connecting-ip", "6.6.6.6, 203.0.113.9");
    assert_eq!(client(&policy, list), "10.0.0.1 peer-after-junk");
}

#[test]
fn p5_spellings_with_underscores_neither_decide_nor_go_on() {
    let smuggled = [
        "x_forwarded_for",
        "X_Forwarded-For",
        "x-real_ip",
        "x.forwarded.proto",
        "x_forwarded_user",
    ];
    for peer in ["10.0.0.1", "203.0.113.9"] {
        for name in smuggled {
            assert!(!has(&behind_ten(), peer, name), "{name} from {peer}");
        }
        assert!(has(&behind_ten(), peer, "x_forward"), "not one of ours");
    }
    let ask = Ask::get("/").from("10.0.0.1").header("x_forwarded_for", "6.6.6.6");
    assert_eq!(client(&behind_ten(), ask), "10.0.0.1 peer");
    // Of a header of one's own too.
    let policy = behind_ten().header("x-edge-address".parse().unwrap());
    assert!(has(&policy, "10.0.0.1", "x-edge-address"));
    assert!(!has(&policy, "203.0.113.9", "x-edge-address"));
    assert!(!has(&policy, "10.0.0.1", "x_edge_address"));
}

#[test]
fn p6_trusted_proxies_that_are_everyone_are_refused() {
    let everyone = [
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "64.0.0.0/7",
        "2000::/3",
        "::/1",
        "8000::/1",
        // These hold all of IPv4, or much of it.
        "::/80",
        "::ffff:0:0/96",
        "::ffff:64.0.0.0/99",
        "::/16",
    ];
    for network in everyone {
        let error = Trust::networks([network]).unwrap_err().to_string();
        assert!(error.contains("at least /8 for IPv4 and /16 for IPv6"), "{network}: {error}");
    }
    for network in ["10.0.0.0/8", "2001::/16", "fc00::/7", "fd00::/8", "fe80::/10", "uniquelocal"] {
        assert!(Trust::networks([network]).is_ok(), "{network}");
    }
    assert_eq!("".parse(), Ok(Trust::None));
}

#[test]
fn p7_another_path_than_the_one_asked_for_comes_from_trusted_peers_only() {
    for name in [
        "x-forwarded-uri",
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-method",
        "x-original-uri",
    ] {
        assert!(!has(&behind_ten(), "203.0.113.9", name), "{name}");
        assert!(has(&behind_ten(), "10.0.0.1", name), "{name}");
        assert!(!has(&ClientIpPolicy::new(), "10.0.0.1", name), "{name}");
    }
}

#[test]
fn p8_no_user_agent_is_trusted() {
    for agent in ["kube-probe/1.31", "GoogleHC/1.0", "ELB-HealthChecker/2.0"] {
        let ask = Ask::get("/healthz").from("203.0.113.9").header("user-agent", agent);
        assert_eq!(
            client(&behind_ten(), ask.header("x-forwarded-for", "10.0.0.9")),
            "203.0.113.9 peer"
        );
    }
}

#[test]
fn p9_a_client_that_walks_through_its_ipv6_network_is_one_key() {
    let key = |addr: &str, policy: &ClientIpPolicy| {
        let (_, context) = ask(policy, Ask::get("/").from(addr));
        context.client_ip().unwrap().key().to_string()
    };
    let policy = ClientIpPolicy::new();
    for host in 0..1000 {
        assert_eq!(key(&format!("2001:db8:1:2:{host:x}::1"), &policy), "2001:db8:1:2::/64");
    }
    assert_eq!(key("2001:db8:1:3::1", &policy), "2001:db8:1:3::/64");
    let policy = policy.ipv6_prefix(Ipv6Prefix::new(48).unwrap());
    assert_eq!(key("2001:db8:1:3::1", &policy), "2001:db8:1::/48");
}

#[test]
fn p10_notations_of_one_address_are_one_address() {
    for line in [
        "1.2.3.4",
        "::ffff:1.2.3.4",
        "::ffff:102:304",
        "[::FFFF:1.2.3.4]:80",
        "0:0:0:0:0:ffff:0102:0304",
    ] {
        assert_eq!(xff(line), "1.2.3.4 header", "{line}");
    }
    assert_eq!(xff("2001:db8::1.2.3.4"), "2001:db8::102:304 header");
    assert_eq!(xff("64:ff9b::1.2.3.4"), "64:ff9b::102:304 header");
    // On the socket and among the trusted as well.
    let ask =
        |peer| Ask::get("/").from(peer).header("x-forwarded-for", "203.0.113.9, ::ffff:a00:2");
    assert_eq!(client(&behind_ten(), ask("::ffff:10.0.0.1")), "203.0.113.9 header");
    let mapped = ClientIpPolicy::new().trust(Trust::networks(["::ffff:10.0.0.0/104"]).unwrap());
    assert_eq!(client(&mapped, ask("10.0.0.1")), "203.0.113.9 header");
    assert_eq!(client(&mapped, ask("11.0.0.1")), "11.0.0.1 peer");
    assert_eq!(client(&mapped, ask("::10.0.0.1")), "::a00:1 peer");
}

#[test]
fn p11_an_address_written_at_length_is_the_same_address() {
    for line in ["2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:DB8:0::0:1"] {
        assert_eq!(xff(line), "2001:db8::1 header", "{line}");
    }
    // What two readers could take for two addresses is none.
    for line in ["010.0.0.8", "0x7f.0.0.1", "127.1", "2130706433", "1.2.3.4.5", "1.2.3.256"] {
        assert_eq!(xff(line), "10.0.0.1 peer-after-junk", "{line}");
    }
}

#[test]
fn p12_the_walk_stops_at_junk_and_never_goes_on_behind_it() {
    let junk = [
        "",
        " ",
        "unknown",
        "_hidden",
        "-",
        "localhost",
        "fe80::1%eth0",
        "[fe80::1%25eth0]",
        "[2001:db8::1",
        "2001:db8::1]",
        "[2001:db8::1]4711",
        "[2001:db8::1]:",
        "[2001:db8::1]:+1",
        "[1.2.3.4]",
        "1.2.3.4:",
        "1.2.3.4:port",
        "1.2.3.4:+80",
        "1.2.3.4:65536",
        "1.2.3.4:80:80",
        "1.2.3.4 5.6.7.8",
        "\"1.2.3.4\"",
        "for=1.2.3.4",
        "1.2.3.4/32",
        "1.2.3.4;",
        "::1::",
    ];
    for entry in junk {
        for line in
            [entry.to_owned(), format!("6.6.6.6, {entry}"), format!("6.6.6.6, {entry}, 10.0.0.2")]
        {
            assert_eq!(xff(&line), "10.0.0.1 peer-after-junk", "{line:?}");
        }
        // Left of the client it does not matter.
        assert_eq!(xff(&format!("{entry}, 203.0.113.9")), "203.0.113.9 header", "{entry:?}");
    }
    for entry in ["203.0.113.9:4711", "203.0.113.9:_port", "  203.0.113.9\t"] {
        assert_eq!(xff(&format!("6.6.6.6,{entry}")), "203.0.113.9 header", "{entry}");
    }
    for entry in ["[2001:db8::7]", "[2001:db8::7]:4711", "2001:db8::7"] {
        assert_eq!(xff(&format!("6.6.6.6,{entry}")), "2001:db8::7 header", "{entry}");
    }
}

#[test]
fn p12_junk_in_a_forwarded_header_stops_the_walk_too() {
    let forwarded = |line: &str| read(&ClientIpHeader::Forwarded, line);
    let junk = [
        "",
        "for=",
        "for",
        "=203.0.113.9",
        "for=unknown",
        "for=_hidden",
        "for=\"_hidden\"",
        "by=203.0.113.9",
        "proto=https",
        "for=203.0.113.9;for=6.6.6.6",
        "for=\"203.0.113.9",
        "for=203.0.113.9\"",
        "for=\"203.0.113.9\"x",
        "for=\"203\\.0.113.9\"",
        "for=\"[fe80::1%25eth0]\"",
        "for=\"[2001:db8::7\"",
        "for=\"203.0.113.9, 10.0.0.2\"",
        "for =203.0.113.9",
        "for=203.0.113.9;proto=http;proto=https",
        "203.0.113.9",
    ];
    for element in junk {
        assert_eq!(
            forwarded(&format!("for=6.6.6.6, {element}")),
            "10.0.0.1 peer-after-junk",
            "{element:?}"
        );
        let left = format!("{element}, for=203.0.113.9");
        assert_eq!(forwarded(&left), "203.0.113.9 header", "{left:?}");
    }
    let good = [
        "for=203.0.113.9",
        "FOR=203.0.113.9",
        "for=\"203.0.113.9\"",
        "for=\"203.0.113.9:4711\"",
        "for=203.0.113.9:4711",
        ";;for=203.0.113.9;",
        "by=\"a,b;c\\\"d\";for=203.0.113.9",
        "for=203.0.113.9 ; by=_x",
        "for=203.0.113.9;ext=\"\\\\\"",
        "proto=gopher;for=203.0.113.9",
    ];
    for element in good {
        assert_eq!(
            forwarded(&format!("for=6.6.6.6,{element}")),
            "203.0.113.9 header",
            "{element:?}"
        );
        let inside = format!("{element}, for=\"10.0.0.2\"");
        assert_eq!(forwarded(&inside), "203.0.113.9 header", "{inside:?}");
    }
    assert_eq!(forwarded("for=\"[2001:db8::7]:4711\""), "2001:db8::7 header");
}

#[test]
fn p3_every_header_that_tells_an_address_is_taken_off_unless_it_is_the_configured_one() {
    let names = [
        "cf-connecting-ip",
        "cf-connecting-ipv6",
        "cf-pseudo-ipv4",
        "client-ip",
        "cloudfront-viewer-address",
        "do-connecting-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "forwarded",
        "forwarded-for",
        "forwarded-for-ip",
        "proxy-client-ip",
        "remote-addr",
        "true-client-ip",
        "wl-proxy-client-ip",
        "x-appengine-user-ip",
        "x-azure-clientip",
        "x-azure-socketip",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-envoy-external-address",
        "x-forwarded",
        "x-forwarded-for",
        "x-nf-client-connection-ip",
        "x-original-forwarded-for",
        "x-originating-ip",
        "x-real-ip",
        "x-remote-addr",
        "x-remote-ip",
        "x-vercel-forwarded-for",
    ];
    for name in names {
        let configured = behind_ten().header(ClientIpHeader::Single(HeaderName::from_static(name)));
        let other = behind_ten().header("x-another-one".parse().unwrap());
        assert!(has(&configured, "10.0.0.1", name), "{name}");
        assert!(!has(&configured, "203.0.113.9", name), "{name}");
        assert!(!has(&other, "10.0.0.1", name), "{name}");
        assert!(!has(&other, "203.0.113.9", name), "{name}");
    }
}
