//! One network: the bits its addresses begin with.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use palisade_core::ConfigError;

use crate::node::decimal;

/// A network. Addresses are compared as 128 bits, IPv4 in its IPv4-mapped form, so that notation never decides.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct Network {
    first: u128,
    /// Of 128 bits, also for IPv4.
    prefix: u32,
}

/// `::ffff:0:0/96`: all of IPv4.
const IPV4: Network = Network { first: 0xFFFF_0000_0000, prefix: 96 };

/// Unique local and link local IPv6: short prefixes, and nobody comes from there over the internet.
const LOCAL: [Network; 2] =
    [Network { first: 0xFC00 << 112, prefix: 7 }, Network { first: 0xFE80 << 112, prefix: 10 }];

/// Shorter prefixes name no network of one's own: half of the internet is not a proxy.
const SHORTEST_IPV4: u32 = 96 + 8;
const SHORTEST_IPV6: u32 = 16;

// === impl Network ===

impl Network {
    /// Reads an address or a network in CIDR notation. Host bits must be zero: it is not clear what was meant.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let wrong = || {
            ConfigError::new("trusted network", text).expected(
                "an address (`192.0.2.7`), a network (`10.0.0.0/8`, `2001:db8::/32`), or one of `loopback`, `linklocal`, `uniquelocal`",
            )
        };
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => (addr, Some(prefix)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| wrong())?;
        let (width, before) = if addr.is_ipv4() { (32, 96) } else { (128, 0) };
        let prefix = match prefix {
            None => 128,
            Some(prefix) => {
                let prefix = decimal(prefix).map(u32::from).filter(|bits| *bits <= width);
                prefix.and_then(|bits| bits.checked_add(before)).ok_or_else(wrong)?
            }
        };
        let first = bits(addr);
        let network = Self { first: first & mask(prefix), prefix };
        if network.first == first {
            Ok(network)
        } else {
            let expected = "a network whose host bits are zero";
            Err(ConfigError::new("trusted network", text)
                .expected(expected)
                .meant(network.to_string()))
        }
    }

    pub(crate) fn contains(self, addr: IpAddr) -> bool {
        bits(addr) & mask(self.prefix) == self.first
    }

    /// Whether it trusts so many that it trusts everyone.
    pub(crate) fn is_too_broad(self) -> bool {
        // An IPv6 network can hold all of IPv4: `::/80` does.
        if self.holds(IPV4) || IPV4.holds(self) {
            self.prefix < SHORTEST_IPV4
        } else {
            self.prefix < SHORTEST_IPV6 && !LOCAL.iter().any(|local| local.holds(self))
        }
    }

    fn holds(self, other: Self) -> bool {
        self.prefix <= other.prefix && other.first & mask(self.prefix) == self.first
    }
}

fn bits(addr: IpAddr) -> u128 {
    match addr {
        IpAddr::V4(addr) => addr.to_ipv6_mapped().to_bits(),
        IpAddr::V6(addr) => addr.to_bits(),
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(prefix)).unwrap_or(0)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = Ipv6Addr::from_bits(self.first);
        match (first.to_ipv4_mapped(), self.prefix.checked_sub(96)) {
            (Some(v4), Some(prefix)) => write!(f, "{v4}/{prefix}"),
            _ => write!(f, "{first}/{}", self.prefix),
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
