//! Many networks of both families.

use std::{net::IpAddr, time::SystemTime};

use crate::{
    detail::{DetailId, Details},
    nested::{Draft, Nested},
    network::Network,
};

/// A set of networks that is built once and then only read.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    v4: Nested<u32>,
    v6: Nested<u128>,
}

/// Networks on their way into a set.
#[derive(Debug, Default)]
pub(crate) struct NetworkDrafts {
    v4: Vec<Draft<u32>>,
    v6: Vec<Draft<u128>>,
}

// === impl NetworkDrafts ===

impl NetworkDrafts {
    pub(crate) fn push(&mut self, network: Network, detail: DetailId) {
        match network {
            Network::V4 { start, prefix } => self.v4.push(Draft::new(start, prefix, detail)),
            Network::V6 { start, prefix } => self.v6.push(Draft::new(start, prefix, detail)),
        }
    }

    pub(crate) fn build(self, details: &Details) -> Networks {
        Networks { v4: Nested::build(self.v4, details), v6: Nested::build(self.v6, details) }
    }
}

// === impl Networks ===

impl Networks {
    pub(crate) fn len(&self) -> usize {
        self.v4.len().saturating_add(self.v6.len())
    }

    /// The most specific network that holds `addr` and counts at `at`.
    #[inline]
    pub(crate) fn find(
        &self,
        addr: IpAddr,
        details: &Details,
        at: SystemTime,
    ) -> Option<(Network, DetailId)> {
        let counts = |id| details.counts(id, at);
        match addr.to_canonical() {
            IpAddr::V4(v4) => {
                let (start, prefix, detail) = self.v4.find(v4.to_bits(), counts)?;
                Some((Network::V4 { start, prefix }, detail))
            }
            IpAddr::V6(v6) => {
                let (start, prefix, detail) = self.v6.find(v6.to_bits(), counts)?;
                Some((Network::V6 { start, prefix }, detail))
            }
        }
    }
}
