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

proptest! {
    /// The network that is told is the longest of those that a scan finds; if a scan finds none, none is told.
    #[test]
    fn the_longest_prefix_is_what_a_naive_scan_finds(
        networks in vec((network(), any::<bool>()), 0..60),
        addrs in vec(addr(), 1..40),
    ) {
        let mut builder = Blocklist::builder();
        for ((start, prefix), ended) in &networks {
            let entry = Entry::new(format!("{start}/{prefix}"));
            builder = builder.block_ip(if *ended { entry.expires(now()) } else { entry });
        }
        let list = builder.build().unwrap();
        for addr in addrs {
            let longest = networks
                .iter()
                .filter(|(network, ended)| !ended && holds(*network, addr))
                .max_by_key(|((_, prefix), _)| *prefix)
                .map(|((start, prefix), _)| match (start, prefix) {
                    (IpAddr::V4(_), 32) | (IpAddr::V6(_), 128) => start.to_string(),
                    _ => format!("{start}/{prefix}"),
                });
            prop_assert_eq!(list.blocked_ip(addr, now()).map(|hit| hit.to_string()), longest);
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
