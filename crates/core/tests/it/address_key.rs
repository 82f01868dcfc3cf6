//! The key under which an address counts.

use std::net::{IpAddr, Ipv6Addr};

use palisade_core::{ClientIp, ClientIpSource, IpKey, Ipv6Prefix};
use proptest::prelude::*;

fn key(addr: &str) -> String {
    IpKey::new(addr.parse().unwrap(), Ipv6Prefix::default()).to_string()
}

#[test]
fn p9_addresses_of_one_network_are_one_client() {
    assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    assert_eq!(key("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
    assert_ne!(key("2001:db8:1:3::1"), key("2001:db8:1:2::1"));
}

#[test]
fn p10_an_address_counts_by_its_bits_and_not_by_its_notation() {
    assert_eq!(key("::ffff:1.2.3.4"), "1.2.3.4");
    assert_eq!(key("::ffff:102:304"), "1.2.3.4");
    assert_eq!(key("2001:db8::1.2.3.4"), key("2001:db8::102:304"));
    assert_ne!(key("::1.2.3.4"), "1.2.3.4", "an IPv4-compatible address is not IPv4-mapped");
}

#[test]
fn a_mapped_address_is_shown_as_ipv4() {
    let ip =
        ClientIp::new("::ffff:9.8.7.6".parse().unwrap(), ClientIpSource::Peer, Ipv6Prefix::WHOLE);
    assert_eq!(ip.to_string(), "9.8.7.6");
}

#[test]
fn a_prefix_that_would_merge_or_split_too_much_is_refused() {
    for bits in [0, 32, 47, 129, 255] {
        let error = Ipv6Prefix::new(bits).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "`{bits}` is not a valid IPv6 prefix: expected 48 to 128 bits; did you mean `64`?"
            )
        );
    }
}

#[test]
fn a_network_with_host_bits_or_of_another_size_is_no_key() {
    for text in [
        "",
        "x",
        "1.2.3.0/24",
        "1.2.3.4/33",
        "2001:db8::1/64",
        "2001:db8::/129",
        "2001::/16",
        "1.2.3.4/",
        "::1%lo",
    ] {
        assert!(text.parse::<IpKey>().is_err(), "{text}");
    }
}

proptest! {
    /// Law: what is shown is read back as the same key.
    #[test]
    fn a_key_survives_text(bits in any::<u128>(), v4 in any::<u32>(), prefix in 48_u8..=128) {
        let prefix = Ipv6Prefix::new(prefix).unwrap();
        for addr in [IpAddr::V6(Ipv6Addr::from_bits(bits)), IpAddr::V4(v4.into())] {
            let key = IpKey::new(addr, prefix);
            prop_assert_eq!(key.to_string().parse::<IpKey>().unwrap(), key);
        }
    }

    /// Law: no text makes the parser panic.
    #[test]
    fn any_text_is_a_key_or_an_error(text in ".*") {
        let _result = text.parse::<IpKey>();
    }
}
