//! One network, and the mistakes people make when they write one.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use palisade_core::ConfigError;

use crate::bits::Bits;

/// Below these lengths a network is more likely a typo than meant (mailcow#2027: a `/8` for a `/28`).
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 16;

/// A network by its first address and the length of its prefix. IPv4-mapped networks are IPv4.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Network {
    V4 { start: u32, prefix: u8 },
    V6 { start: u128, prefix: u8 },
}

// === impl Network ===

impl Network {
    /// Reads `203.0.113.50`, `203.0.113.0/24`, `2001:db8::1` or `2001:db8::/32`.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        match Self::read(text) {
            Some(network) if network.masked() == network => Ok(network),
            // Which of the two was meant, the address or the network, only the author knows.
            Some(network) => Err(ConfigError::new("network", text)
                .expected("an address alone, or a network with no bit set behind its prefix")
                .meant(network.masked().to_string())),
            None => {
                // No address is longer: this may be a token in the wrong list, and it is not repeated.
                let shown = if text.len() > 50 { "…" } else { text };
                Err(ConfigError::new("address", shown)
                    .expected("an address (`203.0.113.50`) or a network (`203.0.113.0/24`)"))
            }
        }
    }

    /// Refuses a network that holds a large part of all addresses.
    pub(crate) fn refuse_wide(self) -> Result<Self, ConfigError> {
        self.shortest_prefix().map_or(Ok(self), |shortest| {
            let expected = format!(
                "a prefix of at least /{shortest}; if so many addresses are meant, write \
                 {{\"value\": \"{self}\", \"wide\": true}}"
            );
            Err(ConfigError::new("network", self.to_string()).expected(expected))
        })
    }

    /// Refuses it in a plain list, which has no way to say that it is meant.
    pub(crate) fn refuse_wide_in_plain_list(self) -> Result<Self, ConfigError> {
        self.shortest_prefix().map_or(Ok(self), |shortest| {
            let expected = format!(
                "a prefix of at least /{shortest}; if so many addresses are meant, write \
                 {{\"value\": \"{self}\", \"wide\": true}} into `blockedIPs` instead"
            );
            Err(ConfigError::new("network", self.to_string()).expected(expected))
        })
    }

    /// The shortest prefix that is believed, if this one is shorter.
    fn shortest_prefix(self) -> Option<u8> {
        let (prefix, shortest) = match self {
            Self::V4 { prefix, .. } => (prefix, SHORTEST_V4),
            Self::V6 { prefix, .. } => (prefix, SHORTEST_V6),
        };
        (prefix < shortest).then_some(shortest)
    }

    /// As it is written, with bits behind its prefix if they are.
    fn read(text: &str) -> Option<Self> {
        // Nearly all are IPv4, and this reads one five times as fast as the standard library.
        if let Some((bits, rest)) = dotted(text.as_bytes()) {
            let prefix = match rest {
                [] => 32,
                [b'/', prefix @ ..] => decimal(prefix)?,
                _ => return None,
            };
            return (prefix <= 32).then_some(Self::V4 { start: bits, prefix });
        }
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => (addr, Some(decimal(prefix.as_bytes())?)),
            None => (text, None),
        };
        Self::of(addr.parse().ok()?, prefix)
    }

    /// `None` if the prefix is longer than the address.
    fn of(addr: Ipv6Addr, prefix: Option<u8>) -> Option<Self> {
        let prefix = prefix.unwrap_or(128);
        if prefix > 128 {
            return None;
        }
        let v4 = addr.to_ipv4_mapped().map(Ipv4Addr::to_bits).zip(prefix.checked_sub(96));
        Some(match v4 {
            Some((start, prefix)) => Self::V4 { start, prefix },
            None => Self::V6 { start: addr.to_bits(), prefix },
        })
    }

    fn masked(self) -> Self {
        match self {
            Self::V4 { start, prefix } => Self::V4 { start: start.masked(prefix), prefix },
            Self::V6 { start, prefix } => Self::V6 { start: start.masked(prefix), prefix },
        }
    }
}

/// Shows a single address without its prefix.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4 { start, prefix: 32 } => Ipv4Addr::from_bits(start).fmt(f),
            Self::V4 { start, prefix } => write!(f, "{}/{prefix}", Ipv4Addr::from_bits(start)),
            Self::V6 { start, prefix: 128 } => Ipv6Addr::from_bits(start).fmt(f),
            Self::V6 { start, prefix } => write!(f, "{}/{prefix}", Ipv6Addr::from_bits(start)),
        }
    }
}

/// Reads an IPv4 address as [`Ipv4Addr`]'s parser does, and returns what follows it.
fn dotted(text: &[u8]) -> Option<(u32, &[u8])> {
    let (a, rest) = octet(text)?;
    let (b, rest) = octet(rest.strip_prefix(b".")?)?;
    let (c, rest) = octet(rest.strip_prefix(b".")?)?;
    let (d, rest) = octet(rest.strip_prefix(b".")?)?;
    Some((u32::from_be_bytes([a, b, c, d]), rest))
}

/// Reads up to three digits: no leading zero, no more than 255. What follows is for the caller to judge.
fn octet(text: &[u8]) -> Option<(u8, &[u8])> {
    let (first, mut rest) = digit(text)?;
    let mut value = first;
    if first > 0 {
        while let Some((digit, behind)) = digit(rest) {
            // Four digits at most, before it is too much.
            value = value.wrapping_mul(10).wrapping_add(digit);
            if value > 255 {
                return None;
            }
            rest = behind;
        }
    }
    Some((u8::try_from(value).ok()?, rest))
}

fn digit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = text.split_first()?;
    let digit = first.wrapping_sub(b'0');
    (digit < 10).then_some((u32::from(digit), rest))
}

/// Digits alone, to the end: the standard parser would also take `+8`.
fn decimal(text: &[u8]) -> Option<u8> {
    let (value, rest) = octet(text)?;
    rest.is_empty().then_some(value)
}
