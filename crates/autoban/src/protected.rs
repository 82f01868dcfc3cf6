//! Networks that are never banned: proxies, health checks, one's own monitors.

use std::{fmt, net::IpAddr, sync::Arc};

use ipnet::IpNet;
use palisade_core::{ClientIp, ClientIpSource, ConfigError, IpKey};

/// A few networks that are never banned, and whatever others say is not.
#[derive(Clone, Default)]
pub(crate) struct Protected {
    networks: Vec<IpNet>,
    asked: Vec<Asked>,
    /// Of the peer on the socket alone: what a header says to be loopback is anybody.
    pub(crate) loopback: bool,
}

type Asked = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

impl Protected {
    pub(crate) fn add(&mut self, text: &str) -> Result<(), ConfigError> {
        let wrong = || {
            ConfigError::new("protected network", text)
                .expected("an address (`192.0.2.7`) or a network (`10.0.0.0/8`)")
        };
        let network: IpNet = match text.parse::<IpAddr>() {
            Ok(addr) => addr.into(),
            Err(_) => text.parse().map_err(|_| wrong())?,
        };
        if network.trunc() != network {
            return Err(wrong().meant(network.trunc().to_string()));
        }
        if network.prefix_len() == 0 {
            return Err(ConfigError::new("protected network", text)
                .expected("a part of all addresses: nobody could be banned"));
        }
        self.networks.push(canonical(network));
        Ok(())
    }

    pub(crate) fn ask(&mut self, asked: Asked) {
        self.asked.push(asked);
    }

    /// Whether a ban of `key` would hit a protected address: a /64 around one is as bad as the address itself. Who is
    /// asked by closure is asked about the network's first address.
    pub(crate) fn overlaps(&self, key: IpKey) -> bool {
        let Ok(banned) = IpNet::new(key.network(), key.prefix()) else { return false };
        let network = |own: &IpNet| own.contains(&banned) || banned.contains(own);
        self.networks.iter().any(network) || self.is_asked(key.network())
    }

    /// Whether this client is not to be banned.
    pub(crate) fn spares(&self, client: &ClientIp) -> bool {
        self.overlaps(client.key()) || self.serves(client)
    }

    /// Whether this client is served whatever is banned.
    pub(crate) fn serves(&self, client: &ClientIp) -> bool {
        let addr = client.addr();
        self.networks.iter().any(|network| network.contains(&addr))
            || self.is_asked(addr)
            || (self.loopback && client.source() == ClientIpSource::Peer && addr.is_loopback())
    }

    fn is_asked(&self, addr: IpAddr) -> bool {
        self.asked.iter().any(|asked| asked(addr))
    }
}

impl fmt::Debug for Protected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protected")
            .field("networks", &self.networks)
            .field("asked", &self.asked.len())
            .field("loopback", &self.loopback)
            .finish()
    }
}

/// IPv4-mapped networks are IPv4, as the addresses are that they are compared with.
fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (addr @ IpAddr::V4(_), Some(prefix)) if matches!(network, IpNet::V6(_)) => {
            IpNet::new(addr, prefix).unwrap_or(network)
        }
        _ => network,
    }
}
