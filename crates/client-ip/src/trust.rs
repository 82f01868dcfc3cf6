//! Which proxies are trusted to say whom they talk for.

use std::{net::IpAddr, str::FromStr};

use palisade_core::ConfigError;

use crate::network::Network;

/// Which proxies are trusted to say whom they talk for. By default: none, and every header is ignored.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Trust {
    /// No proxy. The peer is the client.
    #[default]
    None,
    /// Proxies that connect from these networks.
    Networks(TrustedNetworks),
    /// This many proxies in a row, the peer being the first, from whatever address. `Hops(0)` trusts none.
    ///
    /// For proxies without fixed addresses. It holds only if *every* request comes through all of them: whoever reaches
    /// an inner proxy past the outer one writes his own address.
    Hops(u8),
}

/// Networks from which trusted proxies connect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustedNetworks {
    networks: Box<[Network]>,
}

// === impl Trust ===

impl Trust {
    /// Trusts proxies that connect from these addresses and networks. See [`TrustedNetworks::new`].
    ///
    /// # Errors
    ///
    /// Those of [`TrustedNetworks::new`].
    pub fn networks<T: AsRef<str>>(
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        TrustedNetworks::new(networks).map(Self::Networks)
    }

    /// Whether the proxy at `addr`, the `index`th from the right with the peer as number 0, is trusted.
    pub(crate) fn covers(&self, addr: IpAddr, index: usize) -> bool {
        match self {
            Self::None => false,
            Self::Networks(networks) => networks.contains(addr),
            Self::Hops(hops) => index < usize::from(*hops),
        }
    }
}

impl FromStr for Trust {
    type Err = ConfigError;

    /// Reads networks between commas, as a variable of the environment holds them. Nothing at all trusts none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Ok(Self::None);
        }
        Self::networks(text.split(',').map(str::trim))
    }
}

// === impl TrustedNetworks ===

impl TrustedNetworks {
    /// Takes addresses (`192.0.2.7`), networks (`10.0.0.0/8`, `2001:db8::/32`) and named ranges:
    ///
    /// - `loopback`: 127.0.0.0/8 and `::1`;
    /// - `linklocal`: 169.254.0.0/16 and `fe80::/10`;
    /// - `uniquelocal`: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and `fc00::/7`.
    ///
    /// # Errors
    ///
    /// What is none of these; host bits that are set; and networks that trust everyone: shorter than /8 for IPv4 or /16
    /// for IPv6. From inside a trusted network anyone can claim to be anyone.
    pub fn new<T: AsRef<str>>(networks: impl IntoIterator<Item = T>) -> Result<Self, ConfigError> {
        let trusted = Self::dangerous_any_size(networks)?;
        trusted.networks.iter().find(|network| network.is_too_broad()).map_or(Ok(()), too_broad)?;
        Ok(trusted)
    }

    /// Takes networks of any size, also `0.0.0.0/0`, which lets every client choose its own address. `::/0` holds IPv4
    /// too.
    ///
    /// Of use where nothing but a proxy can connect, by a firewall or a network of containers; [`Trust::Hops`] says the
    /// same with less danger.
    ///
    /// # Errors
    ///
    /// What is no network; host bits that are set.
    pub fn dangerous_any_size<T: AsRef<str>>(
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, ConfigError> {
        let mut all = Vec::new();
        for text in networks {
            let text = text.as_ref();
            match named(text) {
                Some(range) => {
                    for text in range {
                        all.push(Network::parse(text)?);
                    }
                }
                None => all.push(Network::parse(text).map_err(|error| suggest(text, error))?),
            }
        }
        Ok(Self { networks: all.into() })
    }

    /// The networks in CIDR notation, the named ranges spelt out: for whoever must not ban a proxy.
    pub fn cidrs(&self) -> impl Iterator<Item = String> {
        self.networks.iter().map(ToString::to_string)
    }

    /// Whether `addr` is in one of them, in whatever notation.
    #[must_use]
    pub fn contains(&self, addr: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(addr))
    }
}

/// The ranges of npm's proxy-addr, under its names.
fn named(name: &str) -> Option<&'static [&'static str]> {
    match name {
        "loopback" => Some(&["127.0.0.0/8", "::1/128"]),
        "linklocal" => Some(&["169.254.0.0/16", "fe80::/10"]),
        "uniquelocal" => Some(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]),
        _ => None,
    }
}

fn too_broad(network: &Network) -> Result<(), ConfigError> {
    let expected = "at least /8 for IPv4 and /16 for IPv6, since a shorter prefix trusts everyone to choose their own address";
    Err(ConfigError::new("trusted network", network.to_string()).expected(expected))
}

/// `Link-Local` was meant as `linklocal`.
fn suggest(text: &str, error: ConfigError) -> ConfigError {
    let name: String =
        text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    if named(&name).is_some() { error.meant(name) } else { error }
}
