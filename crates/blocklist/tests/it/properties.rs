//! Laws that hold for every list.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use palisade_blocklist::{Blocklist, Entry};
use proptest::{collection::vec, prelude::*};

use crate::now;

/// A network whose addresses lie close together, so that many nest and many are equal.
fn network() -> impl Strategy<Value = (IpAddr, u8)> {
    let v4 = (0_u32..1 << 12, 20_u8..=32).prop_map(|(low, prefix)| {
        let bits = (0x0a00_0000 | low) & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        (IpAddr::V4(Ipv4Addr::from_bits(bits)), prefix)
    });
    let v6 = (0_u128..1 << 12, 116_u8..=128).prop_map(|(low, prefix)| {
        let bits = (0x2001_0db8_u128 << 96 | low)
            & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
        (IpAddr::V6(Ipv6Addr::from_bits(bits)), prefix)
    });
    prop_oneof![v4, v6]
}

fn addr() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0_u32..1 << 12).prop_map(|low| IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | low))),
        (0_u128..1 << 12)
            .prop_map(|low| IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8_u128 << 96 | low))),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
    ]
}

/// A network of any length anywhere, half of them near few places, so that lists have crowds and deserts.
fn network_anywhere() -> impl Strategy<Value = (IpAddr, u8)> {
    let v4 = (near_v4(), 8_u8..=32).prop_map(|(bits, prefix)| {
        let bits = bits & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        (IpAddr::V4(Ipv4Addr::from_bits(bits)), prefix)
    });
    let v6 = (near_v6(), 16_u8..=128).prop_map(|(bits, prefix)| {
        let bits = bits & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
        (IpAddr::V6(Ipv6Addr::from_bits(bits)), prefix)
    });
    prop_oneof![v4, v6].prop_filter("IPv4-mapped is IPv4", |(addr, _)| addr.to_canonical() == *addr)
}

fn near_v4() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), (0_u32..4, 0_u32..1 << 10).prop_map(|(top, low)| (top << 30) | low)]
}

fn near_v6() -> impl Strategy<Value = u128> {
    let crowded = (0_u128..4, 0_u128..4, 0_u128..16);
    prop_oneof![
        any::<u128>(),
        crowded.prop_map(|(top, middle, low)| (top << 126) | (middle << 60) | low)
    ]
}

/// Addresses where mistakes would be: around the ends of `networks`, and anywhere.
fn addrs_around(networks: &[((IpAddr, u8), bool)], more: Vec<IpAddr>) -> Vec<IpAddr> {
    let ends = networks.iter().flat_map(|((start, prefix), _)| match start {
        IpAddr::V4(start) => {
            let (first, size) =
                (start.to_bits(), u32::MAX.checked_shr((*prefix).into()).unwrap_or(0));
            let last = first | size;
            [first.wrapping_sub(1), first, last, last.wrapping_add(1)]
                .map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)))
        }
        IpAddr::V6(start) => {
            let (first, size) =
                (start.to_bits(), u128::MAX.checked_shr((*prefix).into()).unwrap_or(0));
            let last = first | size;
            [first.wrapping_sub(1), first, last, last.wrapping_add(1)]
                .map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits)))
        }
    });
    ends.map(|addr| addr.to_canonical()).chain(more).collect()
}

/// The longest network that a scan finds among those that did not end, as a hit shows it.
fn scanned(networks: &[((IpAddr, u8), bool)], addr: IpAddr) -> Option<String> {
    let counting = networks.iter().filter(|(network, ended)| !ended && holds(*network, addr));
    let longest = counting.max_by_key(|((_, prefix), _)| *prefix);
    longest.map(|((start, prefix), _)| match (start, prefix) {
        (IpAddr::V4(_), 32) | (IpAddr::V6(_), 128) => start.to_string(),
        _ => format!("{start}/{prefix}"),
    })
}

fn compiled(networks: &[((IpAddr, u8), bool)]) -> Blocklist {
    let mut builder = Blocklist::builder();
    for ((start, prefix), ended) in networks {
        let entry = Entry::new(format!("{start}/{prefix}"));
        builder = builder.block_ip(if *ended { entry.expires(now()) } else { entry });
    }
    builder.build().unwrap()
}

fn holds((start, prefix): (IpAddr, u8), addr: IpAddr) -> bool {
    match (start, addr) {
        (IpAddr::V4(start), IpAddr::V4(addr)) => {
            (start.to_bits() ^ addr.to_bits()).leading_zeros() >= u32::from(prefix)
        }
        (IpAddr::V6(start), IpAddr::V6(addr)) => {
            (start.to_bits() ^ addr.to_bits()).leading_zeros() >= u32::from(prefix)
        }
        _ => false,
    }
}

/// The rules, by the standard library's parsers.
fn is_network(text: &str) -> bool {
    let (addr, prefix) = match text.split_once('/') {
        Some((addr, prefix)) => {
            let is_plain = prefix == "0" || !prefix.starts_with(['0', '+']);
            let Some(prefix) = prefix.parse::<u8>().ok().filter(|_| is_plain) else { return false };
            (addr, Some(prefix))
        }
        None => (text, None),
    };
    let Ok(addr) = addr.parse::<IpAddr>() else { return false };
    let (bits, length, offset) = match addr {
        IpAddr::V4(addr) => (u128::from(addr.to_bits()), 32, 0),
        IpAddr::V6(addr) => (addr.to_bits(), 128, 0),
    };
    let prefix = prefix.unwrap_or(length);
    let behind = 128 - u32::from(length - prefix.min(length)) - offset;
    prefix <= length && bits & u128::MAX.checked_shr(behind).unwrap_or(0) == 0
}

proptest! {
    /// The network that is told is the longest of those that a scan finds; if a scan finds none, none is told.
    #[test]
    fn the_longest_prefix_is_what_a_naive_scan_finds(
        networks in vec((network(), any::<bool>()), 0..60),
        addrs in vec(addr(), 1..40),
    ) {
        let list = compiled(&networks);
        for addr in addrs_around(&networks, addrs) {
            let hit = list.blocked_ip(addr, now()).map(|hit| hit.to_string());
            prop_assert_eq!(hit, scanned(&networks, addr), "{}", addr);
        }
    }

    /// So it is wherever the networks lie: in crowds, in deserts, at both ends of all addresses.
    #[test]
    fn the_longest_prefix_is_found_however_the_networks_are_spread(
        networks in vec((network_anywhere(), proptest::bool::weighted(0.2)), 0..300),
        addrs in vec(any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))), 0..40),
    ) {
        let list = compiled(&networks);
        for addr in addrs_around(&networks, addrs) {
            let hit = list.blocked_ip(addr, now()).map(|hit| hit.to_string());
            prop_assert_eq!(hit, scanned(&networks, addr), "{}", addr);
        }
    }

    /// An address is read as the standard library reads it, and a prefix as digits without a sign or a leading zero.
    #[test]
    fn what_is_an_address_is_what_the_standard_library_says(
        text in prop_oneof![
            "[0-9]{1,4}(\\.[0-9]{1,4}){2,4}",
            "(25[0-9]|2[0-4][0-9]|1?[0-9]{1,2}|0[0-9])(\\.(25[0-9]|1?[0-9]{1,2})){3}[.: ]?",
            "[0-9a-fA-F:.]{0,40}",
            "([0-9a-f]{0,4}:){2,7}[0-9a-f]{0,5}",
            "(::|64:|::ffff:)[0-9]{1,3}(\\.[0-9]{1,3}){3}",
        ],
        prefix in prop_oneof![Just(String::new()), "/[0-9]{0,4}", "/[+ 0-9]{1,3}"],
    ) {
        let text = format!("{text}{prefix}");
        let list = Blocklist::builder().block_ip(Entry::new(text.as_str()).wide()).build();
        prop_assert_eq!(list.is_ok(), is_network(&text), "{}", text);
        if let (Ok(list), Ok(addr)) = (list, text.parse::<IpAddr>()) {
            prop_assert!(list.blocked_ip(addr, now()).is_some());
        }
    }

    /// A plain list says what the file says.
    #[test]
    fn a_plain_list_and_the_file_block_the_same(
        networks in vec(network_anywhere(), 1..60),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\t7\n"), Just(" # why\n"), Just(";\n\n")],
    ) {
        let text: String = networks.iter().map(|(start, prefix)| format!("{start}/{prefix}{end}")).collect();
        let plain = Blocklist::parse_plain(&text, "plain").unwrap();
        let all: Vec<_> = networks.iter().map(|network| (*network, false)).collect();
        for addr in addrs_around(&all, Vec::new()) {
            let hit = plain.blocked_ip(addr, now()).map(|hit| hit.to_string());
            prop_assert_eq!(hit, scanned(&all, addr).map(|network| format!("{network} (plain)")));
        }
    }

    /// No bytes make the reader of plain lists panic, and every error is one line.
    #[test]
    fn no_bytes_make_the_reader_of_plain_lists_panic(bytes in vec(any::<u8>(), 0..60), text in "[0-9a-f:./#; \\t\\n-]{0,60}") {
        for bytes in [bytes, text.into_bytes()] {
            if let Err(error) = Blocklist::parse_plain(bytes, "x") {
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }

    /// No bytes make the parser panic, and every error fits on one line.
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*", tail in vec(any::<u8>(), 0..20)) {
        for bytes in [text.as_bytes(), &tail] {
            if let Err(error) = Blocklist::parse(bytes, "x") {
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }

    /// No entry makes it panic either, wherever it stands.
    #[test]
    fn no_entry_makes_the_parser_panic(
        key in prop_oneof![
            Just("blockedIPs"), Just("blockedUserIds"), Just("blockedTokens"), Just("blockedCountries"), Just("safeIPs"), Just("other"),
        ],
        value in prop_oneof!["\\PC{0,20}", "[0-9a-f:./]{0,40}", "sha256:[0-9a-f]{60,66}"],
        field in prop_oneof![Just("reason"), Just("expires"), Just("wide"), Just("more")],
        more in prop_oneof!["\\PC{0,20}", "[0-9TZ:.+-]{0,30}"],
    ) {
        let value = serde_json::to_string(&value).unwrap();
        let more = serde_json::to_string(&more).unwrap();
        let json = format!("{{\"{key}\": [{value}, {{\"value\": {value}, \"{field}\": {more}}}]}}");
        drop(Blocklist::parse(json, "x"));
    }

    /// What is written in the file's form is found again.
    #[test]
    fn every_entry_that_is_read_is_found(
        networks in vec(network(), 0..20),
        users in vec("[a-zA-Z0-9._@-]{1,30}", 0..20),
    ) {
        let texts: Vec<_> = networks.iter().map(|(start, prefix)| format!("{start}/{prefix}")).collect();
        let json = serde_json::json!({"blockedIPs": texts, "blockedUserIds": users}).to_string();
        let list = Blocklist::parse(json, "x").unwrap();
        for (start, _) in networks {
            prop_assert!(list.blocked_ip(start, now()).is_some());
        }
        for user in users {
            prop_assert!(list.blocked_user(&crate::user(&user), now()).is_some());
        }
    }
}
