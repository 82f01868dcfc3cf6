//! The address of a client, and the key under which it is counted.

use std::{
    fmt,
    hash::{Hash, Hasher},
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use crate::ConfigError;

/// The address of the peer on the socket, put into the request's extensions by the server.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PeerAddr(pub SocketAddr);

/// The address of the client, and how it was derived.
///
/// Always canonical: an IPv4-mapped IPv6 address is IPv4.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClientIp {
    addr: IpAddr,
    source: ClientIpSource,
    key: IpKey,
}

/// Where a client's address comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ClientIpSource {
    /// The peer on the socket.
    Peer,
    /// The configured header, as written by trusted proxies.
    Header,
    /// The peer, because the header stopped making sense before it named a client.
    PeerAfterJunk,
}

/// The key under which an address is counted, limited and banned: an IPv4 address, or an IPv6 network, since one client
/// owns a whole network there.
///
/// Shown as `203.0.113.9` or `2001:db8::/64`; both forms are read back.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub struct IpKey {
    network: IpAddr,
    prefix: u8,
}

/// How many leading bits of an IPv6 address count as one client: 48 to 128, usually 64.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ipv6Prefix(u8);

/// A text that is no [`IpKey`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IpKeyError(ConfigError);

// === impl ClientIp ===

impl ClientIp {
    /// Takes the address, in its canonical form, and the key that `prefix` gives it.
    #[must_use]
    pub fn new(addr: IpAddr, source: ClientIpSource, prefix: Ipv6Prefix) -> Self {
        let addr = addr.to_canonical();
        Self { addr, source, key: IpKey::new(addr, prefix) }
    }

    /// The address.
    #[must_use]
    pub fn addr(&self) -> IpAddr {
        self.addr
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> ClientIpSource {
        self.source
    }

    /// The key under which it is counted.
    #[must_use]
    pub fn key(&self) -> IpKey {
        self.key
    }
}

impl fmt::Display for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.addr.fmt(f)
    }
}

// === impl ClientIpSource ===

impl ClientIpSource {
    /// The name in logs and in the oracle's answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Header => "header",
            Self::PeerAfterJunk => "peer-after-junk",
        }
    }
}

// === impl IpKey ===

impl IpKey {
    /// The key of `addr`: itself if it is IPv4 (also when written as IPv4-mapped IPv6), else its network of `prefix` bits.
    #[must_use]
    pub fn new(addr: IpAddr, prefix: Ipv6Prefix) -> Self {
        match addr.to_canonical() {
            IpAddr::V4(v4) => Self { network: IpAddr::V4(v4), prefix: 32 },
            IpAddr::V6(v6) => Self { network: IpAddr::V6(prefix.network_of(v6)), prefix: prefix.0 },
        }
    }

    /// The first address of the network.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        self.network
    }

    /// The length of the network's prefix in bits: 32 for IPv4.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
}

/// Two numbers, where the derived one has six parts to hash.
impl Hash for IpKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let bits = match self.network {
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits(),
        };
        state.write_u128(bits);
        state.write_u8(self.prefix);
    }
}

impl fmt::Display for IpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.network {
            IpAddr::V4(addr) => addr.fmt(f),
            IpAddr::V6(addr) if self.prefix == 128 => addr.fmt(f),
            IpAddr::V6(addr) => write!(f, "{addr}/{}", self.prefix),
        }
    }
}

impl fmt::Debug for IpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for IpKey {
    type Err = IpKeyError;

    /// Reads an address or an IPv6 network. Host bits must be zero: a typo must not ban more than was meant.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            let expected = "an address (`203.0.113.9`) or an IPv6 network of 48 to 128 bits (`2001:db8:1:2::/64`)";
            IpKeyError(ConfigError::new("address key", text).expected(expected))
        };
        let (addr, prefix) = match text.split_once('/') {
            Some((addr, prefix)) => (addr, Some(prefix.parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let addr: IpAddr = addr.parse().map_err(|_| wrong())?;
        let key = match (addr.to_canonical(), prefix) {
            (addr, None) | (addr @ IpAddr::V4(_), Some(32)) => Self::new(addr, Ipv6Prefix::WHOLE),
            (IpAddr::V4(_), Some(_)) => return Err(wrong()),
            (addr, Some(bits)) => Self::new(addr, Ipv6Prefix::new(bits).map_err(|_| wrong())?),
        };
        if key.network == addr.to_canonical() { Ok(key) } else { Err(wrong()) }
    }
}

// === impl Ipv6Prefix ===

impl Ipv6Prefix {
    /// The whole address counts.
    pub const WHOLE: Self = Self(128);

    /// Takes a number of bits.
    ///
    /// # Errors
    ///
    /// Below 48 a typo would count a provider as one client; above 128 there is nothing.
    pub fn new(bits: u8) -> Result<Self, ConfigError> {
        if (48..=128).contains(&bits) {
            Ok(Self(bits))
        } else {
            Err(ConfigError::new("IPv6 prefix", bits.to_string())
                .expected("48 to 128 bits")
                .meant("64"))
        }
    }

    /// The number of bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    fn network_of(self, addr: Ipv6Addr) -> Ipv6Addr {
        let host_bits = 128_u32.saturating_sub(u32::from(self.0));
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Ipv6Addr::from_bits(addr.to_bits() & mask)
    }
}

impl Default for Ipv6Prefix {
    fn default() -> Self {
        Self(64)
    }
}

// === impl IpKeyError ===

impl fmt::Display for IpKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for IpKeyError {}
