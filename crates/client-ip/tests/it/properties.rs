//! Laws that hold for every request.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use palisade_client_ip::{ClientIpHeader, Trust, resolve};
use palisade_core::{ClientIp, ClientIpSource, Ipv6Prefix};
use proptest::prelude::*;

fn found(peer: IpAddr, lines: &[Vec<u8>], trust: &Trust, header: &ClientIpHeader) -> ClientIp {
    let lines = lines.iter().map(Vec::as_slice);
    resolve(peer, lines, trust, header, Ipv6Prefix::default())
}

/// The same with the lines joined to one, as a proxy between may do (RFC 9110 section 5.3).
fn joined(lines: &[Vec<u8>]) -> Vec<Vec<u8>> {
    if lines.is_empty() { Vec::new() } else { vec![lines.join(&b", "[..])] }
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0..4_u8, 1..5_u8).prop_map(|(net, host)| IpAddr::V4(Ipv4Addr::new(
            [10, 192, 203, 8][usize::from(net)],
            0,
            0,
            host
        ))),
        (0..3_u8, 1..5_u16).prop_map(|(net, host)| {
            IpAddr::V6(Ipv6Addr::new(
                [0x2001, 0xfe80, 0xfd00][usize::from(net)],
                0,
                0,
                0,
                0,
                0,
                0,
                host,
            ))
        }),
        any::<u32>().prop_map(|bits| IpAddr::V6(Ipv4Addr::from_bits(bits).to_ipv6_mapped())),
    ]
}

fn trusts() -> impl Strategy<Value = Trust> {
    prop_oneof![
        Just(Trust::None),
        Just(Trust::networks(["10.0.0.0/8", "fe80::/10"]).unwrap()),
        Just(Trust::networks(["uniquelocal", "192.0.0.0/8", "2001::/16"]).unwrap()),
        (0..5_u8).prop_map(Trust::Hops),
    ]
}

fn headers() -> impl Strategy<Value = ClientIpHeader> {
    prop_oneof![
        Just(ClientIpHeader::XForwardedFor),
        Just(ClientIpHeader::Forwarded),
        Just("x-real-ip".parse().unwrap()),
    ]
}

/// Bytes that look like a header now and then.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        addresses().prop_map(|addr| addr.to_string().into_bytes()),
        addresses().prop_map(|addr| format!("for=\"{addr}\"").into_bytes()),
        addresses().prop_map(|addr| format!("for=\"[{addr}]:80\"").into_bytes()),
        "[\",;=\\\\ ]{1,3}".prop_map(String::into_bytes),
        "(for=|proto=https|unknown|_x|, |,|;)".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

fn node(header: &ClientIpHeader, addr: IpAddr, style: u8) -> String {
    let bare = match (addr, style % 3) {
        (IpAddr::V6(v6), 1) => format!("[{v6}]"),
        (IpAddr::V6(v6), 2) => format!("[{v6}]:4711"),
        (IpAddr::V4(v4), 1) => format!("{v4}:80"),
        (addr, _) => addr.to_string(),
    };
    if *header == ClientIpHeader::Forwarded { format!("by=\"_a,b\";for=\"{bare}\"") } else { bare }
}

fn list_headers() -> impl Strategy<Value = ClientIpHeader> {
    prop_oneof![Just(ClientIpHeader::XForwardedFor), Just(ClientIpHeader::Forwarded)]
}

/// The walk in its plainest form, over addresses that are already read.
fn model(peer: IpAddr, entries: &[IpAddr], trust: &Trust) -> IpAddr {
    let mut chain = vec![peer.to_canonical()];
    chain.extend(entries.iter().rev().map(IpAddr::to_canonical));
    let trusted = |index: usize, addr: IpAddr| match trust {
        Trust::Networks(networks) => networks.contains(addr),
        Trust::Hops(hops) => index < usize::from(*hops),
        _ => false,
    };
    let decided = chain.iter().enumerate().find(|(index, addr)| !trusted(*index, **addr));
    decided.map_or(*chain.last().unwrap(), |(_, addr)| *addr)
}

proptest! {
    /// No bytes end the process, and the answer is the peer or an address that stands in the header.
    #[test]
    fn the_answer_is_the_peer_or_stands_in_the_header(
        peer in addresses(), lines in prop::collection::vec(soup(), 0..4), trust in trusts(), header in headers(),
    ) {
        let client = found(peer, &lines, &trust, &header);
        if client.source() == ClientIpSource::Header {
            let text = lines.join(&b"\n"[..]);
            let text = String::from_utf8_lossy(&text);
            let words = text.split(|c: char| !(c.is_ascii_hexdigit() || matches!(c, ':' | '.')));
            let stands = words.flat_map(|word| [word, word.rsplit_once(':').map_or("", |(left, _)| left)])
                .filter_map(|word| word.parse::<IpAddr>().ok())
                .any(|addr| addr.to_canonical() == client.addr());
            prop_assert!(stands, "{client} of {text:?}");
        } else {
            prop_assert_eq!(client.addr(), peer.to_canonical());
        }
    }

    /// From a peer that is not trusted, no header matters.
    #[test]
    fn an_untrusted_peer_is_the_client(
        peer in addresses(), lines in prop::collection::vec(soup(), 0..4), header in headers(),
    ) {
        for trust in [Trust::None, Trust::Hops(0), Trust::networks(["172.16.0.0/12"]).unwrap()] {
            let trusted = matches!(&trust, Trust::Networks(networks) if networks.contains(peer));
            prop_assume!(!trusted);
            let client = found(peer, &lines, &trust, &header);
            prop_assert_eq!((client.addr(), client.source()), (peer.to_canonical(), ClientIpSource::Peer));
        }
    }

    /// Whatever a client writes to the left of what decided, the answer is the same.
    #[test]
    fn entries_on_the_left_do_not_matter_once_something_right_of_them_decided(
        peer in addresses(), left in soup(), right in soup(), trust in trusts(), header in list_headers(),
    ) {
        // Quotes belong together in pairs: what trusted proxies wrote has no half of one.
        prop_assume!(right.iter().filter(|byte| **byte == b'"').count() % 2 == 0);
        // It decided if even a trusted address to its left is not reached.
        let probe = |addr: &str| {
            let element = if header == ClientIpHeader::Forwarded { format!("for={addr}, ") } else { format!("{addr}, ") };
            found(peer, &[[element.as_bytes(), &right].concat()], &trust, &header)
        };
        let (one, other) = (probe("10.9.9.9"), probe("10.8.8.8"));
        prop_assume!(one == other);
        let all = [&left[..], b", ", &right].concat();
        prop_assert_eq!(found(peer, &[all], &trust, &header), one);
        let lines = [left, right];
        prop_assert_eq!(found(peer, &lines, &trust, &header), one);
    }

    /// `X-Forwarded-For` on several lines is `X-Forwarded-For` on one, whatever stands in it.
    #[test]
    fn lines_are_joined(peer in addresses(), lines in prop::collection::vec(soup(), 0..5), trust in trusts()) {
        let header = ClientIpHeader::XForwardedFor;
        prop_assert_eq!(found(peer, &lines, &trust, &header), found(peer, &joined(&lines), &trust, &header));
    }

    /// A list that is cut into lines anywhere between entries gives what the plain model gives, in both headers and in
    /// every notation.
    #[test]
    fn wherever_a_list_is_cut_the_walk_is_the_model(
        peer in addresses(), entries in prop::collection::vec((addresses(), any::<u8>(), any::<bool>()), 0..8),
        trust in trusts(), header in list_headers(),
    ) {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for (addr, style, cut) in &entries {
            let node = node(&header, *addr, *style);
            match lines.last_mut() {
                Some(line) if !cut => line.extend(format!(", {node}").bytes()),
                _ => lines.push(node.into_bytes()),
            }
        }
        let addrs: Vec<IpAddr> = entries.iter().map(|(addr, ..)| *addr).collect();
        let expected = model(peer, &addrs, &trust);
        prop_assert_eq!(found(peer, &lines, &trust, &header).addr(), expected);
        prop_assert_eq!(found(peer, &joined(&lines), &trust, &header).addr(), expected);
    }

    /// A network that is accepted is read back as the same network, and holds its first address.
    #[test]
    fn networks_hold_their_first_address(addr in addresses(), bits in 0..=128_u8) {
        let text = format!("{addr}/{bits}");
        if let Ok(Trust::Networks(networks)) = Trust::networks([text.as_str()]) {
            prop_assert!(networks.contains(addr));
            prop_assert!(networks.contains(addr.to_canonical()));
        }
    }

    /// No text ends the process.
    #[test]
    fn any_text_may_be_configured(text in ".{0,40}") {
        drop(text.parse::<Trust>());
        drop(text.parse::<ClientIpHeader>());
    }
}
