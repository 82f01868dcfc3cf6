//! Networks that are never banned: proxies, health checks, one's own monitors.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_core::{ConfigError, IpKey};

/// A few networks that are never banned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protected {
    networks: Vec<IpNet>,
}

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

    /// Whether a ban of `key` would hit a protected address: a /64 around one is as bad as the address itself.
    pub(crate) fn overlaps(&self, key: IpKey) -> bool {
        let Ok(banned) = IpNet::new(key.network(), key.prefix()) else { return false };
        self.networks.iter().any(|network| network.contains(&banned) || banned.contains(network))
    }

    pub(crate) fn contains(&self, addr: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&addr))
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
